/** True for a subscription pattern (`chat/*`, `orders/**`), false for a concrete name. */
export function isPattern(name: string): boolean {
  return name.includes("*");
}

/** True when every `*` is a whole segment and `**` is the last one. */
export function isValidPattern(pattern: string): boolean {
  const segments = pattern.split("/");
  return segments.every(
    (segment, index) =>
      !segment.includes("*") || segment === "*" || (segment === "**" && index === segments.length - 1),
  );
}

/**
 * Compiles a name or pattern into a test for concrete names. `*` is one segment, a final `**` one or more; a segment may
 * be empty. Must agree with the pattern index, or an event is routed to a stream that then does not find it.
 */
export function compilePattern(pattern: string): (channel: string) => boolean {
  if (!isPattern(pattern)) return (channel) => channel === pattern;
  if (pattern === "**") return () => true;
  const wanted = pattern.split("/");
  const isOpen = wanted.at(-1) === "**";
  const fixed = isOpen ? wanted.slice(0, -1) : wanted;
  return (channel) => {
    const segments = channel.split("/");
    if (isOpen ? segments.length <= fixed.length : segments.length !== fixed.length) return false;
    return fixed.every((segment, index) => segment === "*" || segment === segments[index]);
  };
}

/**
 * The names both patterns cover, as one pattern or name; `undefined` when they have none in common. Takes their segments, as
 * one is compared with many.
 */
export function intersectPatterns(left: readonly string[], right: readonly string[]): string | undefined {
  const shared: string[] = [];
  for (let index = 0; ; index++) {
    const l = left[index];
    const r = right[index];
    if (l === undefined && r === undefined) return shared.join("/");
    if (l === undefined || r === undefined) return undefined;
    if (l === "**") return [...shared, ...right.slice(index)].join("/");
    if (r === "**") return [...shared, ...left.slice(index)].join("/");
    if (l !== r && l !== "*" && r !== "*") return undefined;
    shared.push(l === "*" ? r : l);
  }
}
