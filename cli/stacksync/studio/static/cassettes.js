// Examples played back, and recorded: what was recorded is looked at in a dialog before it is written.

import { ask, html } from "./server.js";
import { renew } from "./patch.js";
import { complain, say, show } from "./speech.js";
import { filledIn } from "./form.js";
import { fill } from "./results.js";
import { select } from "./tabs.js";

const base = document.body.dataset.base;
const dialog = document.getElementById("cassette");
const fault = document.getElementById("cassette-error");
let recorded = "";
let busy = false;

/** Follow the buttons of examples and of the dialog. */
export function begin() {
  document.getElementById("examples").addEventListener("click", ({ target }) => {
    const { play, record } = target.closest("button")?.dataset ?? {};
    if (play) start(() => playBack(play));
    if (record) start(() => recordRun(record));
  });
  dialog.querySelector("form").addEventListener("submit", (event) => {
    if (event.submitter?.value !== "write") return;
    event.preventDefault();
    write(new FormData(event.target)).catch((error) => { fault.textContent = error.message; });
  });
}

async function start(action) {
  if (busy) return;
  busy = true;
  document.getElementById("examples-menu").hidePopover();
  try {
    await action();
  } catch (error) {
    complain(error);
  } finally {
    busy = false;
  }
}

async function playBack(name) {
  show(`Playing ${name} back…`);
  fill("response", await html(`${base}/cassettes/${encodeURIComponent(name)}/play`, { method: "POST" }));
  select("response");
  show("");
  const faults = document.querySelectorAll("#panel-response .off li").length;
  say(faults ? `${name} was played back: ${faults} not as expected.` : `${name} was played back, as expected.`);
}

async function recordRun(name) {
  show(`Recording ${name}…`);
  const path = `${base}/cassettes/${encodeURIComponent(name)}/record`;
  renew(document.getElementById("recording"), await html(path, { method: "POST", body: filledIn() }));
  recorded = name;
  fault.textContent = "";
  show("");
  dialog.showModal();
}

async function write(entries) {
  const body = new URLSearchParams(entries);
  const response = await ask(`${base}/cassettes/${encodeURIComponent(recorded)}`, { method: "POST", body });
  const { file } = await response.json();
  dialog.close();
  show(`Wrote ${file}`, "good");
  say(`Wrote ${file}.`);
}
