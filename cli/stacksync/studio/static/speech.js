// What screen readers are told, and the one line beside the buttons that everybody sees.

const heard = document.getElementById("said");
const seen = document.getElementById("doing");

/** Say something once; the same words said again are said again. */
export function say(text) {
  heard.textContent = "";
  requestAnimationFrame(() => { heard.textContent = text; });
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
