// What users see of a form, or also what its developers want to know of it: ids, where choices come from, remarks.

const KEPT = "stacksync-studio-view";

const button = document.getElementById("developer-view");

/** Follow the switch; how it stands is remembered by the browser. */
export function begin() {
  if (!button) return;
  set(localStorage.getItem(KEPT) !== "user");
  button.addEventListener("click", () => set(button.getAttribute("aria-checked") !== "true"));
}

function set(isDeveloper) {
  button.setAttribute("aria-checked", isDeveloper);
  document.body.dataset.view = isDeveloper ? "developer" : "user";
  localStorage.setItem(KEPT, document.body.dataset.view);
}
