import { comparePositions } from "./event-id.ts";
import type { Ring, StoredEntry } from "./ring.ts";

/** A ring and the index of the first entry wanted from it. */
export interface RingSlice {
  readonly ring: Ring;
  readonly from: number;
}

/** Entries of several channels in log order. */
export interface Merged {
  readonly entries: StoredEntry[];
  /** Sum of their frames in bytes. */
  readonly bytes: number;
  /** True when the byte limit left something behind. */
  readonly more: boolean;
}

interface Source {
  readonly ring: Ring;
  next: number;
  entry: StoredEntry;
}

/** Merges slices by position until the next frame would exceed `maxBytes`. The first frame is taken whatever its size. */
export function mergeRings(slices: readonly RingSlice[], maxBytes: number): Merged {
  const heap: Source[] = [];
  for (const { ring, from } of slices) {
    const entry = ring.at(from);
    if (entry) heap.push({ ring, next: from + 1, entry });
  }
  for (let index = (heap.length >>> 1) - 1; index >= 0; index--) sink(heap, index);

  const entries: StoredEntry[] = [];
  let bytes = 0;
  for (let top = heap[0]; top; top = heap[0]) {
    const size = top.entry.frame.byteLength;
    if (entries.length > 0 && bytes + size > maxBytes) return { entries, bytes, more: true };
    entries.push(top.entry);
    bytes += size;
    const following = top.ring.at(top.next++);
    if (following) top.entry = following;
    else removeTop(heap);
    sink(heap, 0);
  }
  return { entries, bytes, more: false };
}

function removeTop(heap: Source[]): void {
  const last = heap.pop()!;
  if (heap.length > 0) heap[0] = last;
}

function sink(heap: Source[], start: number): void {
  for (let index = start; ; ) {
    const left = index * 2 + 1;
    let first = index;
    if (left < heap.length && isBefore(heap[left]!, heap[first]!)) first = left;
    if (left + 1 < heap.length && isBefore(heap[left + 1]!, heap[first]!)) first = left + 1;
    if (first === index) return;
    [heap[index], heap[first]] = [heap[first]!, heap[index]!];
    index = first;
  }
}

function isBefore(a: Source, b: Source): boolean {
  return comparePositions(a.entry.position, b.entry.position) < 0;
}
