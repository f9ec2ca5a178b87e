// The dialog that saves what is filled in as an example, which the connector's own tests send again.

import { ask, html } from "./server.js";
import { renew } from "./patch.js";
import { complain, say, announce } from "./speech.js";
import { filledIn, put } from "./form.js";

const base = document.body.dataset.base;
const dialog = document.getElementById("example");
const fault = document.getElementById("example-error");
const list = document.getElementById("examples");

/** Follow the buttons for examples. */
export function begin() {
  document.getElementById("save-example").addEventListener("click", () => {
    fault.textContent = "";
    dialog.showModal();
  });
  dialog.querySelector("form").addEventListener("submit", (event) => {
    if (event.submitter?.value !== "save") return;
    event.preventDefault();
    save(new FormData(event.target)).catch((error) => { fault.textContent = error.message; });
  });
  document.addEventListener("click", ({ target }) => {
    const name = target.closest("[data-example]")?.dataset.example;
    if (name) load(name).catch(complain);
  });
  const wanted = new URLSearchParams(location.search).get("example"); // as the first screen links to it
  if (wanted) load(wanted).catch(complain);
}

async function save(entries) {
  const response = await ask(`${base}/examples`, { method: "POST", body: filledIn(Object.fromEntries(entries)) });
  const { file } = await response.json();
  dialog.close();
  await refresh();
  announce(`Saved as ${file}.`);
}

async function load(name) {
  document.getElementById("examples-menu").hidePopover();
  put(await html(`${base}/examples/${encodeURIComponent(name)}`));
  say(`The example ${name} is in the form.`);
}

async function refresh() {
  renew(list, await html(`${base}/examples`));
}
