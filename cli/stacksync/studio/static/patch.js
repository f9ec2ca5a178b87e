// Making what is on the page equal to HTML that the server drew anew, changing only what differs: whatever has the
// focus keeps it with its caret, panes stay where they were scrolled to, open disclosures stay open.

// Attributes that the page itself sets, while it waits and while a list of choices is open.
const OWN = ["aria-busy", "aria-expanded", "aria-controls", "aria-activedescendant"];

/** Return what the controls of a form hold, to see later which of them were changed meanwhile. */
export function snapshot(form) {
  return new Map([...form.elements].map((control) => [control, held(control)]));
}

/**
 * Make a form equal to its HTML.
 *
 * @param {HTMLFormElement} form
 * @param {string} html - A whole form.
 * @param {Map} before - The snapshot of when the HTML was asked for: what was typed since stays.
 * @param {object} [options]
 * @param {boolean} [options.replace] - Take every value from the HTML, even where somebody is typing.
 * @param {(name: string) => string} [options.origin] - Where a control's value stood before, when items have moved.
 */
export function patch(form, html, before, { replace = false, origin = (name) => name } = {}) {
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("form");
  if (!fresh) throw new Error("Studio answered something that is no form.");
  const secrets = new Map(secretsOf(form).map((control) => [control.name, control.value]));
  const focus = whereFocusIs(form);

  const isTyped = (control) => !replace && before.has(control) && before.get(control) !== held(control);
  const isBusy = (control) => !replace && control === document.activeElement && control.selectionStart !== undefined;
  equate(form, fresh, (control, wanted) => {
    if (!isTyped(control) && !isBusy(control)) hold(control, wanted);
  });

  // A typed password is never in the HTML: only the browser keeps it.
  for (const control of secretsOf(form)) {
    if ("kept" in control.dataset) control.value = control.value && !moved(control, origin) ? control.value : secrets.get(origin(control.name)) ?? "";
    else if (replace) control.value = "";
  }
  if (focus && document.activeElement?.id !== focus.id) restore(focus);
}

/** Make what is in an element equal to its HTML. Parts that come and go need ids, so that the others stay. */
export function renew(element, html) {
  const fresh = element.cloneNode(false);
  fresh.innerHTML = html;
  equateChildren(element, fresh, () => {});
}

function moved(control, origin) {
  return origin(control.name) !== control.name;
}

function secretsOf(form) {
  return [...form.querySelectorAll("input[data-secret]")];
}

function held(control) {
  return ["checkbox", "radio"].includes(control.type) ? control.checked : control.value;
}

function hold(control, wanted) {
  if (["checkbox", "radio"].includes(control.type)) control.checked = wanted.checked;
  else if (control.value !== valueOf(wanted) && !("secret" in control.dataset)) control.value = valueOf(wanted);
}

// An element of our own has its value as an attribute alone while it is in no page.
function valueOf(wanted) {
  return wanted.value ?? wanted.getAttribute("value");
}

function equate(old, fresh, settle) {
  equateAttributes(old, fresh);
  if ("own" in old.dataset) return; // what is in it is drawn by the page
  if (old.localName === "textarea") {
    if (old.defaultValue !== fresh.defaultValue) keepingValue(old, () => { old.defaultValue = fresh.defaultValue; });
  } else {
    equateChildren(old, fresh, settle);
  }
  // A box without a name is a filter of the page's own.
  if (["input", "textarea", "select", "choice-list"].includes(old.localName) && old.name) settle(old, fresh);
}

// The default of a text box nobody typed in is also its value.
function keepingValue(control, change) {
  const value = control.value;
  change();
  if (control.value !== value) control.value = value;
}

function equateAttributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    const isOwn = (name === "open" && old.localName === "details") || OWN.includes(name);
    if (!isOwn && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) === value) continue;
    if (name === "value" && old.localName === "input" && !isTicked(old)) keepingValue(old, () => old.setAttribute(name, value));
    else old.setAttribute(name, value);
  }
}

function isTicked(control) {
  return ["checkbox", "radio", "hidden"].includes(control.type);
}

function equateChildren(old, fresh, settle) {
  const wanted = new Set([...fresh.children].map((child) => child.id).filter(Boolean));
  const known = new Map([...old.children].filter((child) => child.id).map((child) => [child.id, child]));
  let here = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    const isGone = (node) => (node.id ? !wanted.has(node.id) : child.id && node.nodeType === Node.TEXT_NODE);
    // What is gone is taken out, so that what follows need not be moved: moving would take its focus.
    while (here && isGone(here)) here = dropped(here);
    const match = child.id ? known.get(child.id) : here;
    if (!match || !isAlike(match, child)) {
      old.insertBefore(document.importNode(child, true), here);
      continue;
    }
    if (match === here) here = here.nextSibling;
    else old.insertBefore(match, here);
    if (match.nodeType === Node.ELEMENT_NODE) equate(match, child, settle);
    else if (match.data !== child.data) match.data = child.data;
  }
  while (here) here = dropped(here);
}

function isAlike(one, other) {
  return one.nodeName === other.nodeName && (one.id ?? "") === (other.id ?? "") && one.type === other.type;
}

function dropped(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}

function whereFocusIs(form) {
  const active = document.activeElement;
  if (!active?.id || !form.contains(active)) return null;
  return { id: active.id, start: active.selectionStart, end: active.selectionEnd };
}

function restore({ id, start, end }) {
  const control = document.getElementById(id);
  control?.focus({ preventScroll: true });
  if (start != null && control?.setSelectionRange) control.setSelectionRange(start, end);
}
