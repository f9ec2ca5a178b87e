// The page of `stacksync dev`: begins its parts and joins them.

import { begin as beginAgain, sendAgain } from "./again.js";
import { ask } from "./server.js";
import { begin as beginTabs, select } from "./tabs.js";
import { beginCalls, forgetCalls, hearCalls } from "./calls.js";
import { begin as beginCassettes } from "./cassettes.js";
import { begin as beginChoices } from "./choice_list.js";
import { begin as beginCode } from "./code_editor.js";
import { begin as beginCopying } from "./copying.js";
import { begin as beginConnections, open as openConnection } from "./connection_dialog.js";
import { begin as beginExamples } from "./example_dialog.js";
import { begin as beginForm, faultFinder, filledIn, form, load, redraw, reset } from "./form.js";
import { begin as beginItems } from "./items.js";
import { begin as beginModules, redrawModules } from "./modules.js";
import { begin as beginReplays, runAgain } from "./replays.js";
import { begin as beginResults, check, fill, log, markRun, redrawPlaces, reveal, showCall, showHistory } from "./results.js";
import { begin as beginRunning, follow, hear, LATER, lastRun, print } from "./running.js";
import { complain, say, show } from "./speech.js";
import { begin as beginValues } from "./value_view.js";
import { begin as beginViews } from "./views.js";
import { listen } from "./events.js";
import { begin as beginEditor } from "./editor.js";
import { showErrors, showState, showTunnel } from "./header.js";

const { base, module } = document.body.dataset;
const TOGETHER = 30; // ms in which several events of one save arrive
const runButton = document.getElementById("run");
let running = false;

// --- running a module ----------------------------------------------------------------------------------------------

async function run() {
  await alone(async () => {
    show("Sending…");
    const showFaults = await faultFinder();
    const body = filledIn({ anyway: document.getElementById("anyway").checked ? "1" : "" });
    const answer = await (await ask(`${base}/run`, { method: "POST", body, prefer: LATER })).json();
    await showFaults(answer.form);
    if (answer.sent) await awaitAnswer(answer);
    else showRefusal(answer.response);
  });
}

// One run at a time in each tab.
async function alone(work) {
  if (running) return;
  running = true;
  runButton.setAttribute("aria-disabled", "true");
  try {
    await work();
  } catch (error) {
    complain(error);
  } finally {
    running = false;
    runButton.removeAttribute("aria-disabled");
  }
}

async function awaitAnswer(begun) {
  markRun(begun.run);
  const { run, response } = await follow(begun);
  fill("response", response);
  select("response");
  await showAnswer(run);
}

// The page was left while the module ran, or after it: the answer is there, or still comes.
async function comeBack() {
  const last = await lastRun();
  if (!last || running || (!last.running && location.hash.startsWith("#run"))) return;
  if (last.running) {
    await alone(() => awaitAnswer(last));
    return;
  }

  markRun(last.run);
  fill("response", last.response);
  await showCall(last.number);
}

async function showAnswer(run) {
  const summary = document.querySelector("#panel-response .summary");
  const off = document.querySelectorAll("#panel-response .off li").length;
  const told = [...summary.children].filter((each) => !each.matches(".buttons")).map((each) => each.textContent);
  show("");
  say(`Answered: ${told.join(", ")}${off ? `; ${off} off, not what the platform expects` : ""}.`);
  reveal();
  await showCall(run.split("-")[1]);
}

function showRefusal(response) {
  fill("response", response);
  select("response");
  // A dropdown that takes any text has a box beside it, which is marked too and seen only when it is used.
  const faults = [...form.querySelectorAll("[aria-invalid], [data-invalid]")].filter((each) => each.checkVisibility());
  const text = `Not sent: ${faults.length} ${faults.length === 1 ? "field needs" : "fields need"} attention.`;
  show(text, "bad");
  say(text);
  if (faults.length) faults[0].focus();
  else reveal();
}

// --- what happens on the server ------------------------------------------------------------------------------------

const timers = {};
function soon(name, action) {
  clearTimeout(timers[name]);
  timers[name] = setTimeout(() => Promise.resolve(action()).catch(complain), TOGETHER);
}

const HEARD = {
  another() {
    forgetCalls();
    if (form) soon("form", () => load());
    soon("modules", redrawModules);
    soon("history", showHistory); // runs may have other numbers
    check();
  },
  state(data, isNews) {
    soon("state", () => showState(data)); // a page that is opened late hears all of them
    if (data.state === "ready" && isNews && form) {
      soon("form", () => load()); // other code may make another form
      soon("again", () => alone(sendAgain));
      soon("replays", runAgain);
    }
    if (["ready", "failed"].includes(data.state)) soon("modules", redrawModules);
  },
  lost: () => showState({ state: "lost" }).catch(complain),
  asks: (_, isNews) => isNews && show("A handler waits for a line in the terminal…"),
  answered: (_, isNews) => isNews && show(running ? "Sending…" : ""),
  tunnel: showTunnel,
  calls: hearCalls,
  log({ line, run, stream }, isNews) {
    log(line, { run, kind: stream, isNews }); // the connector itself logs each request
    print(line, { run, kind: stream });
  },
  run: hear,
  schema({ module: name, version }) {
    if (form && module === `${name}/${version}`) soon("form", () => load());
  },
  files() {
    soon("modules", redrawModules);
    check();
  },
};

// --- keys and buttons ----------------------------------------------------------------------------------------------

function press(event) {
  const isWriting = event.target.matches("input, textarea, select");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && form && !event.target.closest("dialog")) {
    event.preventDefault();
    run();
  } else if (event.key === "/" && !isWriting) {
    event.preventDefault();
    document.getElementById("search").focus();
  }
}

document.addEventListener("keydown", press);
document.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (button?.dataset.open === "connection") openConnection(button).catch(complain);
});

beginCopying();
beginTabs();
beginViews();
beginValues();
beginModules();
beginResults();
beginEditor(() => Promise.all([redrawPlaces(), showErrors()]));
if (form) {
  beginChoices();
  beginForm();
  beginCode(form);
  beginItems();
  beginConnections();
  beginExamples();
  beginCassettes();
  beginCalls();
  runButton.addEventListener("click", run);
  document.getElementById("reset").addEventListener("click", reset);
  beginRunning();
  beginAgain();
  beginReplays();
}
listen((kind, data, isNews) => HEARD[kind](data, isNews));
if (form) comeBack().catch(complain);
