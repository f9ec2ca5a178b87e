// A JSON value as a tree, of which only the rows in view are drawn: https://www.w3.org/WAI/ARIA/apg/patterns/treeview/.

const ROW = 24; // px, as value_view.css has it
const BEYOND = 8; // rows above and below those in view
const OPENED = 60; // rows that a tree shows at first, where the whole is larger
const LONGEST = 300; // characters of a value in a row
const PREVIEW = 120; // of an object or a list

/** The rows of a tree, in an element that scrolls. */
export class ValueTree {
  /**
   * @param {HTMLElement} view - Becomes the tree.
   * @param {Tape} tape
   * @param {(node: number) => void} moved - Hears which value is the current one.
   */
  constructor(view, tape, moved) {
    this.view = view;
    this.tape = tape;
    this.moved = moved;
    this.current = 0;
    this.open = new Set();
    this.found = new Set();
    this.rows = [0];
    this.drawn = document.createElement("div");
    this.space = document.createElement("div");
    this.drawn.setAttribute("role", "none");
    this.space.setAttribute("role", "none");
    this.space.append(this.drawn);
    view.setAttribute("role", "tree");
    view.tabIndex = 0;
    view.replaceChildren(this.space);
    view.addEventListener("scroll", () => this.#soon());
    view.addEventListener("keydown", (event) => this.#press(event));
    view.addEventListener("click", (event) => this.#click(event));
    view.addEventListener("dblclick", ({ target }) => this.#toggle(this.#nodeOf(target)));
    view.addEventListener("copy", (event) => this.#copy(event));
    new ResizeObserver(() => this.#soon()).observe(view);
    this.#unfoldFirst();
  }

  /** Make a value the current one: what holds it is unfolded, and it is scrolled into view. */
  show(node) {
    const above = [];
    for (let each = this.tape.parents[node]; each >= 0; each = this.tape.parents[each]) above.unshift(each);
    for (const each of above) this.#unfold(each);
    this.#moveTo(node);
  }

  /** Mark the values that were searched for. */
  mark(found) {
    this.found = new Set(found);
    this.draw();
  }

  /** Draw the rows in view. */
  draw() {
    const first = Math.max(0, Math.floor(this.view.scrollTop / ROW) - BEYOND);
    const last = Math.min(this.rows.length, Math.ceil((this.view.scrollTop + this.view.clientHeight) / ROW) + BEYOND);
    this.space.style.height = `${this.rows.length * ROW}px`;
    this.drawn.style.transform = `translateY(${first * ROW}px)`;
    this.drawn.replaceChildren(...this.rows.slice(first, last).map((node) => this.#row(node)));
    const id = this.#idOf(this.current);
    if (document.getElementById(id)) this.view.setAttribute("aria-activedescendant", id);
    else this.view.removeAttribute("aria-activedescendant");
  }

  #soon() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  // As many levels as fit: a short value is seen whole, of a long one what it is made of.
  #unfoldFirst() {
    this.#unfold(0);
    for (let level = this.tape.children(0); level.length; ) {
      const held = level.filter((node) => this.tape.counts[node] > 0);
      const count = held.reduce((sum, node) => sum + this.tape.counts[node], this.rows.length);
      if (count > OPENED) break;
      for (const node of held) this.#unfold(node);
      level = held.flatMap((node) => this.tape.children(node));
    }
  }

  #unfold(node) {
    if (this.open.has(node) || !this.tape.counts[node]) return;
    this.open.add(node);
    const at = this.#rowOf(node);
    this.rows = [...this.rows.slice(0, at + 1), ...this.#shownIn(node), ...this.rows.slice(at + 1)];
  }

  #fold(node) {
    if (!this.open.delete(node)) return;
    const next = this.tape.nexts[node];
    this.rows = this.rows.filter((each) => each <= node || each >= next);
  }

  // Without recursion: values may be nested deeper than calls may.
  #shownIn(node) {
    const shown = [];
    const end = this.tape.nexts[node];
    for (let each = node + 1; each < end; each = this.open.has(each) ? each + 1 : this.tape.nexts[each]) shown.push(each);
    return shown;
  }

  #rowOf(node) {
    let [low, high] = [0, this.rows.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.rows[middle] < node) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #toggle(node) {
    if (node === undefined) return;
    if (this.open.has(node)) this.#fold(node);
    else this.#unfold(node);
    this.#moveTo(node);
  }

  #moveTo(node) {
    this.current = node;
    const top = this.#rowOf(node) * ROW;
    const { view } = this;
    this.space.style.height = `${this.rows.length * ROW}px`;
    if (top < view.scrollTop) view.scrollTop = top;
    else if (top + ROW > view.scrollTop + view.clientHeight) view.scrollTop = top + ROW - view.clientHeight;
    this.draw();
    this.moved(node);
  }

  #step(by) {
    const at = this.#rowOf(this.current) + by;
    this.#moveTo(this.rows[Math.max(0, Math.min(this.rows.length - 1, at))]);
  }

  #press(event) {
    const { current, tape } = this;
    const page = Math.max(1, Math.floor(this.view.clientHeight / ROW) - 1);
    const KEYS = {
      ArrowDown: () => this.#step(1),
      ArrowUp: () => this.#step(-1),
      PageDown: () => this.#step(page),
      PageUp: () => this.#step(-page),
      Home: () => this.#step(-Infinity),
      End: () => this.#step(Infinity),
      ArrowRight: () => (this.open.has(current) ? this.#step(1) : this.#toggle(current)),
      ArrowLeft: () => (this.open.has(current) ? this.#toggle(current) : this.#moveTo(Math.max(0, tape.parents[current]))),
      Enter: () => this.#toggle(current),
      " ": () => this.#toggle(current),
      "*": () => this.#unfoldBeside(),
    };
    if (!KEYS[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    KEYS[event.key]();
  }

  #unfoldBeside() {
    const parent = this.tape.parents[this.current];
    const beside = parent < 0 ? [this.current] : this.tape.children(parent);
    for (const node of beside) if (this.tape.counts[node]) this.open.add(node);
    this.rows = [0, ...(this.open.has(0) ? this.#shownIn(0) : [])];
    this.#moveTo(this.current);
  }

  #click({ target, offsetX }) {
    const node = this.#nodeOf(target);
    if (node === undefined) return;
    const isMark = target.classList.contains("mark");
    if (isMark && offsetX >= 0) this.#toggle(node);
    else this.#moveTo(node);
  }

  #copy(event) {
    if (!getSelection().isCollapsed) return;
    event.preventDefault();
    event.clipboardData.setData("text/plain", this.tape.plainText(this.current));
  }

  #nodeOf(element) {
    const row = element.closest("[role=treeitem]");
    return row ? Number(row.dataset.node) : undefined;
  }

  #idOf(node) {
    return `${this.view.id}-${node}`;
  }

  #row(node) {
    const { tape } = this;
    const row = document.createElement("div");
    const level = this.#level(node);
    row.id = this.#idOf(node);
    row.className = this.found.has(node) ? "found" : "";
    row.dataset.node = node;
    row.style.paddingInlineStart = `${Math.min(level, 30) * 16}px`;
    row.setAttribute("role", "treeitem");
    row.setAttribute("aria-level", level + 1);
    row.setAttribute("aria-posinset", tape.places[node] + 1);
    row.setAttribute("aria-setsize", tape.parents[node] < 0 ? 1 : tape.counts[tape.parents[node]]);
    row.setAttribute("aria-selected", node === this.current);
    if (tape.counts[node]) row.setAttribute("aria-expanded", this.open.has(node));
    row.append(span("mark", ""));
    if (tape.parents[node] >= 0) row.append(span("key", String(tape.name(node))), ": ");
    row.append(...this.#value(node));
    return row;
  }

  #level(node) {
    let level = 0;
    for (let each = this.tape.parents[node]; each >= 0; each = this.tape.parents[each]) level += 1;
    return level;
  }

  #value(node) {
    const { tape } = this;
    if (!tape.holds(node)) return [span(kindOf(tape.source(node, 1)), tape.source(node, LONGEST))];
    const found = [span("quiet", counted(tape, node))];
    if (!this.open.has(node) && tape.counts[node]) found.push(" ", span("quiet preview", tape.source(node, PREVIEW)));
    return found;
  }
}

/** Say how much an object or a list holds. */
export function counted(tape, node) {
  const count = tape.counts[node];
  const [one, many] = tape.isList(node) ? ["item", "items"] : ["field", "fields"];
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** Say which kind of value begins with a character. */
export function kindOf(first) {
  if (first === '"') return "string";
  return /[-\d]/.test(first) ? "number" : "word";
}

function span(kind, text) {
  const made = document.createElement("span");
  made.className = kind;
  made.textContent = text;
  return made;
}
