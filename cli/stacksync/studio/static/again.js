// The last run, sent again when other code serves, and what differs then; if its switch is on.

import { ask, html } from "./server.js";
import { fill, markRun, showCall } from "./results.js";
import { follow, LATER } from "./running.js";
import { complain, say, show } from "./speech.js";

const base = document.body.dataset.base;

/** Follow the switch. */
export function begin() {
  document.querySelector(".results").addEventListener("change", ({ target }) => {
    if (target.id === "again") set(target).catch(complain);
  });
}

/** Send the last run again, and show its answer below what differs from the one before. */
export async function sendAgain() {
  if (document.hidden) return; // the server knows whether the switch is on

  const begun = await (await ask(`${base}/again/run`, { method: "POST", prefer: LATER })).json();
  if (begun.refused) {
    fill("response", begun.refused);
    say("Not sent again: the input does not fit the form any more.");
  }
  if (!begun.run) return; // switched off, never run, or another tab was faster

  markRun(begun.run);
  const { number, response } = await follow(begun);
  const differences = await html(`/history/${begun.before}/changed/${number}`);
  fill("response", `${differences}${response}`);
  await showCall(number);
  show("");
  say(document.getElementById("changed").dataset.said);
}

async function set(box) {
  const body = new URLSearchParams({ on: box.checked ? "1" : "" });
  box.checked = (await (await ask(`${base}/again/switch`, { method: "POST", body })).json()).on;
  say(box.checked ? "The last run is sent again whenever code is saved." : "Runs are sent by hand only.");
}
