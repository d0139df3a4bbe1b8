import type { Readable } from "@x/sse-react";
import { SAMPLE_MS } from "playground-shared/steps";
import { useCallback, useState } from "react";
import { useInterval } from "./use-interval.ts";

/** The value as it was at most a quarter of a second ago: figures that change with every frame cannot be read. */
export function useSampled<T>({ get }: Pick<Readable<T>, "get">): T {
  const [value, setValue] = useState<T>(get);
  useInterval(
    useCallback(() => setValue(() => get()), [get]),
    SAMPLE_MS,
  );
  return value;
}
