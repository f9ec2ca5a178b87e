// Places in files: pressed, they are opened in the developer's editor; which one that is can be chosen.

import { ask } from "./server.js";
import { complain, say } from "./speech.js";

/** Follow places and the choice of an editor; `redraw` shows what holds places anew. */
export function begin(redraw) {
  document.addEventListener("click", ({ target }) => {
    const place = target.closest("[data-file]");
    if (place) open(place.dataset).catch(complain);
  });
  document.addEventListener("change", ({ target }) => {
    if (target.matches("[data-editor]")) choose(target.value).then(redraw).catch(complain);
  });
}

async function open({ file, line, column }) {
  await ask("/editor/open", { method: "POST", body: new URLSearchParams({ file, line, column }) });
  say("Opened.");
}

async function choose(editor) {
  await ask("/editor", { method: "POST", body: new URLSearchParams({ editor }) });
  say("Chosen.");
}
