/*
 * What happened between a hub and a client, and the rules that it must keep. The rules are written down here once more,
 * from PROTOCOL.md and not from the code, and know neither the hub nor the client.
 */

/** A place in the log over all restarts: the run of the hub, counted from 0, and the position in that run's log. */
export interface Place {
  readonly run: number;
  readonly position: number;
}

export interface TracedMessage extends Place {
  readonly channel: string;
  readonly value: string;
}

export interface TracedGap {
  readonly channels: readonly string[];
  readonly reason: string;
  /** `null`: the server could not know. */
  readonly from: Place | null;
  readonly to: Place;
  /** How many messages the client's handlers had been given before the gap. */
  readonly at: number;
  /** Counts the streams: the one that brought the gap. */
  readonly stream: number;
}

export interface Trace {
  /** Everything that was published on any channel, in order. */
  readonly published: readonly TracedMessage[];
  /** Everything the client's handlers were given, in order. */
  readonly received: readonly TracedMessage[];
  /** Every gap the client was told of, in order. */
  readonly gaps: readonly TracedGap[];
  /** The channels the client subscribed to. */
  readonly channels: readonly string[];
  /** What the client had seen when its subscription began, or `null` if it never did. */
  readonly begin: Place | null;
  /** The hub's `replayMax`. */
  readonly replayMax: number;
}

/** Negative when `a` comes first, 0 for the same place. */
export function comparePlaces(a: Place, b: Place): number {
  return a.run - b.run || a.position - b.position;
}

const show = ({ run, position }: Place) => `${run}.${position}`;
const keyOf = ({ run, position }: Place) => `${run}.${position}`;
const isWithin = (place: Place, { from, to }: TracedGap) =>
  (from === null || comparePlaces(place, from) > 0) && comparePlaces(place, to) <= 0;

/** Says in words what is wrong with a trace; nothing, if it keeps every rule. */
export function faultsOf({ published, received, gaps, channels, begin, replayMax }: Trace): string[] {
  const faults: string[] = [];
  const sent = new Map(published.map((message) => [keyOf(message), message]));
  const had = new Set<string>();

  received.forEach((message, index) => {
    const name = `${message.channel} ${show(message)}`;
    const original = sent.get(keyOf(message));
    if (original?.channel !== message.channel || original.value !== message.value)
      faults.push(`phantom: ${name} was never published like that`);
    if (!channels.includes(message.channel)) faults.push(`phantom: ${name} is not of the subscription`);
    if (had.has(keyOf(message))) faults.push(`duplicate: ${name}`);
    had.add(keyOf(message));
    const previous = received[index - 1];
    if (previous && comparePlaces(previous, message) > 0)
      faults.push(`reordered: ${name} came after ${previous.channel} ${show(previous)}`);
  });

  if (begin) {
    for (const message of published) {
      const isDue = channels.includes(message.channel) && comparePlaces(message, begin) > 0;
      if (!isDue || had.has(keyOf(message))) continue;
      const name = `${message.channel} ${show(message)}`;
      const excuse = gaps.find((gap) => gap.channels.includes(message.channel) && isWithin(message, gap));
      if (!excuse) {
        faults.push(`lost without a signal: ${name}`);
        continue;
      }
      const next = received.findIndex((each) => each.channel === message.channel && comparePlaces(each, message) > 0);
      if (next !== -1 && next < excuse.at)
        faults.push(`signalled too late: ${name} was passed over before its gap (${excuse.reason})`);
    }
  }

  for (const [index, gap] of gaps.entries()) {
    const { reason, from, to, stream } = gap;
    const name = `${reason} gap of ${gap.channels.join()} up to ${show(to)}`;
    const range = published.filter((message) => gap.channels.includes(message.channel) && isWithin(message, gap));
    const stranger = gap.channels.find((channel) => !channels.includes(channel));
    if (stranger !== undefined) faults.push(`gap without need: ${name} names ${stranger}, which nobody subscribed to`);
    if (reason === "trimmed" || reason === "slow") {
      for (const channel of gap.channels) {
        // What was published before the subscription began was never due, so it cannot be lost either.
        const isDue = (message: TracedMessage) => begin !== null && comparePlaces(message, begin) > 0;
        const missing = range.filter((each) => each.channel === channel && isDue(each) && !had.has(keyOf(each)));
        if (missing.length === 0) faults.push(`gap without loss: nothing of ${channel} is missing for the ${name}`);
        // A stream that breaks right after a gap may bring it again; one and the same stream may not.
        const told = gaps.slice(0, index).filter((each) => each.stream === stream && each.channels.includes(channel));
        if (missing.length > 0 && missing.every((message) => told.some((each) => isWithin(message, each))))
          faults.push(`gap told twice: all that is missing of ${channel} for the ${name}`);
      }
      if (from && from.run !== to.run) faults.push(`gap without reason: ${name} spans a restart`);
    } else if (reason === "epoch") {
      if (from?.run === to.run) faults.push(`gap without reason: ${name} is within one epoch`);
    } else if (reason === "replay-limit") {
      if (range.length <= replayMax) faults.push(`gap without reason: ${name}, but only ${range.length} were missed`);
    } else if (reason !== "forgotten") faults.push(`gap without reason: ${name}`);
  }
  return faults;
}
