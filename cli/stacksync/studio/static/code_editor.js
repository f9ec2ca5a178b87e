// Code fields: the text box stays the browser's own, with a text that cannot be seen; beneath it the same text is drawn with
// the numbers of its lines, colours and the place of a fault. Screen readers meet the box alone.
//
// Colours are ranges that the browser paints and moves along while the text changes: a word keeps its colour until
// Studio's answer says otherwise. https://developer.mozilla.org/docs/Web/API/CSS_Custom_Highlight_API

import { followKeys } from "./code_keys.js";
import { ask } from "./server.js";

const PAUSE = 150; // ms without a keystroke before colours are asked for
const LONGEST = 100_000; // characters; longer texts stay plain
const BOXES = "textarea[data-language]";
const KINDS = ["comment", "keyword", "string", "number", "name", "attribute"];
const MARKS = ["fault", "fault-line"];

const editors = new Map(); // by text box: what is drawn beneath it
const paints = new Map(); // by kind: what the browser paints in one colour, in all fields

/** Draw the code fields of a form, and follow what is written in them. */
export function begin(form) {
  for (const kind of CSS.highlights ? [...KINDS, ...MARKS] : []) {
    paints.set(kind, new Highlight());
    CSS.highlights.set(`code-${kind}`, paints.get(kind));
  }
  followKeys(form);
  form.addEventListener("input", ({ target }) => {
    const editor = editors.get(target);
    if (!editor) return;
    mirror(editor);
    reveal(editor);
  });
  drawEditors(form);
}

/** Make what is drawn equal to what the boxes hold, after a form was drawn anew. */
export function drawEditors(form) {
  for (const [box, editor] of editors) if (!box.isConnected) forget(box, editor);
  for (const box of form.querySelectorAll(BOXES)) {
    if (!editors.has(box)) editors.set(box, made(box));
    mirror(editors.get(box));
    mark(editors.get(box));
  }
}

function made(box) {
  const drawn = box.previousElementSibling;
  const [numbers, text] = [document.createTextNode(""), document.createTextNode("")];
  const [stripe, gutter, below] = ["i", "div", "pre"].map((tag) => document.createElement(tag));
  stripe.className = "code-fault";
  gutter.className = "code-numbers";
  gutter.append(numbers);
  below.append(text);
  drawn.replaceChildren(stripe, gutter, below);
  return { box, numbers, text, stripe, lines: 0, ranges: [], marks: [], asked: 0, timer: 0, language: "" };
}

function forget(box, editor) {
  clearTimeout(editor.timer);
  editor.asked += 1;
  wipe(editor.ranges);
  wipe(editor.marks);
  editors.delete(box);
}

// Only what differs is replaced, so that ranges around it stay where they belong.
function mirror(editor) {
  const [old, now] = [editor.text.data, `${editor.box.value}\n`]; // a line break at the end would not be drawn
  const { language } = editor.box.dataset;
  if (old === now && language === editor.language) return;

  const least = Math.min(old.length, now.length);
  let start = 0;
  while (start < least && old.charCodeAt(start) === now.charCodeAt(start)) start += 1;
  let end = 0;
  while (end < least - start && old.charCodeAt(old.length - 1 - end) === now.charCodeAt(now.length - 1 - end)) end += 1;
  editor.text.replaceData(start, old.length - start - end, now.slice(start, now.length - end));
  editor.language = language;
  number(editor);
  clearTimeout(editor.timer);
  editor.timer = setTimeout(() => colour(editor), PAUSE);
}

function number(editor) {
  const lines = editor.text.data.split("\n").length - 1;
  if (lines !== editor.lines) editor.numbers.data = Array.from({ length: lines }, (_, index) => index + 1).join("\n");
  editor.lines = lines;
}

async function colour(editor) {
  const asked = ++editor.asked;
  const { value: text } = editor.box;
  const body = new URLSearchParams({ language: editor.language, text });
  try {
    const spans = text.length > LONGEST ? [] : await (await ask("/colours", { method: "POST", body })).json();
    if (asked === editor.asked && text === editor.box.value) paint(editor, spans);
  } catch {
    // Without Studio there are no colours; that it is gone is said elsewhere.
  }
}

function paint(editor, spans) {
  wipe(editor.ranges);
  editor.ranges = spans.map(([start, end, kind]) => painted(kind, editor.text, start, end));
}

function painted(kind, text, start, end) {
  const range = new Range();
  range.setStart(text, start);
  range.setEnd(text, end);
  paints.get(kind)?.add(range);
  return range;
}

function wipe(ranges) {
  for (const range of ranges) for (const paint of paints.values()) paint.delete(range);
  ranges.length = 0;
}

// Where the check found a fault: a stripe through the line and its number, and a wave under what follows.
function mark(editor) {
  wipe(editor.marks);
  const { line: lineText = 0, column: columnText = 0 } = document.getElementById(`${editor.box.id}--syntax`)?.dataset ?? {};
  const [line, column] = [Number(lineText), Number(columnText)];
  editor.stripe.hidden = !line || line > editor.lines;
  if (editor.stripe.hidden) return;

  editor.stripe.style.setProperty("--line", line);
  const begin = nth(editor.text.data, line);
  const end = editor.text.data.indexOf("\n", begin);
  // Python counts characters, of which some are two units here. At the end of a line the wave is under its last one.
  const before = [...editor.text.data.slice(begin, end)].slice(0, Math.max(0, column - 1)).join("").length;
  const start = Math.min(begin + before, Math.max(begin, end - 1));
  const digits = nth(editor.numbers.data, line);
  editor.marks = [
    painted("fault", editor.text, start, end),
    painted("fault-line", editor.numbers, digits, digits + String(line).length),
  ];
}

function nth(text, line) {
  let place = 0;
  for (let passed = 1; passed < line; passed += 1) place = text.indexOf("\n", place) + 1;
  return place;
}

// The box is as large as its text and never scrolls; its frame does, and follows the caret.
function reveal({ box, text }) {
  box.scrollTo(0, 0);
  const next = new Range(); // the letter at the caret, or the line break: a caret in an empty line is nowhere
  next.setStart(text, box.selectionEnd);
  next.setEnd(text, box.selectionEnd + 1);
  const [at, frame] = [next.getClientRects()[0], box.parentElement];
  if (!at) return;

  const [seen, gutter] = [frame.getBoundingClientRect(), box.offsetLeft];
  if (at.bottom > seen.bottom - 12) frame.scrollTop += at.bottom - seen.bottom + 12;
  if (at.top < seen.top + 4) frame.scrollTop += at.top - seen.top - 4;
  if (at.left > seen.right - 24) frame.scrollLeft += at.left - seen.right + 24;
  if (at.left < seen.left + gutter + 8) frame.scrollLeft += at.left - seen.left - gutter - 8;
}
