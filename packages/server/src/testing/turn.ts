/**
 * Lets promise chains run to their end, and what they leave for the event loop. By a message to oneself, as test frameworks
 * that replace the timers leave those alone.
 */
export async function turn(): Promise<void> {
  await pass();
  // A chain may itself wait for one.
  await pass();
}

function pass(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      // An open port keeps the process running.
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
