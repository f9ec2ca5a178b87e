// A JSON text, and where each value in it stands. Nothing is made of it: numbers keep all their digits, keys their order,
// and five megabytes are read in a few dozen milliseconds, because a value is cut out of the text only when it is shown.

const [QUOTE, COMMA, COLON, BACKSLASH] = [34, 44, 58, 92];
const [LIST, LIST_END, OBJECT, OBJECT_END] = [91, 93, 123, 125];
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|.)/g;
const WORD_END = /[\s,\]}]/g;
const NAME = /^[A-Za-z_$][\w$]*$/;

/** Every value of a text, numbered as they stand in it: what a value holds follows it. */
export class Tape {
  /**
   * Throws a SyntaxError where the text is no JSON.
   *
   * @param {string} text
   */
  constructor(text) {
    this.text = text.includes("\\u") ? text.replace(ESCAPE, plain) : text;
    this.starts = []; // of each value
    this.ends = [];
    this.keys = []; // where its key begins; -1 in a list
    this.parents = []; // the number of what holds it; -1 for the whole
    this.counts = []; // how many it holds itself
    this.places = []; // its place in what holds it
    this.nexts = []; // the number behind it and all that it holds
    this.#read();
  }

  get size() {
    return this.starts.length;
  }

  /** Say whether a value holds others: an object or a list, though it may be empty. */
  holds(node) {
    return this.isList(node) || this.text.charCodeAt(this.starts[node]) === OBJECT;
  }

  isList(node) {
    return this.text.charCodeAt(this.starts[node]) === LIST;
  }

  /** Say whether a value is a list whose first item is an object: it can be shown as a table. */
  isTable(node) {
    return this.isList(node) && this.counts[node] > 0 && this.text.charCodeAt(this.starts[node + 1]) === OBJECT;
  }

  /** Return the values that a value holds itself. */
  children(node) {
    const found = [];
    for (let child = node + 1; child < this.nexts[node]; child = this.nexts[child]) found.push(child);
    return found;
  }

  /** Return a value as it stands in the text. */
  source(node, most = Infinity) {
    return this.text.slice(this.starts[node], Math.min(this.ends[node], this.starts[node] + most));
  }

  /** Return a value to be pasted: a text without its quotes, everything else as JSON. */
  plainText(node) {
    return this.text.charCodeAt(this.starts[node]) === QUOTE ? JSON.parse(this.source(node)) : this.source(node);
  }

  /** Return the key of a value, or its place in a list; "" for the whole. */
  name(node) {
    if (this.parents[node] < 0) return "";
    const key = this.keys[node];
    return key < 0 ? this.places[node] : JSON.parse(this.text.slice(key, endOfText(this.text, key)));
  }

  /** Return where a value is, as `data.contacts[0].email`. */
  path(node) {
    const steps = [];
    for (let each = node; this.parents[each] >= 0; each = this.parents[each]) steps.push(this.name(each));
    return steps.reverse().reduce(joined, "");
  }

  /** Return the values that contain a text in their key or in themselves, whatever its letters are. */
  find(wanted, most) {
    this.small ??= this.text.toLowerCase();
    const sought = JSON.stringify(wanted.toLowerCase()).slice(1, -1);
    const found = [];
    for (let at = this.small.indexOf(sought); at >= 0 && found.length < most; at = this.small.indexOf(sought, at + 1)) {
      const node = this.#around(at);
      if (node !== found.at(-1) && this.#isWithin(node, at, at + sought.length)) found.push(node);
    }
    return found;
  }

  // The last value that begins, key included, at a place of the text or before it.
  #around(at) {
    let [low, high] = [0, this.size - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const begin = this.keys[middle] < 0 ? this.starts[middle] : this.keys[middle];
      if (begin <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  // Brackets and what stands between values are no part of any.
  #isWithin(node, from, until) {
    const key = this.keys[node];
    if (key >= 0 && until <= endOfText(this.text, key)) return true;
    return !this.holds(node) && from >= this.starts[node] && until <= this.ends[node];
  }

  #read() {
    const { text } = this;
    let [at, parent, key, wholes] = [0, -1, -1, 0];
    while (at < text.length) {
      const code = text.charCodeAt(at);
      if (code <= 32 || code === COMMA || code === COLON) {
        at += 1;
      } else if (code === LIST_END || code === OBJECT_END) {
        if (parent < 0) throw new SyntaxError("a bracket closes nothing");
        at += 1;
        this.ends[parent] = at;
        this.nexts[parent] = this.size;
        parent = this.parents[parent];
      } else if (code === QUOTE && key < 0 && parent >= 0 && text.charCodeAt(this.starts[parent]) === OBJECT) {
        key = at;
        at = endOfText(text, at);
      } else {
        const node = this.#add(at, key, parent);
        key = -1;
        if (parent < 0) wholes += 1;
        if (code === LIST || code === OBJECT) {
          parent = node;
          at += 1;
        } else {
          at = code === QUOTE ? endOfText(text, at) : endOfWord(text, at);
          this.ends[node] = at;
        }
      }
    }
    if (parent >= 0 || wholes !== 1) throw new SyntaxError("it is no single value");
  }

  #add(at, key, parent) {
    const node = this.size;
    this.starts.push(at);
    this.ends.push(at);
    this.keys.push(key);
    this.parents.push(parent);
    this.counts.push(0);
    this.places.push(parent < 0 ? 0 : this.counts[parent]++);
    this.nexts.push(node + 1);
    return node;
  }
}

function endOfText(text, at) {
  for (let end = text.indexOf('"', at + 1); end > 0; end = text.indexOf('"', end + 1)) {
    let before = end - 1;
    while (text.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((end - before) % 2) return end + 1; // what escapes is escaped itself
  }
  throw new SyntaxError("a text does not end");
}

function endOfWord(text, at) {
  WORD_END.lastIndex = at;
  return WORD_END.exec(text)?.index ?? text.length;
}

// A letter that is written as its number, as itself: so it is found, and read.
function plain(escape, hex) {
  const code = parseInt(hex, 16);
  return hex && code > 31 && code !== QUOTE && code !== BACKSLASH ? String.fromCharCode(code) : escape;
}

function joined(path, step) {
  if (typeof step === "number") return `${path}[${step}]`;
  if (!NAME.test(step)) return `${path}[${JSON.stringify(step)}]`;
  return path ? `${path}.${step}` : step;
}
