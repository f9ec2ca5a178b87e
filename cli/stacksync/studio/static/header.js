// How the connector is: the pill, the banner with what does not load, the public address.

import { html } from "./server.js";
import { renew } from "./patch.js";
import { say } from "./speech.js";

const PARTLY = "partly"; // the connector serves, but not all of its modules as they are on disk
const WORDS = { starting: "starting", ready: "ready", reloading: "reloading", failed: "failed", stopped: "stopped", lost: "not connected" };

const pill = document.getElementById("state");
const banner = document.getElementById("errors");
let told = "";
let newest = 0; // the number of the newest list of errors asked for: an older one that comes later is dropped

/** Show a state of the connector. */
export async function showState({ state, seconds = null, reason = "", errors = [] }) {
  const broken = brokenModules(state, errors);
  pill.dataset.state = broken ? PARTLY : state;
  pill.querySelector(".word").textContent = broken ? `${broken} ${broken === 1 ? "module fails" : "modules fail"}` : WORDS[state] ?? state;
  pill.querySelector(".seconds").textContent = state === "ready" && seconds != null ? `${seconds.toFixed(2)} s` : "";
  pill.title = reason;
  if (state === "lost") return;

  await showErrors();
  const news = banner.hidden ? `The connector is ${WORDS[state] ?? state}.` : banner.textContent.trim();
  if (["ready", "failed", "stopped"].includes(state) && news !== told) say(news);
  told = news;
}

// How many modules are at fault, where the connector serves all the same.
function brokenModules(state, errors) {
  const isServed = state === "ready" || errors.every((error) => error.kept);
  if (!errors.length || !isServed || !errors.every((error) => error.module)) return 0;
  return new Set(errors.map((error) => error.module)).size;
}

/** Show what does not load, as the server draws it. */
export async function showErrors() {
  const number = ++newest;
  const drawn = await html("/errors");
  if (number !== newest) return;

  renew(banner, drawn);
  banner.hidden = !banner.childElementCount;
}

/** Show the address of a tunnel. */
export function showTunnel({ address, fault }) {
  const place = document.getElementById("public");
  place.hidden = !address && !fault;
  place.querySelector("code").textContent = address || fault;
  place.querySelector("button").dataset.copy = address ?? "";
  place.querySelector("button").hidden = !address;
}
