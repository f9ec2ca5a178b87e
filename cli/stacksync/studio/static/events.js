// What happens on the server, heard once for all tabs.
//
// A browser opens six connections to a host, and a stream of events keeps one of them: the seventh tab would hang. So
// the tab that holds a lock listens and passes on what it hears; when it is closed, the lock goes to the next one.
// https://developer.mozilla.org/docs/Web/API/Web_Locks_API, https://developer.mozilla.org/docs/Web/API/Broadcast_Channel_API

const KINDS = ["state", "log", "schema", "files", "tunnel", "run", "calls", "asks", "answered"];
const KEPT = 2000;

const channel = new BroadcastChannel("stacksync-studio");
const kept = []; // of the tab that listens, for tabs that come later
let greeting = null; // how things were when that tab began to listen
let last = 0; // the number of the newest event that this tab has seen
let run = null; // the stacksync dev whose events these are: numbers begin anew with each
let heard = 0; // the number of the newest event when this tab began: what has a smaller one happened before
let tell = () => {};

/** Call `handler(kind, data, isNews)` for everything that happened since stacksync dev was started, and for what will. */
export function listen(handler) {
  tell = handler;
  channel.onmessage = ({ data }) => {
    if ("since" in data) repeat(data.since);
    else take(data);
  };
  channel.postMessage({ since: last });
  navigator.locks.request("stacksync-studio-events", () => new Promise(follow)); // held until the tab is closed
}

function repeat(since) {
  if (greeting) [greeting, ...kept.filter((event) => event.id > since)].forEach((event) => channel.postMessage(event));
}

function follow() {
  const source = new EventSource(`/events?since=${last}`);
  source.addEventListener("hello", ({ data }) => pass({ kind: "hello", data: JSON.parse(data) }));
  source.onerror = () => pass({ kind: "lost", data: {} });
  for (const kind of KINDS) {
    source.addEventListener(kind, (event) => pass({ kind, id: Number(event.lastEventId), data: JSON.parse(event.data) }));
  }
}

function pass(event) {
  if (event.kind === "hello") greet(event);
  if (event.id) kept.push(event);
  if (kept.length > KEPT) kept.shift();
  channel.postMessage(event);
  take(event);
}

function greet(event) {
  if (greeting && greeting.data.run !== event.data.run) kept.length = 0;
  greeting = event;
}

function take({ kind, id = 0, data }) {
  if (kind === "hello") {
    const isAnother = run !== null && run !== data.run;
    if (isAnother) last = 0;
    if (isAnother || run === null) heard = data.newest;
    run = data.run;
    if (isAnother) tell("another", {});
    tell("state", data.state);
    return;
  }
  if (id && id <= last) return; // heard before: all hear what is repeated for one

  last = id || last;
  tell(kind, data, id > heard);
}
