// The calls to APIs that a run makes: listed while they happen, each opened when somebody wants to know.

import { html } from "./server.js";
import { badge, isShown, panel, select } from "./tabs.js";
import { colour } from "./json_colours.js";
import { complain } from "./speech.js";
import { renew } from "./patch.js";

const TOGETHER = 150; // ms in which news is shown at once

const { base, module } = document.body.dataset;
let run = null; // the number of the run whose calls are shown
let isFresh = false; // whether all that is known of them is shown
let timer = 0;

/** Hear that a run has made calls: those of the newest run of this module are shown, and news of the one shown. */
export function hearCalls({ run: name, module: about, endpoint, count, unseen }) {
  const number = name.split("-").at(-1);
  if (about !== module || (endpoint !== "execute" && number !== run)) return;
  if (number !== run && Number(number) < Number(run)) return; // an older one, whose threads still call
  run = number;
  isFresh = false;
  badge("calls", unseen ? `${count}+` : count, unseen ? "bad" : "");
  if (isShown("calls")) soon();
}

/** Forget them: another stacksync dev numbers its runs anew. */
export function forgetCalls() {
  run = null;
  isFresh = false;
}

/** Show the calls of a run. */
export function showCalls(number) {
  run = String(number);
  isFresh = false;
  return draw();
}

/** Follow the panel, and the buttons that lead to it. */
export function beginCalls() {
  const pane = document.querySelector(".results");
  pane.addEventListener("shown", ({ detail: name }) => {
    if (name === "calls" && !isFresh && base) draw().catch(complain);
  });
  pane.addEventListener("click", ({ target }) => {
    const button = target.closest("button[data-calls]");
    if (button) showCalls(button.dataset.calls).then(() => select("calls")).catch(complain);
  });
  // An element that opens tells nobody but itself.
  panel("calls").addEventListener("toggle", ({ target }) => {
    if (target.open && !target.querySelector(".api-call")) open(target).catch(complain);
  }, { capture: true });
}

function soon() {
  timer ||= setTimeout(() => {
    timer = 0;
    draw().catch(complain);
  }, TOGETHER);
}

async function draw() {
  isFresh = true;
  const asked = run;
  const content = await html(asked === null ? `${base}/calls` : `/runs/${asked}/calls`);
  if (asked !== run) return;
  put(content);
  const head = document.getElementById("calls-head");
  if (!head) return;
  const { count, bad, unseen } = head.dataset;
  badge("calls", unseen === undefined ? Number(count) : `${count}+`, Number(bad) || unseen !== undefined ? "bad" : "");
}

/** Put the list in the place of the one before; what was opened stays open. */
function put(content) {
  const opened = new Map([...panel("calls").querySelectorAll("details[open]")].map((each) => [each.dataset.load, each]));
  for (const each of opened.values()) each.querySelector(".api-call")?.remove();
  renew(panel("calls"), content);
  for (const each of opened.values()) if (each.isConnected) open(each).catch(complain);
}

async function open(details) {
  const content = await html(details.dataset.load);
  details.querySelector(".api-call")?.remove();
  details.insertAdjacentHTML("beforeend", content);
  colour();
}
