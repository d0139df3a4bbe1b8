import { useReadable } from "@x/sse-react";
import { useClient } from "../client.ts";

/** Says so while what is shown may be out of date. */
export function Freshness() {
  const { status, openedAt } = useReadable(useClient().status);
  const isStale = status !== "open" && openedAt !== null;
  return <p className="freshness">{isStale && <span className="tag tag-warning">May be out of date</span>}</p>;
}
