import {
  getCurrentInstance,
  getCurrentScope,
  type InjectionKey,
  inject,
  onActivated,
  onDeactivated,
  onMounted,
  type ShallowRef,
  shallowRef,
  ssrContextKey,
} from "vue";

/** What has become of the component around; outside of components everything is as in a mounted one. */
export interface Presence {
  /** Whether it is on the page: mounted, and not put aside by `<KeepAlive>`. Never on a server. */
  readonly isPresent: Readonly<ShallowRef<boolean>>;
  /** Whether it renders what a server renders: there, and while its HTML is brought to life. */
  readonly isPrerendering: Readonly<ShallowRef<boolean>>;
}

export function usePresence(): Presence {
  const instance = getCurrentInstance();
  if (!instance) return { isPresent: shallowRef(true), isPrerendering: shallowRef(false) };

  const isPresent = shallowRef(false);
  // A component that is about to adopt HTML has its first element before it has rendered any.
  const isPrerendering = shallowRef(!!(instance.vnode.el || inject(ssrContextKey as InjectionKey<object>, null)));
  const scope = getCurrentScope();
  // A store that is set up in a component, in a scope of its own, stays when the component is put aside.
  let isOwn = true;
  onMounted(() => {
    isOwn = getCurrentScope() === scope;
    isPresent.value = true;
    isPrerendering.value = false;
  });
  onActivated(() => {
    isPresent.value = true;
  });
  onDeactivated(() => {
    isPresent.value = !isOwn;
  });
  return { isPresent, isPrerendering };
}
