/** Takes the focus from something that goes away. */
export function focusMain(): void {
  document.getElementById("main")?.focus({ preventScroll: true });
}
