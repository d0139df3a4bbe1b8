import type { ComponentInternalInstance, EffectScope, InjectionKey, ShallowRef } from "vue";
import {
  getCurrentInstance,
  getCurrentScope,
  inject,
  onActivated,
  onBeforeUnmount,
  onDeactivated,
  onMounted,
  shallowRef,
  ssrContextKey,
} from "vue";

/**
 * What is to be seen of the component around.
 *
 * | value | meaning |
 * |---|---|
 * | `"prerendered"` | what a server renders: there, and while its HTML is brought to life |
 * | `"away"` | nothing: not mounted yet, or put aside by `<KeepAlive>` |
 * | `"present"` | what is current; also outside of components, and in a store that a component has set up |
 */
export type Presence = "prerendered" | "away" | "present";

export function usePresence(): Readonly<ShallowRef<Presence>> {
  const instance = getCurrentInstance();
  const isOwn = instance && isScopeOf(instance);
  const look = (): Presence => (isOwn && !isOnPage(instance) ? "away" : "present");
  const isServer = instance && inject(ssrContextKey as InjectionKey<object>, null);
  // A component that is about to adopt HTML has its first element before it has rendered any.
  const isAdopting = instance?.vnode.el && !instance.isMounted;
  const presence = shallowRef(isServer || isAdopting ? "prerendered" : look());
  const become = (next: () => Presence) => () => {
    presence.value = next();
  };
  // One that is given up before it is mounted leaves its stores behind.
  if (instance) for (const hook of [onMounted, onActivated, onBeforeUnmount]) hook(become(look));
  if (isOwn) onDeactivated(become(() => "away"));
  return presence;
}

/** Whether what is set up now ends with the component: a store has a scope of its own and stays. */
function isScopeOf(instance: ComponentInternalInstance): boolean {
  type Scope = EffectScope & { readonly parent?: Scope };
  const own = (instance as ComponentInternalInstance & { readonly scope: Scope }).scope;
  let scope = getCurrentScope() as Scope | undefined;
  while (scope !== own && scope && !scope.detached) scope = scope.parent;
  return scope === own;
}

/** A component may also be mounted below one that has been put aside, as by data that come late. */
function isOnPage(instance: ComponentInternalInstance): boolean {
  for (let above: ComponentInternalInstance | null = instance; above; above = above.parent)
    if (above.isDeactivated) return false;
  return instance.isMounted;
}
