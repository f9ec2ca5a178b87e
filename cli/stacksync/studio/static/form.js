// The form while it is filled in. Python draws it and reads it: this posts what it holds, and puts back what comes.

import { drawEditors } from "./code_editor.js";
import * as draft from "./draft.js";
import { ask } from "./server.js";
import { patch, snapshot } from "./patch.js";
import { complain, say, show } from "./speech.js";

const WRITING = 300; // ms without a keystroke before a form is drawn for what is being written
const DEPENDENTS = 300; // ms before choices are loaded anew: what they depend on may change again
const OWN_TEXT = "{ }"; // the option that stands for a text of one's own
const LOADING = 150; // ms before somebody who waits is told so

const base = document.body.dataset.base;
export const form = document.getElementById("form");

const [SHOWN, OLD, FAILED] = ["shown", "old", "failed"]; // what became of a form that was asked for

let newest = 0; // the number of the newest form asked for: an older one that comes later is dropped
let settled = Promise.resolve(); // when all that changes the form itself is in it: one drawn before would lack it
let loads = 0; // of what the connector is asked for after a change
let writing = 0;
let dependents = 0;
const asked = new Set(); // the ids of choices that are on their way

/** Return what is filled in. Not as FormData itself, which would make two characters of each line break. */
export function filledIn(extra = {}) {
  const body = new URLSearchParams(new FormData(form));
  for (const [name, value] of Object.entries(extra)) body.set(name, value);
  return body;
}

/** Draw the form for what is filled in now. */
export function redraw() {
  return exchange("form");
}

/** Put a form in the place of what is filled in. */
export function put(html) {
  newest += 1;
  patch(form, html, new Map(), { replace: true });
  draft.keep();
  changed();
}

/** Change the form itself, as the buttons of lists do: one change after another, and none is lost. Say if it is made. */
export function change(extra, options = {}) {
  draft.keep();
  settled = settled.then(() => send("form", extra, options));
  return settled.then((became) => became === SHOWN);
}

async function settle() {
  for (let seen; seen !== settled; ) await (seen = settled);
}

/** Return when every change is in the form, and what shows the faults that are found in it as it is then. */
export async function faultFinder() {
  await settle();
  const [number, before] = [newest, snapshot(form)];
  return async (html) => {
    if (number === newest) {
      patch(form, html, before);
      changed();
      return;
    }

    // Drawn again meanwhile: that form would lose what was changed since. Choices that arrive may overtake this one too.
    while ((await exchange("form", { faults: "1" })) === OLD);
  };
}

/** Post what is filled in, and show the form that comes back unless a newer one has been asked for. */
async function exchange(path, extra = {}) {
  await settle();
  return send(path, extra, {});
}

async function send(path, extra, options) {
  clearTimeout(writing);
  const number = ++newest;
  const before = snapshot(form);
  const slow = setTimeout(() => wait(true), LOADING);
  try {
    const response = await ask(`${base}/${path}`, { method: "POST", body: filledIn(extra) });
    const html = await response.text();
    if (number !== newest) return OLD;
    patch(form, html, before, options);
    changed();
    loadDependents(wantedBy(response));
    return SHOWN;
  } catch (error) {
    if (number === newest) complain(error);
    return FAILED;
  } finally {
    clearTimeout(slow);
    if (number === newest) wait(false);
  }
}

function wait(isLoading) {
  form.setAttribute("aria-busy", isLoading);
  if (isLoading) show("Loading…");
  else if (document.getElementById("doing").textContent === "Loading…") show("");
}

function wantedBy(response) {
  return response.headers.get("X-Stacksync-Wants-Content") ?? "";
}

// Each content object beside the others: one that is slow or fails keeps no other waiting.
function loadDependents(wanted) {
  clearTimeout(dependents);
  if (!wanted) return;
  dependents = setTimeout(() => {
    for (const id of wanted.split(" ")) if (!asked.has(id)) loadContent(id).catch(complain);
  }, DEPENDENTS);
}

async function loadContent(id) {
  asked.add(id);
  try {
    await ask(`${base}/content`, { method: "POST", body: filledIn({ wanted: id }) });
  } finally {
    asked.delete(id);
  }
  // What was loaded is remembered by the server: a form drawn after it shows it.
  const faults = form.querySelector("[aria-invalid]") ? { faults: "1" } : {};
  if ((await exchange("form", faults)) === OLD) await redraw();
}

/** Ask the connector for the choices of a field again; say whether it could be asked. */
export async function refresh(operation) {
  const became = await exchange("form", { operation });
  if (became === OLD) await redraw();
  return became !== FAILED;
}

/** Ask the connector for what a change asks for: choices, the form, or both; without a name, as for a form just opened. */
export async function load(changed = "") {
  const number = ++loads;
  while ((await exchange("load", { changed })) === OLD && number === loads);
}

// --- what people do ------------------------------------------------------------------------------------------------

/** Follow what is typed, chosen and pressed in the form. */
export function begin() {
  form.addEventListener("input", ({ target }) => {
    if (target.dataset.filter) filter(target);
    else if (target.dataset.language || hasTemplate(target) || ("redraw" in target.dataset && isText(target))) later();
  });
  form.addEventListener("change", ({ target }) => {
    if (target.value === OWN_TEXT && "openChoice" in target.dataset) write(target);
    else if ("load" in target.dataset) load(target.name).catch(complain);
    else if (["redraw", "template", "openChoice"].some((name) => name in target.dataset) || target.dataset.language) redraw();
  });
  draft.begin();
  open().catch(complain);
}

// As it was left, or else as Python drew it.
async function open() {
  const left = draft.kept();
  const response = left && (await ask(`${base}/form`, { method: "POST", body: left }));
  if (response) put(await response.text());
  const wanted = response ? wantedBy(response) : document.body.dataset.wantsContent;
  if ("makesForm" in document.body.dataset) await load();
  else loadDependents(wanted);
}

// The box for a text of one's own, beside the choices.
function write(select) {
  const box = document.getElementById(select.dataset.box ?? `${select.id}--text`);
  box.value = "";
  box.focus();
}

function hasTemplate(control) {
  return control.name.startsWith("/") && (control.value.includes("{{") || "template" in control.dataset);
}

/** Empty the form, but for its defaults. */
export async function reset() {
  const isReset = change({ operation: "reset" }, { replace: true });
  draft.forget();
  if (await isReset) say("The form is as it was at first.");
}

function isText(control) {
  return control.selectionStart !== undefined && control.selectionStart !== null;
}

function later() {
  clearTimeout(writing);
  writing = setTimeout(redraw, WRITING);
}

function filter(search) {
  const wanted = search.value.toLowerCase();
  for (const option of search.closest("fieldset").querySelectorAll(".option")) {
    option.hidden = !option.textContent.toLowerCase().includes(wanted);
  }
}

// What the page adds to a form as drawn.
function changed() {
  draft.renew();
  form.querySelectorAll("[data-filter]").forEach(filter);
  drawEditors(form);
}
