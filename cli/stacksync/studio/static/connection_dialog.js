// The dialog that saves, tries and logs in a connection. Secrets go to the server and never come back.

import { ask, html } from "./server.js";
import { change, form, load } from "./form.js";
import { announce } from "./speech.js";

const dialog = document.getElementById("connection");
const entries = dialog?.querySelector("form");
const fields = document.getElementById("connection-fields");
const title = document.getElementById("connection-title");
const fault = document.getElementById("connection-error");
const outcome = document.getElementById("connection-outcome");
const removing = document.getElementById("connection-remove");
let pointer = ""; // of the field that is to hold it
let edited = ""; // the id of the connection that is edited; "" for a new one
let login = ""; // the id of the login that is waited for

/** Open the dialog for the field of a button: for a new connection, or for the one that the button names. */
export async function open({ dataset }) {
  pointer = dataset.pointer;
  entries.reset();
  tell();
  edit(dataset.connection ?? "");
  fillIn(edited ? await saved(edited) : fitting(dataset));
  await draw();
  dialog.showModal();
}

function edit(id) {
  edited = id;
  title.textContent = edited ? "Edit connection" : "New connection";
  removing.hidden = !edited;
}

function fitting({ appTypes = "", managementTypes = "" }) {
  const isOurs = !managementTypes || managementTypes.split(" ").includes("custom");
  return { app_type: appTypes.split(" ")[0], management: isOurs ? "custom" : "managed" };
}

async function saved(id) {
  const all = await (await ask("/connections")).json();
  return all.find((each) => each.id === id);
}

function fillIn(values) {
  for (const name of ["name", "app_type", "management"]) {
    if (values[name] !== undefined) entries.elements[name].value = values[name];
  }
}

function tell({ bad = "", good = "" } = {}) {
  fault.textContent = bad;
  outcome.textContent = good;
}

/** Draw the fields of the type that is named now; what was typed stays where the field stays. */
async function draw() {
  const typed = new Map([...fields.querySelectorAll("input[name]:not([type=checkbox])")].map((each) => [each.name, each.value]));
  fields.innerHTML = await html(`/connections/fields?${new URLSearchParams({ id: edited, app_type: entries.elements.app_type.value })}`);
  for (const each of fields.querySelectorAll("input[name]:not([type=checkbox])")) {
    if (typed.get(each.name)) each.value = typed.get(each.name);
  }
}

/** Follow the dialog's buttons. */
export function begin() {
  entries.addEventListener("submit", (event) => {
    const act = { save, try: tryIt, remove }[event.submitter?.value];
    if (!act) return;
    event.preventDefault();
    attempt(act);
  });
  entries.elements.app_type.addEventListener("change", () => attempt(draw));
  fields.addEventListener("click", ({ target }) => {
    if (target.id === "connection-add") addField();
    if (target.id === "connection-begin") attempt(logIn);
  });
  dialog.addEventListener("close", () => {
    fields.replaceChildren(); // with what was typed there
    if (login) ask("/connections/login", { method: "DELETE" }).catch(() => {});
    login = "";
  });
}

function attempt(act) {
  tell();
  act().catch((error) => tell({ bad: error.message }));
}

function addField() {
  const others = document.getElementById("connection-others");
  others.append(document.getElementById("connection-other").content.cloneNode(true));
  others.lastElementChild.querySelector("input").focus();
}

async function store() {
  const body = new URLSearchParams(new FormData(entries));
  return (await ask(`/connections${edited && `/${edited}`}`, { method: "POST", body })).json();
}

async function save() {
  const { id, name } = await store();
  dialog.close();
  await choose(id);
  announce(`The connection ${name} is saved and chosen.`);
}

async function tryIt() {
  const { id } = await store();
  await keepOpen(id);
  tell({ good: "Calling the API…" });
  const { works, said } = await (await ask(`/connections/${id}/try`, { method: "POST" })).json();
  tell(works ? { good: `It works: ${said}` } : { bad: `The API does not take it. ${said}` });
}

/** Wait for somebody to log in, in another tab that the link opens. */
async function logIn() {
  if (!entries.reportValidity()) return;
  const body = new URLSearchParams(new FormData(entries));
  body.set("id", edited);
  const begun = await (await ask("/connections/login", { method: "POST", body })).json();
  login = begun.id;
  const link = document.getElementById("connection-login");
  Object.assign(link, { href: begun.address, textContent: `Continue at ${begun.host}`, hidden: false });
  link.focus();
  tell({ good: `Waiting for your login. The provider sends you back to ${begun.redirect}` });
  try {
    const done = await (await ask(`/connections/login/${begun.id}`)).json();
    if (login !== begun.id) return; // another one was begun, or the dialog was closed
    login = "";
    await keepOpen(done.id);
    tell({ good: [`${done.name} is logged in.`, ...done.notes.map((each) => `Note: ${each}.`)].join(" ") });
  } catch (error) {
    if (login !== begun.id) return;
    login = "";
    link.hidden = true;
    throw error;
  }
}

/** Go on editing a connection that is saved now, and choose it in the form behind. */
async function keepOpen(id) {
  edit(id);
  fields.replaceChildren();
  await draw();
  await choose(id);
}

async function remove() {
  await ask(`/connections/${edited}`, { method: "DELETE" });
  dialog.close();
  await choose("");
  announce("The connection is removed.");
}

async function choose(id) {
  await change({ [pointer]: id });
  if ("load" in (form.elements[pointer]?.dataset ?? {})) await load(pointer);
}
