import type { ParsedStream } from "./fake-response.ts";

interface Listing {
  readonly presence: Readonly<Record<string, readonly string[]>>;
  readonly presenceCounts?: Readonly<Record<string, number>>;
}

/** What a client that follows PROTOCOL.md believes about one channel. */
interface Believed {
  readonly users: string[];
  readonly count: number;
}

/** Follows `sse.hello` and `sse.presence` as PROTOCOL.md says. A change that says nothing new is a mistake of the server. */
export function presenceView({ events }: Pick<ParsedStream, "events">): Map<string, Believed> {
  let channels = new Map<string, { users: Set<string>; count: number }>();
  function list({ presence, presenceCounts = {} }: Listing) {
    channels = new Map(
      Object.entries(presence).map(([channel, users]) => [
        channel,
        {
          users: new Set(users),
          count: Object.hasOwn(presenceCounts, channel) ? presenceCounts[channel]! : users.length,
        },
      ]),
    );
  }
  for (const { event, json } of events) {
    if (event === "sse.hello") list(json as Listing);
    if (event !== "sse.presence") continue;
    const change = json as { type: string; channel: string; user: string } & Listing;
    if (change.type === "list") {
      list(change);
      continue;
    }
    const channel = channels.get(change.channel) ?? { users: new Set(), count: 0 };
    channels.set(change.channel, channel);
    const isComplete = channel.count === channel.users.size;
    const isNew = change.type === "join" ? !channel.users.has(change.user) : channel.users.has(change.user);
    if (!isNew && isComplete) throw new Error(`${change.type} of ${change.user} on ${change.channel} said nothing new`);
    channel.count += change.type === "join" ? 1 : -1;
    if (change.type === "join") channel.users.add(change.user);
    else channel.users.delete(change.user);
  }
  return new Map([...channels].map(([name, { users, count }]) => [name, { users: [...users].sort(), count }]));
}
