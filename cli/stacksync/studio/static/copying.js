// Buttons that copy: what they hold, or what the server has under an address.

import { announce, complain } from "./speech.js";
import { html } from "./server.js";

/** Follow them. */
export function begin() {
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button?.dataset.copy || button?.dataset.copyFrom) copy(button).catch(complain);
  });
}

async function copy(button) {
  const { copy: text, copyFrom } = button.dataset;
  await navigator.clipboard.writeText(text ?? (await html(copyFrom)));
  announce("Copied.");
  button.classList.add("copied");
  setTimeout(() => button.classList.remove("copied"), 1500);
}
