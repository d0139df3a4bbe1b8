import { createGroups, type Groups } from "./group.ts";
import { createHistory, type History } from "./history.ts";
import { createInboxes, type Inboxes } from "./inboxes.ts";
import type { InitialPolicy } from "./initial-policy.ts";
import { createMailboxes, type Mailboxes } from "./mailboxes.ts";
import type { ResolvedOptions } from "./options.ts";
import { createPerChannel } from "./per-channel.ts";

/** What a hub keeps of its events, and who reads it. */
export interface Stores {
  readonly history: History;
  readonly mailboxes: Mailboxes;
  readonly inboxes: Inboxes;
  readonly groups: Groups;
  /** `undefined` when no channel has a policy but "none". */
  readonly initialFor: ((channel: string) => InitialPolicy) | undefined;
}

/** Creates empty stores. */
export function createStores(options: ResolvedOptions): Stores {
  const { initial, initialByChannel, historyBytes, userHistoryBytes } = options;
  const limitsFor = createPerChannel(options.historyByChannel, options.history);
  const hasInitial = [initial, ...Object.values(initialByChannel)].some((each) => each !== "none");
  const initialFor = hasInitial ? createPerChannel(initialByChannel, initial) : undefined;
  const shared = { limitsFor, initialFor, now: options.environment.now };
  const history = createHistory({ ...shared, totalBytes: historyBytes });
  const mailboxes = createMailboxes({ ...shared, totalBytes: userHistoryBytes });
  const groups = createGroups(history, mailboxes);
  return { history, mailboxes, inboxes: createInboxes(mailboxes), groups, initialFor };
}
