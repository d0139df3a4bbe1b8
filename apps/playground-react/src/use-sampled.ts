import type { Readable } from "@x/sse-react";
import { SAMPLE_MS } from "playground-shared/steps";
import { useEffect, useState } from "react";

/** The value as it was at most a quarter of a second ago: figures that change with every frame cannot be read. */
export function useSampled<T>({ get }: Pick<Readable<T>, "get">): T {
  const [value, setValue] = useState<T>(get);
  useEffect(() => {
    const take = () => setValue(() => get());
    take();
    const timer = setInterval(take, SAMPLE_MS);
    return () => clearInterval(timer);
  }, [get]);
  return value;
}
