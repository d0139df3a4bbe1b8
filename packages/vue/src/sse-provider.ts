import type { ChannelMap, SSEClient } from "@x/sse-core";
import type { PublicProps, SetupContext, Slot } from "vue";
import { provideSSEClient } from "./provider.ts";

/** Props of {@link SSEProvider}. */
export interface SSEProviderProps<T extends ChannelMap = ChannelMap> {
  /** The client that `useSSEClient` gives to everything below; another one takes its place there at once. */
  client: SSEClient<T>;
}

const setup = (props: SSEProviderProps, { slots }: SetupContext) => {
  provideSSEClient(() => props.client);
  return () => slots["default"]?.();
};

/** The same as {@link provideSSEClient}, for templates. It renders its default slot and no element of its own. */
// Its type is written out, because what Vue infers names types that the oldest one lacks.
export const SSEProvider = { name: "SSEProvider", props: ["client"], setup } as unknown as new <T extends ChannelMap>(
  props: SSEProviderProps<T> & PublicProps,
) => { $props: typeof props; $slots: { default?: Slot } };
