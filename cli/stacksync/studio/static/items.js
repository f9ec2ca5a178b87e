// The buttons of lists and of choices: what they do to the form, and where one goes on.

import { change, form, refresh } from "./form.js";
import { say } from "./speech.js";

const DONE = { Add: "Added", Remove: "Removed", Move: "Moved", Refresh: "Refreshed" };

/** Follow the buttons. */
export function begin() {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter?.name === "operation") operate(event.submitter);
  });
}

async function operate(button) {
  const [verb, at] = split(button.value);
  const told = (button.getAttribute("aria-label") ?? "").replace(/^\w+/, (word) => DONE[word] ?? word);
  if (verb === "refresh") {
    if (await refresh(button.value)) say(told);
    return;
  }
  if (!(await change({ operation: button.value }, { replace: true, origin: originAfter(verb, at) }))) return;
  if (["template", "value"].includes(verb)) {
    enter(at);
    say(verb === "template" ? "A template stands here now." : "To be filled in here again.");
    return;
  }
  focusAfter(verb, at);
  say(`${told}. ${count(verb === "add" ? at : parent(at))}`);
}

function enter(at) {
  const field = form.querySelector(`[data-pointer="${CSS.escape(at)}"]`);
  field?.querySelector("input:not([type=hidden]), select, textarea, button")?.focus();
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
