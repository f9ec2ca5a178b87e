// The dialog that saves a connection. Its values go to the server and never come back: they are shown as masks.

import { ask } from "./server.js";
import { change, form, load } from "./form.js";
import { tell } from "./speech.js";

const dialog = document.getElementById("connection");
const entries = dialog?.querySelector("form");
const title = document.getElementById("connection-title");
const fault = document.getElementById("connection-error");
const removing = document.getElementById("connection-remove");
let pointer = ""; // of the field that is to hold it
let edited = ""; // the id of the connection that is edited; "" for a new one

/** Open the dialog for the field of a button: for a new connection, or for the one that the button names. */
export async function open({ dataset }) {
  pointer = dataset.pointer;
  edited = dataset.connection ?? "";
  entries.reset();
  fault.textContent = "";
  title.textContent = edited ? "Edit connection" : "New connection";
  removing.hidden = !edited;
  fillIn(edited ? await saved(edited) : fitting(dataset));
  dialog.showModal();
}

function fitting({ appTypes = "", managementTypes = "" }) {
  const isOurs = !managementTypes || managementTypes.split(" ").includes("custom");
  return { app_type: appTypes.split(" ")[0], management: isOurs ? "custom" : "managed" };
}

async function saved(id) {
  const all = await (await ask("/connections")).json();
  const found = all.find((each) => each.id === id);
  return { ...found, value: JSON.stringify(found.value, null, 2) };
}

function fillIn(values) {
  for (const [name, value] of Object.entries(values)) {
    if (entries.elements[name]) entries.elements[name].value = value;
  }
}

/** Follow the dialog's buttons. */
export function begin() {
  entries.addEventListener("submit", (event) => {
    const act = { save, remove }[event.submitter?.value];
    if (!act) return;
    event.preventDefault();
    act().catch((error) => { fault.textContent = error.message; });
  });
}

async function save() {
  const body = new URLSearchParams(new FormData(entries));
  const { id, name } = await (await ask(`/connections${edited && `/${edited}`}`, { method: "POST", body })).json();
  dialog.close();
  await choose(id);
  tell(`The connection ${name} is saved and chosen.`);
}

async function remove() {
  await ask(`/connections/${edited}`, { method: "DELETE" });
  dialog.close();
  await choose("");
  tell("The connection is removed.");
}

async function choose(id) {
  await change({ [pointer]: id });
  if ("load" in (form.elements[pointer]?.dataset ?? {})) await load(pointer);
}
