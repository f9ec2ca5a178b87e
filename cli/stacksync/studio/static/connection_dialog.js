// The dialog that saves a connection. Its values go to the server and never come back.

import { ask } from "./server.js";
import { say } from "./speech.js";
import { change } from "./form.js";

const dialog = document.getElementById("connection");
const fault = document.getElementById("connection-error");
let pointer = ""; // of the field that is to hold it

/** Open the dialog for the field of a button. */
export function open({ dataset }) {
  pointer = dataset.pointer;
  dialog.querySelector("form").reset();
  fault.textContent = "";
  dialog.querySelector("[name=app_type]").value = dataset.appTypes?.split(" ")[0] ?? "";
  dialog.querySelector("[name=management]").value = dataset.managementTypes?.includes("custom") === false ? "managed" : "custom";
  dialog.showModal();
}

/** Follow the dialog's buttons. */
export function begin() {
  dialog.querySelector("form").addEventListener("submit", (event) => {
    if (event.submitter?.value !== "save") return;
    event.preventDefault();
    save(event.target).catch((error) => { fault.textContent = error.message; });
  });
}

async function save(entries) {
  const response = await ask("/connections", { method: "POST", body: new URLSearchParams(new FormData(entries)) });
  const saved = await response.json();
  dialog.close();
  entries.reset();
  await change({ [pointer]: saved.id });
  say(`The connection ${saved.name} is saved and chosen.`);
}
