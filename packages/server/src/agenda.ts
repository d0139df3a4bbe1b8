import { type Aside, type Asides, createAsides } from "./aside.ts";
import { comparePositions, type Position } from "./event-id.ts";
import type { Group, GroupMember } from "./group.ts";

/** Who has to read on in the log or be told something with the next flush. */
export interface Agenda {
  readonly isEmpty: boolean;
  /**
   * Has the members of a group read on, who have `bytes` more to come. Those that were up to date have seen everything up to
   * `seen`. Returns how many bytes they have to come by now.
   */
  read(group: Group, seen: Position, bytes: number): number;
  /** Has a single member read on. */
  readAlone(member: GroupMember, seen: Position, bytes: number): number;
  tell(group: Group, aside: Aside): void;
  tellAlone(member: GroupMember, aside: Aside): void;
  /** Gives everybody their turn. May be entered again from inside. */
  run(now: number): void;
}

/** What somebody has to come. */
interface Due {
  /** Everything up to the first of it: what came later is not seen either. */
  readonly seen: Position;
  bytes: number;
}

/** Creates an empty agenda. */
export function createAgenda(): Agenda {
  const reading = new Map<Group, Due>();
  const readingAlone = new Map<GroupMember, Due>();
  const told = new Map<Group, Aside[]>();
  const toldAlone = new Map<GroupMember, Aside[]>();

  function asidesFor(member: GroupMember, shared: Asides | undefined): Asides | undefined {
    if (toldAlone.size === 0) return shared;
    const own = toldAlone.get(member);
    if (!own) return shared;
    toldAlone.delete(member);
    return createAsides([...(shared?.list ?? []), ...own].sort((a, b) => a.order - b.order));
  }

  function advanceAlone(): GroupMember[] {
    const members = [...readingAlone];
    readingAlone.clear();
    for (const [member, { seen }] of members) {
      const seenByGroup = reading.get(member.group())?.seen;
      // Whoever comes first decides, as a member advances once: nothing of the other kind must be skipped by that.
      const isLater = seenByGroup === undefined || comparePositions(seenByGroup, seen) > 0;
      member.advanceTo(isLater ? seen : seenByGroup);
    }
    return members.map(([member]) => member);
  }

  function runGroup(group: Group, now: number) {
    const seen = reading.get(group)?.seen;
    const shared = createAsides(told.get(group) ?? []);
    reading.delete(group);
    told.delete(group);
    // All before the first write: what is published by one must not look delivered to those that come after it.
    if (seen) for (const member of group.connections) member.advanceTo(seen);
    // Who joins meanwhile may have been told in another group, and who leaves may have dropped the channel.
    for (const member of [...group.connections])
      if (group.connections.has(member)) member.deliver(now, asidesFor(member, shared));
    group.forgetBatches();
  }

  return {
    get isEmpty() {
      return reading.size + readingAlone.size + told.size + toldAlone.size === 0;
    },
    read: (group, seen, bytes) => grow(reading, group, seen, bytes),
    readAlone: (member, seen, bytes) => grow(readingAlone, member, seen, bytes),
    tell: (group, aside) => append(told, group, aside),
    tellAlone: (member, aside) => append(toldAlone, member, aside),
    run(now) {
      const alone = advanceAlone();
      for (const group of new Set([...reading.keys(), ...told.keys()])) {
        // It can have had its turn from inside a write.
        if (!reading.has(group) && !told.has(group)) continue;
        // A write can have published for one of its members, and after that for all of them.
        if (readingAlone.size > 0) alone.push(...advanceAlone());
        runGroup(group, now);
      }
      for (const member of alone) {
        member.deliver(now, asidesFor(member, undefined));
        member.group().forgetBatches();
      }
      for (const member of [...toldAlone.keys()]) {
        if (toldAlone.has(member)) member.deliver(now, asidesFor(member, undefined));
      }
    },
  };
}

function grow<Key>(dues: Map<Key, Due>, key: Key, seen: Position, bytes: number): number {
  const known = dues.get(key);
  if (!known) dues.set(key, { seen, bytes });
  else known.bytes += bytes;
  return known?.bytes ?? bytes;
}

function append<Key>(lists: Map<Key, Aside[]>, key: Key, aside: Aside): void {
  const list = lists.get(key);
  if (list) list.push(aside);
  else lists.set(key, [aside]);
}
