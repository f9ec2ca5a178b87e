// <value-view src>: JSON as text, tree or table, searched and copied from. A long one comes as data, once it is in view.

import { Tape } from "./json_tape.js";
import { ask } from "./server.js";
import { announce, say } from "./speech.js";
import { showTable } from "./value_table.js";
import { ValueTree } from "./value_tree.js";

const TYPING = 150; // ms after a keystroke before it is searched
const MOST = 10_000; // values that a search finds
const SHORT = 60; // characters of a text that its row shows whole

class ValueView extends HTMLElement {
  connectedCallback() {
    if (this.tape || this.observer) return;
    this.text = this.querySelector("pre");
    // What is folded away, or under another tab, need not come at all.
    this.observer = new IntersectionObserver((seen) => {
      if (!seen.some((each) => each.isIntersecting)) return;
      this.observer.disconnect();
      this.#load().catch((error) => this.#fail(error));
    });
    this.observer.observe(this);
  }

  async #load() {
    const text = this.text ? this.text.textContent : await (await ask(this.getAttribute("src"))).text();
    const began = performance.now();
    this.tape = new Tape(text);
    this.#build();
    performance.measure("value-view", { start: began });
  }

  #fail(error) {
    if (error instanceof SyntaxError && this.text) return; // its text is there
    const told = document.createElement("p");
    told.className = "error";
    told.textContent = error instanceof SyntaxError ? `It is no JSON (${error.message}): download it.` : error.message;
    this.querySelector(".skeleton")?.replaceWith(told, this.#download());
  }

  // --- its parts ---------------------------------------------------------------------------------------------------

  #build() {
    const label = this.getAttribute("label");
    this.tree = part("div", { id: `${this.id}--tree`, className: "value-tree", ariaLabel: label });
    this.table = part("div", { className: "value-table", tabIndex: 0, role: "region", ariaLabel: `${label}, as a table` });
    this.shown = part("code", { className: "path" });
    this.whole = part("div", { className: "whole", tabIndex: 0, role: "region", ariaLabel: `${label}, the chosen value`, hidden: true });
    this.views = { ...(this.text && { Text: this.text }), Tree: this.tree, Table: this.table };
    this.querySelector(".skeleton")?.remove();
    this.prepend(this.#tools(label));
    this.append(this.tree, this.table, this.#foot(label), this.whole);
    this.rows = new ValueTree(this.tree, this.tape, (node) => this.#moved(node));
    this.#select(this.text ? "Text" : "Tree");
    this.#moved(0);
  }

  #tools(label) {
    const tools = part("div", { className: "value-tools", role: "group", ariaLabel: `How to see ${label}` });
    this.switches = Object.keys(this.views).map((name) => {
      const button = part("button", { type: "button", className: "small plain", textContent: name });
      button.addEventListener("click", () => this.#select(name));
      return button;
    });
    const search = part("input", { type: "search", placeholder: "Search", ariaLabel: `Search ${label}`, autocomplete: "off" });
    this.count = part("span", { className: "quiet matches" });
    search.addEventListener("input", () => {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => this.#search(search.value), TYPING);
    });
    search.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.#next(event.shiftKey ? -1 : 1);
    });
    tools.append(...this.switches, search, this.count, this.#download());
    return tools;
  }

  #download() {
    const link = part("a", { className: "button small", href: `${this.getAttribute("src")}?download=1`, textContent: "Download" });
    link.setAttribute("download", "");
    return link;
  }

  #foot(label) {
    this.foot = part("div", { className: "value-foot" });
    const copy = (what, text) => {
      const button = part("button", { type: "button", className: "small", textContent: `Copy ${what}`, ariaLabel: `Copy ${what}, ${label}` });
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(text());
        announce("Copied.");
      });
      return button;
    };
    const path = copy("path", () => this.tape.path(this.rows.current));
    this.foot.append(this.shown, path, copy("value", () => this.tape.plainText(this.rows.current)));
    return this.foot;
  }

  // --- what people do ----------------------------------------------------------------------------------------------

  #select(name) {
    for (const [each, view] of Object.entries(this.views)) view.hidden = each !== name;
    for (const button of this.switches) button.setAttribute("aria-pressed", button.textContent === name);
    this.foot.hidden = name !== "Tree";
    this.whole.hidden = name !== "Tree" || !this.whole.textContent;
    if (name === "Tree") this.rows.draw();
    if (name === "Table") showTable(this.table, this.tape, this.list);
  }

  // The list that a table would show: the chosen one, or what holds the chosen value, or else the longest.
  get list() {
    for (let node = this.rows.current; node >= 0; node = this.tape.parents[node]) if (this.tape.isTable(node)) return node;
    this.longest ??= longest(this.tape);
    return this.longest;
  }

  #moved(node) {
    const { tape } = this;
    this.shown.textContent = tape.path(node) || "all of it";
    const isLong = !tape.holds(node) && tape.ends[node] - tape.starts[node] > SHORT;
    this.whole.textContent = isLong ? tape.plainText(node).slice(0, 20_000) : "";
    this.whole.hidden = !isLong || this.tree.hidden;
    this.switches.at(-1).disabled = this.list < 0;
  }

  #search(wanted) {
    this.found = wanted ? this.tape.find(wanted, MOST) : [];
    this.at = -1;
    if (wanted && this.tree.hidden) this.#select("Tree");
    this.rows.mark(this.found);
    if (this.found.length) this.#next(1);
    else this.#tell(wanted ? "not found" : "");
  }

  #next(by) {
    if (!this.found?.length) return;
    this.at = (this.at + by + this.found.length) % this.found.length;
    this.rows.show(this.found[this.at]);
    const all = this.found.length === MOST ? `${MOST.toLocaleString("en")} and more` : this.found.length.toLocaleString("en");
    this.#tell(`${(this.at + 1).toLocaleString("en")} of ${all}`);
  }

  #tell(text) {
    this.count.textContent = text;
    const { current } = this.rows;
    if (text) say(this.found.length ? `${text}: ${this.tape.path(current)}` : text);
  }
}

function longest(tape) {
  let found = -1;
  for (let node = 0; node < tape.size; node += 1) {
    if (tape.isTable(node) && (found < 0 || tape.counts[node] > tape.counts[found])) found = node;
  }
  return found;
}

function part(name, properties) {
  return Object.assign(document.createElement(name), properties);
}

/** Let the browser know what a <value-view> is. */
export function begin() {
  customElements.define("value-view", ValueView);
}
