// A run that has begun: its time, what the connector writes meanwhile, and the button that ends the wait. The server
// keeps the run; this only watches it, and may come back to it.

import { ask } from "./server.js";
import { panel, select } from "./tabs.js";
import { renew } from "./patch.js";
import { complain, say, show } from "./speech.js";

/** What a page says that it does not want to wait for the answer: https://www.rfc-editor.org/rfc/rfc7240#section-4.1 */
export const LATER = "respond-async";
const TICK = 100; // ms between two times that are shown
const POLL = 2000; // ms after which is asked again, should the event of the end be lost

const base = document.body.dataset.base;
const button = document.getElementById("cancel");
const ends = new Map(); // what waits for the end of a run
let watched = null; // the run whose time is shown

/** Return how a run ended; until then its time and its lines are shown. */
export async function follow(begun) {
  if (!begun.running) return begun;

  const stop = watch(begun);
  try {
    for (;;) {
      const end = ended(begun.run);
      const state = await (await ask(`/runs/${begun.number}`)).json();
      if (!state.running) return state;
      await end;
    }
  } finally {
    stop();
  }
}

/** Hear of a run, of this page or another. */
export function hear({ run, ended: isOver }) {
  if (isOver) ends.get(run)?.();
}

/** Show a line of the run that is watched. */
export function print(text, { run, kind }) {
  if (!watched || run !== watched.run) return;

  const item = document.createElement("li");
  item.textContent = text;
  item.className = kind;
  document.getElementById("waiting-lines")?.append(item);
  item.scrollIntoView({ block: "nearest" });
}

/** Return the run of this module that is in progress, or else the newest; nothing when there was none. */
export async function lastRun() {
  const last = await (await ask(`${base}/runs/last`)).json();
  return last.run ? last : null;
}

/** Follow the button. */
export function begin() {
  button.addEventListener("click", () => cancel().catch(complain));
}

function ended(run) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, POLL);
    ends.set(run, () => {
      clearTimeout(timer);
      resolve();
    });
  }).finally(() => ends.delete(run));
}

function watch(begun) {
  watched = begun;
  const since = performance.now() - begun.seconds * 1000;
  renew(panel("response"), begun.response);
  select("response");
  showEarlierLines();
  button.hidden = false;
  say("The module is running. Cancel run stops the wait.");
  const timer = setInterval(() => tell((performance.now() - since) / 1000), TICK);
  return () => {
    clearInterval(timer);
    watched = null;
    if (document.activeElement === button) document.getElementById("run").focus();
    button.hidden = true;
    show("");
  };
}

function tell(seconds) {
  const text = `${seconds.toFixed(1)} s`;
  show(`Running… ${text}`);
  const clock = panel("response").querySelector(".clock");
  if (clock) clock.textContent = text;
}

// What it wrote before this page watched it.
function showEarlierLines() {
  for (const line of document.querySelectorAll("#lines li")) {
    if (line.dataset.run === watched.run) print(line.textContent, { run: watched.run, kind: line.className.split(" ")[0] });
  }
}

async function cancel() {
  const { run, number } = watched;
  await ask(`/runs/${number}/cancel`, { method: "POST" });
  ends.get(run)?.();
}
