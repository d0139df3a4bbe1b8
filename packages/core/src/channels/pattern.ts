/**
 * Whether a name or pattern covers a channel: `*` stands for one segment of a name, `**` at its end for one or more. A
 * pattern covers itself. Source: PROTOCOL.md, Channels and event names.
 */
export function covers(pattern: string, channel: string): boolean {
  const wanted = pattern.split("/");
  const segments = channel.split("/");
  const isOpen = wanted.at(-1) === "**";
  return (
    (isOpen ? segments.length >= wanted.length : segments.length === wanted.length) &&
    wanted.every((segment, index) => {
      const other = segments[index];
      return segment === other || segment === "**" || (segment === "*" && other !== "**");
    })
  );
}

/** Whether something said of the channels in a list concerns one: a loss in one of its channels is a loss of a pattern. */
export function concerns(list: readonly string[], channel: string): boolean {
  return list.some((other) => covers(other, channel) || covers(channel, other));
}
