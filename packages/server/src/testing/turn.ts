/**
 * Lets promise chains run to their end. By a message to oneself, as test frameworks that replace the timers leave those alone.
 */
export function turn(): Promise<void> {
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
