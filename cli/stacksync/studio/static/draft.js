// What is filled in, kept for when the page is opened again: for each module, in this tab only, without secrets.

const PAUSE = 200; // ms without a change before it is written

const form = document.getElementById("form");
const key = `draft of ${document.querySelector("h1").textContent} ${document.body.dataset.module}`;
let isWorthIt = false; // whether somebody filled anything in
let saving = 0;

/** Return what was filled in when the page was left, or nothing. */
export function kept() {
  const text = sessionStorage.getItem(key);
  isWorthIt = text !== null;
  return text === null ? null : new URLSearchParams(text);
}

/** Keep what is filled in from now on. */
export function keep() {
  isWorthIt = true;
  renew();
}

/** Keep what is filled in now, if anything of it is kept. */
export function renew() {
  clearTimeout(saving);
  if (isWorthIt) saving = setTimeout(write, PAUSE);
}

/** Keep nothing, until something is filled in. */
export function forget() {
  clearTimeout(saving);
  isWorthIt = false;
  sessionStorage.removeItem(key);
}

/** Follow what is typed and chosen. */
export function begin() {
  for (const kind of ["input", "change"]) form.addEventListener(kind, keep);
  addEventListener("pagehide", () => {
    if (isWorthIt) write();
  });
}

function write() {
  const draft = new URLSearchParams(new FormData(form));
  // Empty, not left out: a box that is not posted keeps what its form was drawn with.
  for (const { name } of form.querySelectorAll("[data-secret]")) draft.set(name, "");
  try {
    sessionStorage.setItem(key, draft);
  } catch {
    sessionStorage.removeItem(key); // larger than what a browser keeps
  }
}
