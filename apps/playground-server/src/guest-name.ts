/** What people call a guest, as in "Guest 417": short, always the same for the same id, and perhaps for another one too. */
export function guestName(id: string): string {
  let hash = 0;
  for (const char of id) hash = (Math.imul(hash, 31) + (char.codePointAt(0) ?? 0)) >>> 0;
  return `Guest ${100 + (hash % 900)}`;
}
