// The left pane: the modules, found by typing.

import { html } from "./server.js";
import { renew } from "./patch.js";

const list = document.getElementById("modules");
const search = document.getElementById("search");
let newest = 0; // the number of the newest list asked for: an older one that comes later is dropped

/** Draw the list anew, under the fingers of somebody who goes through it by the arrow keys. */
export async function redrawModules() {
  const number = ++newest;
  const drawn = await html("/modules");
  if (number !== newest) return;

  const isInList = list.contains(document.activeElement);
  renew(list, drawn);
  if (isInList && !list.contains(document.activeElement)) search.focus(); // the module is gone
  for (const link of list.querySelectorAll("a")) {
    if (link.pathname === location.pathname) link.setAttribute("aria-current", "page");
  }
  narrow();
}

/** Follow what is typed into the search box, and the arrow keys. */
export function begin() {
  list.querySelector(".module:has([aria-current])")?.scrollIntoView({ block: "center" });
  search.addEventListener("input", narrow);
  document.querySelector(".modules").addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const links = [...list.querySelectorAll("a")].filter((link) => !link.closest("[hidden]"));
    if (event.key === "Enter" && event.target === search) links[0]?.click();
    if (!step || !links.length) return;
    event.preventDefault();
    const next = links.indexOf(document.activeElement) + step;
    (next < 0 ? search : links[Math.min(next, links.length - 1)]).focus();
  });
  const toggle = document.getElementById("modules-toggle");
  toggle.addEventListener("click", () => {
    const isOpen = toggle.getAttribute("aria-expanded") !== "true";
    toggle.setAttribute("aria-expanded", isOpen);
    if (isOpen) search.focus();
  });
}

function narrow() {
  const wanted = search.value.trim().toLowerCase();
  const words = wanted.split(/\s+/);
  for (const item of list.querySelectorAll(".module")) item.hidden = !words.every((word) => item.dataset.words.includes(word));
  for (const category of list.querySelectorAll("section")) category.hidden = !category.querySelector(".module:not([hidden])");
  document.getElementById("no-modules").hidden = !wanted || !!list.querySelector(".module:not([hidden])");
}
