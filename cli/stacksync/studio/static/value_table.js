// A list of objects as a table, of which only the rows in view are drawn.

import { counted, kindOf } from "./value_tree.js";

const ROW = 28; // px, as value_view.css has it
const BEYOND = 8;
const SAMPLED = 200; // items that are asked for their keys
const COLUMNS = 40;
const LONGEST = 120; // characters in a cell

/** Show a list of objects in an element that scrolls. */
export function showTable(view, tape, list) {
  const items = tape.children(list);
  const names = columns(tape, items);
  const table = document.createElement("table");
  const body = document.createElement("tbody");
  table.setAttribute("aria-rowcount", items.length + 1);
  table.setAttribute("aria-label", tape.path(list) || "All of it");
  table.style.width = `${64 + names.length * 160}px`;
  table.append(head(names), body);
  view.replaceChildren(table);

  const draw = () => {
    const first = Math.max(0, Math.floor(view.scrollTop / ROW) - BEYOND);
    const last = Math.min(items.length, Math.ceil((view.scrollTop + view.clientHeight) / ROW) + BEYOND);
    const rows = items.slice(first, last).map((item, index) => row(tape, item, names, first + index));
    body.replaceChildren(gap(first, names), ...rows, gap(items.length - last, names));
  };
  let frame = 0;
  view.onscroll = () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(draw);
  };
  draw();
}

function columns(tape, items) {
  const names = new Set();
  for (const item of items.slice(0, SAMPLED)) {
    if (!tape.isList(item)) for (const child of tape.children(item)) names.add(tape.name(child));
  }
  return [...names].slice(0, COLUMNS);
}

function head(names) {
  const made = document.createElement("thead");
  const line = document.createElement("tr");
  line.setAttribute("aria-rowindex", 1);
  for (const name of ["#", ...names]) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = name;
    cell.title = name;
    line.append(cell);
  }
  made.append(line);
  return made;
}

function row(tape, item, names, index) {
  const line = document.createElement("tr");
  const number = document.createElement("th");
  const held = new Map(tape.holds(item) && !tape.isList(item) ? tape.children(item).map((child) => [tape.name(child), child]) : []);
  line.setAttribute("aria-rowindex", index + 2);
  number.scope = "row";
  number.textContent = index;
  line.append(number, ...names.map((name) => cell(tape, held.get(name))));
  return line;
}

function cell(tape, node) {
  const made = document.createElement("td");
  if (node === undefined) return made;
  const isHolder = tape.holds(node);
  made.className = isHolder ? "quiet" : kindOf(tape.source(node, 1));
  made.textContent = isHolder ? counted(tape, node) : tape.plainText(node).slice(0, LONGEST);
  made.title = made.textContent;
  return made;
}

// As high as the rows that are not drawn.
function gap(count, names) {
  const line = document.createElement("tr");
  const cell = document.createElement("td");
  line.setAttribute("aria-hidden", "true");
  line.className = "gap";
  cell.colSpan = names.length + 1;
  cell.style.height = `${count * ROW}px`;
  line.append(cell);
  line.hidden = !count;
  return line;
}
