import { afterEach, expect, test, vi } from "vitest";
import { createDefaultEnvironment } from "../src/environment.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

// SPEC 4
test("a timer longer than a timer can be waits as long as one can, instead of not at all", () => {
  vi.useFakeTimers();
  const run = vi.fn();
  createDefaultEnvironment().setTimer(run, 2 ** 32 - 1);
  vi.advanceTimersByTime(2 ** 31 - 2);
  expect(run).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(run).toHaveBeenCalledOnce();
});

// SPEC 27
test("a page's events are heard by their names until that is ended, also those that only the document gets", () => {
  const page = new EventTarget();
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  const heard: string[] = [];
  const end = createDefaultEnvironment().onPageEvent((event) => heard.push(event));
  const names = ["online", "offline", "visibilitychange", "pagehide", "pageshow", "resume"];
  for (const name of [...names, "freeze", "beforeunload"]) page.dispatchEvent(new Event(name));
  expect(heard).toEqual(names);
  end();
  page.dispatchEvent(new Event("online"));
  expect(heard).toHaveLength(names.length);
});

test("where there is no page, nothing is hidden, offline or heard", () => {
  vi.stubGlobal("addEventListener", undefined);
  vi.stubGlobal("navigator", undefined);
  const environment = createDefaultEnvironment();
  expect(environment).toMatchObject({ isServer: true });
  expect([environment.isHidden(), environment.isOnline()]).toEqual([false, true]);
  environment.onPageEvent(() => {})();
});

test("what a browser says is asked for when it is needed", () => {
  const environment = createDefaultEnvironment();
  vi.stubGlobal("navigator", { onLine: false });
  vi.stubGlobal("document", { visibilityState: "hidden" });
  expect([environment.isHidden(), environment.isOnline()]).toEqual([true, false]);
  vi.stubGlobal("navigator", { onLine: true });
  vi.stubGlobal("document", { visibilityState: "visible" });
  expect([environment.isHidden(), environment.isOnline()]).toEqual([false, true]);
});
