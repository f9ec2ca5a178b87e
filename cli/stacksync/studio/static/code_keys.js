// Keys of a code field: indentation, and Tab, which moves on as everywhere until somebody writes, and after Escape.
// All changes go the browser's own way of typing, so that its undo knows them.

import { say } from "./speech.js";

const OPENING = { "{": "}", "[": "]", "(": ")" };
const BLOCKS = ["python", "yaml"]; // languages in which a colon at the end of a line begins a block
const SILENT = ["Shift", "Control", "Alt", "Meta", "CapsLock"]; // keys that write nothing by themselves
const LONG = 2000; // characters

let movesOn = true; // whether Tab leaves the field

/** Follow the keys of the code fields in a form. */
export function followKeys(form) {
  form.addEventListener("focusin", () => { movesOn = true; });
  for (const written of ["input", "pointerup"]) form.addEventListener(written, () => { movesOn = false; });
  form.addEventListener("keydown", (event) => {
    if (event.target.matches("textarea[data-language]") && !event.isComposing) press(event);
  });
}

function press(event) {
  const { key, shiftKey, target: box } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || SILENT.includes(key)) return;
  if (key === "Escape") {
    if (!movesOn) say("Tab moves on now.");
    movesOn = true;
  } else if (key !== "Tab") {
    movesOn = false;
    if (key === "Enter" && !shiftKey) act(event, () => breakLine(box));
  } else if (!movesOn) {
    act(event, () => indent(box, shiftKey));
  }
}

function act(event, change) {
  event.preventDefault();
  change();
}

// The next line begins below this one, or one step further in a block that this one opens.
function breakLine(box) {
  const { value, selectionStart: start, selectionEnd: end } = box;
  const line = value.slice(beginning(value, start), start);
  const [space] = /^[ \t]*/.exec(line);
  const last = line.trimEnd().at(-1);
  const opens = last in OPENING || (last === ":" && BLOCKS.includes(box.dataset.language));
  const inner = `\n${space}${opens ? step(box) : ""}`;
  const isBetween = last in OPENING && value[end] === OPENING[last];
  type(box, isBetween ? `${inner}\n${space}` : inner);
  if (isBetween) box.setSelectionRange(start + inner.length, start + inner.length);
}

// One step to the right at the caret; whole lines, by one step to either side, where more is meant.
function indent(box, isBack) {
  const { value, selectionStart: start, selectionEnd: end } = box;
  const isOneLine = !value.slice(start, end).includes("\n");
  if (isOneLine && !isBack) {
    type(box, step(box));
    return;
  }
  const from = beginning(value, start);
  const until = ending(value, end > start && value[end - 1] === "\n" ? end - 1 : end);
  const before = value.slice(from, until);
  const shift = isBack ? (line) => line.replace(outer(box), "") : (line) => line && step(box) + line;
  const after = before.split("\n").map(shift).join("\n");
  if (after === before) return;

  box.setSelectionRange(from, until);
  type(box, after);
  const caret = Math.max(from, start + after.length - before.length);
  if (isOneLine) box.setSelectionRange(caret, Math.max(from, end + after.length - before.length));
  else box.setSelectionRange(from, from + after.length);
}

function step(box) {
  if (/^\t/m.test(box.value)) return "\t";
  return " ".repeat(box.dataset.language === "python" ? 4 : 2);
}

function outer(box) {
  return new RegExp(`^(\\t| {1,${step(box).length}})`);
}

function beginning(value, place) {
  return place ? value.lastIndexOf("\n", place - 1) + 1 : 0;
}

function ending(value, place) {
  const found = value.indexOf("\n", place);
  return found < 0 ? value.length : found;
}

// Called out of date, and still the only way in which an undo takes back what a script typed:
// https://developer.mozilla.org/docs/Web/API/Document/execCommand#inserttext
function type(box, text) {
  // Chromium types line by line, which takes a second for a thousand; what it takes for HTML comes at once.
  if (text.length > LONG && document.execCommand("insertHTML", false, escaped(text))) return;
  if (document.execCommand(text ? "insertText" : "delete", false, text)) return;

  box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
