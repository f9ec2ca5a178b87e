// The examples of a module: what each expects against what is answered.

import { ask, html } from "./server.js";
import { colour } from "./json_colours.js";
import { renew } from "./patch.js";
import { complain, say } from "./speech.js";
import { badge, panel } from "./tabs.js";

const base = document.body.dataset.base;
const view = panel("examples");
let isAgain = false; // each page begins without: not every example has something to answer it but the API

/** Follow the tab and its button. */
export function begin() {
  document.querySelector(".results").addEventListener("shown", ({ detail: name }) => {
    if (name === "examples") list().catch(complain);
  });
  view.addEventListener("click", ({ target }) => {
    const button = target.closest("#run-examples");
    if (button && !button.hasAttribute("aria-disabled")) run(button).catch(complain);
  });
  view.addEventListener("change", ({ target }) => {
    if (target.id === "again-examples") isAgain = target.checked;
  });
}

/** Run all examples for the code that was saved, if the box is checked. */
export async function runAgain() {
  if (!isAgain || document.hidden) return;
  const button = view.querySelector("#run-examples");
  if (button && !button.hasAttribute("aria-disabled")) await run(button);
}

async function list() {
  put(await html(`${base}/replays`));
}

async function run(button) {
  button.setAttribute("aria-disabled", "true");
  view.querySelector("#replays-said").textContent = "Running…";
  try {
    put(await (await ask(`${base}/replays`, { method: "POST" })).text());
    say(`Examples: ${view.querySelector("#replays-said").textContent}.`);
  } catch (error) {
    await list();
    throw error;
  }
}

function put(content) {
  renew(view, content);
  const box = view.querySelector("#again-examples");
  if (box) box.checked = isAgain;
  colour();
  badge("examples", view.querySelectorAll("[data-outcome=failed]").length, "bad");
}
