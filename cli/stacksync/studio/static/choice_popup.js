// The list below a combobox: one for the page, as only one can be open. Of ten thousand choices those in view are drawn.

const ROW = 32; // px, as choice_list.css has it
const BEYOND = 4;
const MARGIN = 8;

const box = document.createElement("div");
const space = document.createElement("div");
const drawn = document.createElement("div");
let owner = null; // what the list is open for
let shown = []; // the choices in it: each what is posted and its label
let active = -1; // where the arrow keys are; -1 before they are used

box.id = "choice-popup";
box.popover = "manual";
box.setAttribute("role", "listbox");
space.setAttribute("role", "none");
drawn.setAttribute("role", "none");
space.append(drawn);
box.append(space);
box.addEventListener("scroll", () => requestAnimationFrame(draw));
box.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays where one types
box.addEventListener("click", ({ target }) => {
  const row = target.closest("[data-at]");
  if (row) owner?.pick(shown[row.dataset.at]);
});

/** Open the list for a combobox, or show other choices in it; `said` stands there where there are none. */
export function open(combobox, choices, { at = -1, said = "No choice is called that." } = {}) {
  if (owner !== combobox) close();
  owner = combobox;
  shown = choices;
  active = Math.min(at, choices.length - 1);
  box.dataset.said = choices.length ? "" : said;
  box.setAttribute("aria-label", combobox.title);
  box.setAttribute("aria-multiselectable", combobox.isMultiple);
  if (!box.isConnected) combobox.closest("main").append(box);
  if (!box.matches(":popover-open")) box.showPopover();
  combobox.input.setAttribute("aria-expanded", true);
  combobox.input.setAttribute("aria-controls", box.id);
  place();
  reach();
}

/** Close the list. */
export function close() {
  if (!owner) return;
  const { input } = owner;
  owner = null;
  box.hidePopover();
  input.setAttribute("aria-expanded", false);
  input.removeAttribute("aria-controls");
  input.removeAttribute("aria-activedescendant");
}

/** Say whether the list is open for a combobox. */
export function isOpenFor(combobox) {
  return owner === combobox;
}

/** Return the choice where the arrow keys are. */
export function current() {
  return shown[active];
}

/** Go on by some choices, from the last one to the first. */
export function move(by) {
  if (!shown.length) return;
  const next = active < 0 && by < 0 ? shown.length + by : active + by;
  const last = shown.length - 1;
  active = Math.abs(by) > 1 ? Math.max(0, Math.min(last, next)) : (next + shown.length) % shown.length;
  reach();
}

/** Draw the choices in view. */
export function draw() {
  if (!owner) return;
  const first = Math.max(0, Math.floor(box.scrollTop / ROW) - BEYOND);
  const last = Math.min(shown.length, Math.ceil((box.scrollTop + box.clientHeight) / ROW) + BEYOND);
  space.style.height = `${Math.max(1, shown.length) * ROW}px`;
  drawn.style.transform = `translateY(${first * ROW}px)`;
  drawn.replaceChildren(...shown.slice(first, last).map((choice, index) => row(choice, first + index)));
  if (!shown.length) drawn.replaceChildren(nothing(box.dataset.said));
  const id = `choice-${active}`;
  if (document.getElementById(id)) owner.input.setAttribute("aria-activedescendant", id);
  else owner.input.removeAttribute("aria-activedescendant");
}

function reach() {
  const top = active * ROW;
  space.style.height = `${Math.max(1, shown.length) * ROW}px`;
  if (top < box.scrollTop || active < 0) box.scrollTop = Math.max(0, top);
  else if (top + ROW > box.scrollTop + box.clientHeight) box.scrollTop = top + ROW - box.clientHeight;
  draw();
}

// Below the combobox, or above it where there is more room.
function place() {
  const { left, top, bottom, width } = owner.input.getBoundingClientRect();
  const below = innerHeight - bottom - MARGIN;
  const isAbove = below < 160 && top > below;
  const height = Math.min(shown.length * ROW || ROW, 320, (isAbove ? top : below) - MARGIN);
  Object.assign(box.style, { left: `${left}px`, width: `${width}px`, height: `${height + 2}px` });
  box.style.top = `${isAbove ? top - height - 6 : bottom + 4}px`;
}

function row([text, label], at) {
  const made = document.createElement("div");
  made.id = `choice-${at}`;
  made.dataset.at = at;
  made.setAttribute("role", "option");
  made.setAttribute("aria-posinset", at + 1);
  made.setAttribute("aria-setsize", shown.length);
  made.setAttribute("aria-selected", owner.isMultiple ? owner.has(text) : at === active);
  made.classList.toggle("active", at === active);
  made.classList.toggle("chosen", owner.has(text));
  made.append(label);
  if (text !== label && text !== "{ }") made.append(" ", quiet(text));
  return made;
}

function quiet(text) {
  const made = document.createElement("code");
  made.textContent = text;
  return made;
}

function nothing(said) {
  const made = document.createElement("div");
  made.setAttribute("role", "option");
  made.setAttribute("aria-disabled", true);
  made.setAttribute("aria-selected", false);
  made.className = "none";
  made.textContent = said;
  return made;
}

for (const moved of ["scroll", "resize"]) {
  addEventListener(moved, ({ target }) => { if (owner && target !== box) place(); }, true);
}
