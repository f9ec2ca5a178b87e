// The form while it is filled in. Python draws it and reads it: this posts what it holds, and puts back what comes.

import { ask } from "./server.js";
import { patch, snapshot } from "./patch.js";
import { complain, say, show } from "./speech.js";

const WRITING = 300; // ms without a keystroke before a form is drawn for what is being written
const DEPENDENTS = 300; // ms before choices are loaded anew: what they depend on may change again
const LOADING = 150; // ms before somebody who waits is told so

const base = document.body.dataset.base;
export const form = document.getElementById("form");

let newest = 0; // the number of the newest form asked for: an older one that comes later is dropped
let writing = 0;
let dependents = 0;

/** Return what is filled in. Not as FormData itself, which would make two characters of each line break. */
export function filledIn(extra = {}) {
  const body = new URLSearchParams(new FormData(form));
  for (const [name, value] of Object.entries(extra)) body.set(name, value);
  return body;
}

/** Draw the form for what is filled in now. */
export function redraw() {
  return exchange("form");
}

/** Put a form in the place of what is filled in. */
export function put(html) {
  newest += 1;
  patch(form, html, new Map(), { replace: true });
  changed();
}

/**
 * Post what is filled in, and show the form that comes back unless a newer one has been asked for.
 *
 * Returns whether the answer was still wanted.
 */
export async function exchange(path, extra = {}, options = {}) {
  clearTimeout(writing);
  const number = ++newest;
  const before = snapshot(form);
  const slow = setTimeout(() => show("Loading…"), LOADING);
  try {
    const response = await ask(`${base}/${path}`, { method: "POST", body: filledIn(extra) });
    const html = await response.text();
    if (number !== newest) return false;
    patch(form, html, before, options);
    changed();
    if (response.headers.has("X-Stacksync-Wants-Content")) loadDependents();
  } catch (error) {
    if (number === newest) complain(error);
    return false;
  } finally {
    clearTimeout(slow);
    if (number === newest && document.getElementById("doing").textContent === "Loading…") show("");
  }
  return true;
}

/** Show what a run made of the form: `before` is how it was when it was sent. */
export function showFaults(html, before) {
  newest += 1;
  patch(form, html, before);
  changed();
}

function loadDependents() {
  clearTimeout(dependents);
  dependents = setTimeout(async () => {
    // What was loaded is remembered by the server: a form drawn after it shows it.
    if (!(await exchange("content"))) redraw();
  }, DEPENDENTS);
}

// --- items of lists ------------------------------------------------------------------------------------------------

const DONE = { Add: "Added", Remove: "Removed", Move: "Moved", Refresh: "Refreshed" };

async function operate(button) {
  const [verb, at] = split(button.value);
  const told = (button.getAttribute("aria-label") ?? "").replace(/^\w+/, (word) => DONE[word] ?? word);
  const moves = ["remove", "up", "down", "add"].includes(verb);
  const wanted = await exchange("form", { operation: button.value }, { replace: moves, origin: originAfter(verb, at) });
  if (!wanted) return;
  if (moves) focusAfter(verb, at);
  say(moves ? `${told}. ${count(verb === "add" ? at : parent(at))}` : told);
}

function split(operation) {
  const colon = operation.indexOf(":");
  return [operation.slice(0, colon), operation.slice(colon + 1)];
}

function parent(at) {
  return at.slice(0, at.lastIndexOf("/"));
}

function buttonFor(operation) {
  return [...form.elements].find((each) => each.name === "operation" && each.value === operation);
}

function itemsOf(list) {
  return buttonFor(`add:${list}`)?.parentElement.querySelector(":scope > .items");
}

function count(list) {
  const number = itemsOf(list)?.querySelectorAll(":scope > .field").length ?? 0;
  return `${number} ${number === 1 ? "item" : "items"} now.`;
}

/** Put the focus where one would go on: into the new item, on the next one, along with the one that moved. */
function focusAfter(verb, at) {
  const list = verb === "add" ? at : parent(at);
  const index = Number(at.slice(list.length + 1));
  const usable = (operations) => operations.map(buttonFor).find((button) => button && !button.disabled);
  if (verb === "add") {
    const item = itemsOf(list)?.lastElementChild;
    const first = item?.querySelector("input:not([type=hidden]), select, textarea");
    (first ?? usable([`add:${at}`]))?.focus();
    item?.scrollIntoView({ block: "nearest" });
  } else if (verb === "remove") {
    usable([`remove:${at}`, `remove:${list}/${index - 1}`, `add:${list}`])?.focus();
  } else {
    const now = `${list}/${index + (verb === "up" ? -1 : 1)}`;
    usable([`${verb}:${now}`, `up:${now}`, `down:${now}`])?.focus();
  }
}

/** Return what says under which name a control stood before items moved: the page alone knows typed passwords. */
function originAfter(verb, at) {
  if (!["remove", "up", "down"].includes(verb)) return (name) => name;
  const list = parent(at);
  const index = Number(at.slice(list.length + 1));
  const other = index + (verb === "up" ? -1 : 1);
  const before = (now) => {
    if (verb === "remove") return now >= index ? now + 1 : now;
    return { [index]: other, [other]: index }[now] ?? now;
  };
  return (name) => {
    if (!name.startsWith(`${list}/`)) return name;
    const [now, ...rest] = name.slice(list.length + 1).split("/");
    return [list, before(Number(now)), ...rest].join("/");
  };
}

// --- what people do ------------------------------------------------------------------------------------------------

/** Follow what is typed, chosen and pressed in the form. */
export function begin() {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter?.name === "operation") operate(event.submitter);
  });
  form.addEventListener("input", ({ target }) => {
    if (target.dataset.filter) filter(target);
    else if (target.dataset.language || ("redraw" in target.dataset && isText(target))) later();
  });
  form.addEventListener("change", ({ target }) => {
    if ("loadSchema" in target.dataset) exchange("load-schema");
    else if ("redraw" in target.dataset || target.dataset.language) redraw();
  });
  if ("wantsContent" in document.body.dataset) loadDependents();
}

/** Empty the form, but for its defaults. */
export async function reset() {
  if (await exchange("form", { operation: "reset" }, { replace: true })) say("The form is as it was at first.");
}

function isText(control) {
  return control.selectionStart !== undefined && control.selectionStart !== null;
}

function later() {
  clearTimeout(writing);
  writing = setTimeout(redraw, WRITING);
}

function filter(search) {
  const wanted = search.value.toLowerCase();
  for (const option of search.closest("fieldset").querySelectorAll(".option")) {
    option.hidden = !option.textContent.toLowerCase().includes(wanted);
  }
}

// What the page adds to a form as drawn.
function changed() {
  form.querySelectorAll("[data-filter]").forEach(filter);
}
