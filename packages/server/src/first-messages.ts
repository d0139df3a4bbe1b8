import type { EventFilter } from "./event-guard.ts";
import { comparePositions, type Position } from "./event-id.ts";
import type { InitialPolicy } from "./initial-policy.ts";
import type { Ring, StoredEntry } from "./ring.ts";

/** What channels have for a stream that starts at `upTo`, in log order. Rings of one channel count as one. */
export function firstMessages(
  rings: readonly Ring[],
  upTo: Position,
  initialFor: (channel: string) => InitialPolicy,
  filter: EventFilter | undefined,
): StoredEntry[] {
  const byChannel = new Map<string, Ring[]>();
  for (const ring of rings) {
    const known = byChannel.get(ring.channel);
    if (known) known.push(ring);
    else byChannel.set(ring.channel, [ring]);
  }
  return [...byChannel]
    .flatMap(([channel, own]) => newestOf(own, upTo, initialFor(channel), filter))
    .sort((a, b) => comparePositions(a.position, b.position));
}

function newestOf(
  rings: readonly Ring[],
  upTo: Position,
  policy: InitialPolicy,
  filter: EventFilter | undefined,
): StoredEntry[] {
  const found: StoredEntry[] = [];
  if (policy === "none") return found;
  const isOne = policy === "last" && !rings.some((ring) => ring.isKeyed);
  const wanted = typeof policy === "number" ? policy : isOne ? 1 : Number.POSITIVE_INFINITY;
  const seen = new Set<string>();
  // All of them before the first decision, as a filter may publish.
  const entries = filter ? [...newestFirst(rings, upTo)] : newestFirst(rings, upTo);
  for (const entry of entries) {
    if (found.length >= wanted) break;
    if (policy === "latest" && !entry.latest) continue;
    const key = entry.key ?? "";
    // A channel and its mail can have a state of one key each.
    if (typeof policy !== "number" && seen.has(key)) continue;
    if (filter && !filter.allows(entry)) continue;
    seen.add(key);
    found.push(entry);
  }
  return found;
}

function* newestFirst(rings: readonly Ring[], upTo: Position): Iterable<StoredEntry> {
  const sources = rings.map((ring) => ({ ring, next: ring.indexAfter(upTo) - 1 }));
  for (;;) {
    let latest: (typeof sources)[number] | undefined;
    for (const source of sources) {
      const entry = source.ring.at(source.next);
      const other = latest?.ring.at(latest.next);
      if (source.next >= 0 && (!other || comparePositions(entry!.position, other.position) > 0)) latest = source;
    }
    if (!latest) return;
    yield latest.ring.at(latest.next--)!;
  }
}
