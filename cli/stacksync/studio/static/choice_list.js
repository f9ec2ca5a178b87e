// <choice-list>: a control with more choices than a dropdown shows well. The server says what may be chosen: each list of
// choices comes once, by its name, and is searched here. https://www.w3.org/WAI/ARIA/apg/patterns/combobox/

import * as popup from "./choice_popup.js";
import { ask } from "./server.js";
import { say } from "./speech.js";

const OWN_TEXT = "{ }"; // the option that stands for a text of one's own
const PAGE = 9;
const SAYING = 500; // ms after a keystroke before the number of choices is told

const base = document.body.dataset.base;
const lists = new Map(); // by their names, each a promise: they never change

class ChoiceList extends HTMLElement {
  static formAssociated = true;
  static observedAttributes = ["label", "value"];
  #internals = this.attachInternals();
  #value;
  #picked = ""; // the label of what was chosen here

  constructor() {
    super();
    this.addEventListener("focusin", ({ target }) => target === this.input && this.#list().catch(() => {}));
    this.addEventListener("focusout", ({ target }) => target === this.input && this.#leave());
    this.addEventListener("input", (event) => this.#type(event));
    this.addEventListener("change", (event) => event.target === this.input && event.stopPropagation());
    this.addEventListener("keydown", (event) => event.target === this.input && this.#press(event));
    this.addEventListener("click", ({ target }) => this.#click(target));
  }

  connectedCallback() {
    this.#value ??= this.getAttribute("value");
    this.input.setAttribute("aria-expanded", false);
    this.#post();
    this.#draw();
  }

  disconnectedCallback() {
    if (popup.isOpenFor(this)) popup.close();
  }

  attributeChangedCallback() {
    if (this.isConnected && this.#value !== undefined && !popup.isOpenFor(this)) this.#draw();
  }

  get input() {
    return this.querySelector("input");
  }

  get name() {
    return this.getAttribute("name");
  }

  get isMultiple() {
    return this.hasAttribute("multiple");
  }

  get title() {
    return this.input.labels[0]?.textContent.trim() || this.input.ariaLabel;
  }

  /** What is posted; of several ones JSON, as the server draws it: what is posted of each, and its label. */
  get value() {
    return this.#value;
  }

  set value(text) {
    if (text === this.#value) return;
    this.#value = text;
    this.#post();
    this.#draw();
  }

  /** Say whether a choice is chosen. */
  has(text) {
    return this.isMultiple ? this.#pairs().some(([each]) => each === text) : this.#value === text;
  }

  /** Choose a choice; one of several that is chosen already is left out. */
  pick([text, label]) {
    if (this.isMultiple) {
      const others = this.#pairs().filter(([each]) => each !== text);
      this.value = JSON.stringify(this.has(text) ? others : [...others, [text, label]]);
      popup.draw();
    } else {
      popup.close();
      this.#picked = label;
      this.value = text;
      this.#draw();
    }
    this.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // --- what people do ----------------------------------------------------------------------------------------------

  #type(event) {
    if (event.target !== this.input) return;
    this.#find(this.input.value).catch((error) => this.#fail(error));
  }

  #click(target) {
    const remove = target.closest("[data-text]");
    if (remove) {
      const at = [...remove.closest("ul").children].indexOf(remove.parentElement);
      this.pick([remove.dataset.text]);
      (this.querySelectorAll("[data-text]")[at] ?? this.input).focus();
    } else if (target === this.input && !popup.isOpenFor(this)) this.#open();
  }

  #press(event) {
    if (event.ctrlKey || event.metaKey) return;
    const isOpen = popup.isOpenFor(this);
    const KEYS = {
      ArrowDown: () => (isOpen ? popup.move(1) : this.#open()),
      ArrowUp: () => (isOpen ? (event.altKey ? this.#leave() : popup.move(-1)) : this.#open()),
      PageDown: isOpen && (() => popup.move(PAGE)),
      PageUp: isOpen && (() => popup.move(-PAGE)),
      Escape: isOpen && (() => this.#leave({ keeps: true })),
      Enter: () => isOpen && this.#enter(),
    };
    if (!KEYS[event.key]) return;
    event.preventDefault();
    KEYS[event.key]();
  }

  #enter() {
    const choice = popup.current();
    if (choice) this.pick(choice);
    else this.#leave();
  }

  #open() {
    this.input.select();
    this.#find("").catch((error) => this.#fail(error));
  }

  // Left without a choice, it holds what it held; emptied, it holds nothing.
  #leave({ keeps = false } = {}) {
    popup.close();
    // What is chosen of several stays as it is drawn: a button of it may just be pressed.
    if (this.isMultiple) this.input.value = "";
    else if (!keeps && !this.input.value && this.#value) this.pick(["", ""]);
    else this.#draw();
  }

  // --- its choices -------------------------------------------------------------------------------------------------

  async #find(text) {
    const wanted = text.toLowerCase();
    const began = performance.now();
    this.asked = began;
    if (!lists.get(this.getAttribute("list"))?.isHere) popup.open(this, [], { said: "Loading…" });
    const { choices, small } = await this.#list();
    if (this.asked !== began || document.activeElement !== this.input) return;

    const found = wanted ? choices.filter((_, at) => small[at].includes(wanted)) : choices;
    const own = this.getAttribute("own");
    // Nothing is on offer before somebody types or moves: Enter in a box that was emptied leaves it empty.
    const at = wanted ? 0 : found.findIndex(([each]) => this.input.value && each === this.#value);
    popup.open(this, own ? [...found, [OWN_TEXT, own]] : found, { at });
    clearTimeout(this.saying);
    if (wanted) this.saying = setTimeout(() => say(`${found.length} ${found.length === 1 ? "choice" : "choices"}`), SAYING);
  }

  #list() {
    const name = this.getAttribute("list");
    if (!lists.has(name)) {
      const coming = load(name);
      coming.then(() => { coming.isHere = true; }, () => lists.delete(name)); // asked for anew when it is opened again
      lists.set(name, coming);
    }
    return lists.get(name);
  }

  #fail(error) {
    popup.open(this, [], { said: error.message });
  }

  // --- what it shows and posts -------------------------------------------------------------------------------------

  #pairs() {
    return JSON.parse(this.#value || "[]");
  }

  #post() {
    this.#internals.states[this.#value === OWN_TEXT ? "add" : "delete"]("own");
    if (!this.isMultiple) {
      this.#internals.setFormValue(this.#value);
      return;
    }
    const posted = new FormData();
    for (const [text] of this.#pairs()) posted.append(this.name, text);
    this.#internals.setFormValue(posted);
  }

  #draw() {
    if (this.isMultiple) {
      this.querySelector(".chosen").replaceChildren(...this.#pairs().map(chip));
      if (!popup.isOpenFor(this)) this.input.value = "";
    } else if (!this.#value) this.input.value = "";
    else if (this.#value === this.getAttribute("value")) this.input.value = this.getAttribute("label") ?? "";
    else this.input.value = this.#picked;
  }
}

async function load(name) {
  const choices = await (await ask(`${base}/choices/${name}`)).json();
  return { choices, small: choices.map(([text, label]) => `${label}\n${text}`.toLowerCase()) };
}

function chip([text, label]) {
  const made = document.createElement("li");
  const remove = document.createElement("button");
  Object.assign(remove, { type: "button", className: "only-icon small plain", ariaLabel: `Remove ${label}` });
  Object.assign(remove.dataset, { text, icon: "cross" });
  made.append(label, remove);
  return made;
}

/** Let the browser know what a <choice-list> is. */
export function begin() {
  customElements.define("choice-list", ChoiceList);
}
