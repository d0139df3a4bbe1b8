import { guestName } from "playground-server/guest-name";

const KEY = "guest";

/** Who this tab is to the server: the same after a reload, and somebody else in another tab. */
export const guest = find();

/** What to call it. */
export const ownName = guestName(guest);

function find(): string {
  const invented = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
  try {
    const kept = sessionStorage.getItem(KEY);
    if (kept && /^[\da-f]{32}$/.test(kept)) return kept;
    sessionStorage.setItem(KEY, invented);
  } catch {
    // A browser that keeps nothing for pages: it is somebody else after each reload, then.
  }
  return invented;
}
