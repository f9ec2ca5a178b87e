// The right pane: what was sent, what came back, what the connector wrote, what is wrong.

import { ask, html } from "./server.js";
import { badge, isShown, panel, select } from "./tabs.js";
import { showCalls } from "./calls.js";
import { colour } from "./json_colours.js";
import { put } from "./form.js";
import { renew } from "./patch.js";
import { follow, LATER } from "./running.js";
import { complain, say, show, announce } from "./speech.js";

const LINES = 2000; // of the log; older ones go
const SETTLING = 300; // ms after a file was saved before the checks are asked for

const ERROR = /^(?:\[[^\]]*\] |\S+ )?(?:ERROR|CRITICAL)\b/; // a line of the runtime, or of Flask, at these levels
const TRACEBACK = /^Traceback \(/;
const RUN = /^#run-(\d+)$/; // an address with it shows a run

const base = document.body.dataset.base;
let checking = 0;
let isAfterError = false; // whether the newest line is one: a traceback below it is no second error
let unread = 0; // errors in the log that nobody has looked at

/** Show HTML in the panel of a tab. */
export function fill(name, content) {
  renew(panel(name), content);
  colour();
}

/** Show the request of a call, and that it was made. */
export async function showCall(number) {
  await Promise.all([html(`/history/${number}`).then((content) => fill("request", content)), showHistory(), showCalls(number)]);
}

/** Show the calls made so far. */
export async function showHistory() {
  if (!base) return;
  const [calls, content] = await Promise.all([html(`${base}/history`), html(`${base}/content-calls`)]);
  fill("history", calls);
  fill("content", content);
  const [off, news] = ["[data-off]", "[data-changed]"].map((each) => panel("content").querySelectorAll(each).length);
  badge("content", off || news, off ? "bad" : "");
}

/** Draw anew what shows places in files. */
export async function redrawPlaces() {
  check();
  const again = panel("response")?.querySelector("[data-replay]");
  if (again) fill("response", await html(`/history/${again.dataset.replay}/response`));
  await showHistory();
}

/** Follow what happens in the panels. */
export function begin() {
  const pane = document.querySelector(".results");
  pane.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button) press(button).catch(complain);
  });
  pane.addEventListener("shown", ({ detail: name }) => {
    if (["history", "content"].includes(name)) showHistory().catch(complain);
    if (name === "problems") check();
    if (name === "logs") {
      unread = 0;
      badge("logs", 0);
      scrollToEnd();
    }
  });
  document.getElementById("only-run").addEventListener("change", ({ target }) => {
    panel("logs").classList.toggle("only-run", target.checked);
    scrollToEnd();
  });
  document.getElementById("clear-log").addEventListener("click", () => {
    lines().replaceChildren();
    unread = 0;
    badge("logs", 0);
  });
  check();
  const run = base && RUN.exec(location.hash)?.[1];
  if (run) showRun(run).catch(complain);
}

async function press(button) {
  const { replay, show: shown, diff } = button.dataset;
  if (replay) await again(replay);
  else if (shown) {
    await showRun(shown);
    put(await html(`/history/${shown}/form`));
    say(`The input of run ${shown} is in the form again; secrets are to be typed anew.`);
  } else if (diff) {
    const place = document.getElementById("difference");
    renew(place, await html(`/history/${diff}`));
    place.hidden = false;
    place.focus();
  } else if (button.id === "clear-history") {
    await ask("/history/clear", { method: "POST" });
    await showHistory();
    panel("history").focus();
    say("The history is empty.");
  }
}

async function showRun(number) {
  fill("response", await html(`/history/${number}/response`));
  await showCall(number);
  select("response");
  reveal();
}

/** Bring the answer into view: where the panes stand below each other, it is below the form. */
export function reveal() {
  const pane = document.getElementById("results");
  const isBelow = pane.offsetTop >= document.getElementById("main").offsetTop + document.getElementById("main").offsetHeight;
  if (isBelow) pane.scrollIntoView({ block: "start" });
  else panel("response").querySelector(".summary")?.scrollIntoView({ block: "nearest" });
}

async function again(number) {
  show("Sending…");
  const sent = await (await ask(`/history/${number}/replay`, { method: "POST", prefer: LATER })).json();
  const again = await follow(sent);
  fill("response", again.response);
  select("response");
  await showCall(again.number);
  show("");
  announce("Sent again.");
}

// --- the log -------------------------------------------------------------------------------------------------------

/** Add a line that the connector wrote, or a request that it answered. */
export function log(text, { run = null, kind = "", isNews = true } = {}) {
  const list = lines();
  const view = panel("logs");
  const isAtEnd = view.scrollTop + view.clientHeight >= view.scrollHeight - 4;
  const item = document.createElement("li");
  item.textContent = text;
  item.className = kind;
  if (run) item.dataset.run = run;
  if (run && run === document.body.dataset.run) item.classList.add("of-run");
  list.append(item);
  while (list.children.length > LINES) list.firstElementChild.remove();
  const isError = ERROR.test(text) || (TRACEBACK.test(text) && !isAfterError);
  isAfterError = ERROR.test(text);
  if (isError && isNews && !isShown("logs")) badge("logs", ++unread, "bad");
  if (isAtEnd && isShown("logs")) scrollToEnd();
}

/** Mark the lines of a run, which may have come before its answer. */
export function markRun(run) {
  document.body.dataset.run = run;
  for (const item of lines().children) item.classList.toggle("of-run", item.dataset.run === run);
}

function lines() {
  return document.getElementById("lines");
}

function scrollToEnd() {
  panel("logs").scrollTop = panel("logs").scrollHeight;
}

// --- problems ------------------------------------------------------------------------------------------------------

/** Ask what `stacksync check` says, shortly: files are often saved together. */
export function check() {
  clearTimeout(checking);
  if (document.hidden) {
    document.addEventListener("visibilitychange", check, { once: true });
    return;
  }
  checking = setTimeout(async () => {
    try {
      fill("problems", await (await ask("/problems")).text());
      const errors = panel("problems").querySelectorAll("[data-severity=error]").length;
      badge("problems", panel("problems").querySelectorAll("[data-severity]").length, errors ? "bad" : "");
    } catch (error) {
      complain(error);
    }
  }, SETTLING);
}
