import type { ChannelMap, SSEClient } from "@x/sse-core";
import type { ComputedRef, InjectionKey, MaybeRefOrGetter, ObjectPlugin } from "vue";
import { computed, hasInjectionContext, inject, provide, toValue } from "vue";

const clientKey: InjectionKey<MaybeRefOrGetter<SSEClient>> = Symbol("SSE client");

/**
 * Hands a client to the whole application. It opens and closes nothing.
 *
 * @example
 * createApp(App).use(createSSEPlugin(client)).mount("#app");
 */
export function createSSEPlugin<T extends ChannelMap>(client: MaybeRefOrGetter<SSEClient<T>>): ObjectPlugin {
  return { install: (app) => void app.provide(clientKey, client as MaybeRefOrGetter<SSEClient>) };
}

/**
 * Hands a client to the components below the one whose setup calls it, in place of that of a provider above. It opens and
 * closes nothing.
 */
export function provideSSEClient<T extends ChannelMap>(client: MaybeRefOrGetter<SSEClient<T>>): void {
  provide(clientKey, client as MaybeRefOrGetter<SSEClient>);
}

/**
 * The client of the nearest provider, as a ref that follows it. Name the type of your channels to have it typed:
 * `useSSEClient<AppChannels>()`.
 *
 * @throws Error where there is none
 * @example
 * const { data } = useChannel(useSSEClient<AppChannels>(), "prices");
 */
export function useSSEClient<T extends ChannelMap = ChannelMap>(): ComputedRef<SSEClient<T>> {
  // Vue warns of looking where nothing can be provided, and says less than the error does.
  const client = hasInjectionContext() ? inject(clientKey, null) : null;
  if (!toValue(client))
    throw new Error(
      "useSSEClient needs a client: call app.use(createSSEPlugin(client)), or wrap the component in <SSEProvider :client>.",
    );
  return computed(() => toValue(client) as unknown as SSEClient<T>);
}
