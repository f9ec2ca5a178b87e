// What screen readers are told, and the one line beside the buttons that everybody sees.

const heard = document.getElementById("said");
const toasts = document.getElementById("toasts");
const LASTING = 4000; // ms that a toast is seen
const seen = document.getElementById("doing");

/** Say something once; the same words said again are said again. */
export function say(text) {
  heard.textContent = "";
  requestAnimationFrame(() => { heard.textContent = text; });
}

/** Say and show something short that goes by itself: it was done, and nothing has to be done about it. */
export function announce(text) {
  say(text);
  const toast = document.createElement("p");
  toast.className = "toast";
  toast.dataset.icon = "tick";
  toast.textContent = text;
  toasts.replaceChildren(toast);
  setTimeout(() => toast.remove(), LASTING);
}

/** Show what is going on; "" when nothing is. */
export function show(text, kind = "") {
  if (!seen) return;
  seen.textContent = text;
  seen.dataset.kind = kind;
}

/** Show and say what went wrong. */
export function complain(error) {
  show(error.message, "bad");
  say(error.message);
}
