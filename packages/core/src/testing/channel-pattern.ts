/**
 * What two channel names or patterns have in common, as one of either kind; `undefined` for nothing. `*` stands for one
 * segment, `**` at the end for one or more. Source: PROTOCOL.md, Channels and event names.
 */
function intersect(a: string, b: string): string | undefined {
  return walk(a.split("/"), b.split("/"))?.join("/");
}

/** What names and patterns have in common with those that are allowed, sorted, each once. */
export function common(allowed: readonly string[], names: readonly string[]): readonly string[] {
  return [...new Set(names.flatMap((name) => allowed.flatMap((own) => intersect(own, name) ?? [])))].sort();
}

/** Whether one of the names and patterns covers the channel. */
export function isCovered(channel: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => intersect(pattern, channel) === channel);
}

function walk(a: readonly string[], b: readonly string[]): readonly string[] | undefined {
  const [first, ...others] = a;
  const [second, ...rest] = b;
  if (first === undefined || second === undefined) return first === second ? [] : undefined;
  if (first === "**") return b;
  if (second === "**") return a;
  if (first !== second && first !== "*" && second !== "*") return undefined;
  const tail = walk(others, rest);
  return tail && [first === "*" ? second : first, ...tail];
}
