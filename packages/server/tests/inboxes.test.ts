import { describe, expect, it } from "vitest";
import type { GroupMember } from "../src/group.ts";
import { createInboxes } from "../src/inboxes.ts";
import { createMailboxes } from "../src/mailboxes.ts";

function createMember(): GroupMember {
  return { group: () => undefined as never, advanceTo() {}, deliver() {} };
}

describe("the inboxes of a hub", () => {
  // SPEC 91
  it("keep nothing of a user whose last member has left", () => {
    const mailboxes = createMailboxes({
      limitsFor: () => ({ size: 1, bytes: 1, ttlMs: null }),
      initialFor: undefined,
      totalBytes: 1,
      now: () => 0,
    });
    const inboxes = createInboxes(mailboxes);
    const members = [createMember(), createMember()];
    for (const member of members) inboxes.join(inboxes.open("ann"), member);
    const inbox = inboxes.find("ann");
    expect(inbox?.members.size).toBe(2);
    for (const member of members) inboxes.leave(inbox, member);
    expect(inboxes.find("ann")).toBeUndefined();
    inboxes.leave(inbox, members[0]!);
    inboxes.join(inboxes.open(undefined), members[0]!);
    expect(inboxes.find("")).toBeUndefined();
  });
});
