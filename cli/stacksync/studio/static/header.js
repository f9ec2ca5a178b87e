// How the connector is: the pill, the banner with what does not load, the public address.

import { say } from "./speech.js";

const PARTLY = "partly"; // the connector serves, but not all of its modules as they are on disk
const WORDS = { starting: "starting", ready: "ready", reloading: "reloading", failed: "failed", stopped: "stopped", lost: "not connected" };

const pill = document.getElementById("state");
const banner = document.getElementById("errors");
let told = "";

/** Show a state of the connector. */
export function showState({ state, seconds = null, reason = "", errors = [] }) {
  const broken = brokenModules(state, errors);
  pill.dataset.state = broken ? PARTLY : state;
  pill.querySelector(".word").textContent = broken ? `${broken} ${broken === 1 ? "module fails" : "modules fail"}` : WORDS[state] ?? state;
  pill.querySelector(".seconds").textContent = state === "ready" && seconds != null ? `${seconds.toFixed(2)} s` : "";
  pill.title = reason;
  if (state === "lost") return;

  banner.replaceChildren(...(state === "failed" && !errors.length ? [line({ message: reason || "The connector does not start." })] : errors.map(line)));
  banner.hidden = !banner.childElementCount;
  const news = banner.hidden ? `The connector is ${WORDS[state] ?? state}.` : banner.textContent;
  if (["ready", "failed", "stopped"].includes(state) && news !== told) say(news);
  told = news;
}

// How many modules are at fault, where the connector serves all the same.
function brokenModules(state, errors) {
  const isServed = state === "ready" || errors.every((error) => error.kept);
  if (!errors.length || !isServed || !errors.every((error) => error.module)) return 0;
  return new Set(errors.map((error) => error.module)).size;
}

/** Show the address of a tunnel. */
export function showTunnel({ address, fault }) {
  const place = document.getElementById("public");
  place.hidden = !address && !fault;
  place.querySelector("code").textContent = address || fault;
  place.querySelector("button").dataset.copy = address ?? "";
  place.querySelector("button").hidden = !address;
}

function line({ file = null, line: number = null, message, kept = false }) {
  const item = document.createElement("li");
  if (file) {
    const place = document.createElement("code");
    place.textContent = number ? `${file}:${number}` : file;
    item.append(place, " ");
  }
  item.append(message);
  if (kept) {
    const note = document.createElement("span");
    note.className = "kept";
    note.textContent = "The last good version still serves.";
    item.append(" ", note);
  }
  return item;
}
