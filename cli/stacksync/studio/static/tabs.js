// Tabs as https://www.w3.org/WAI/ARIA/apg/patterns/tabs/ describes them.

const tabs = [...document.querySelectorAll("[role=tab]")];
const KEYS = {
  ArrowRight: (index) => (index + 1) % tabs.length,
  ArrowLeft: (index) => (index - 1 + tabs.length) % tabs.length,
  Home: () => 0,
  End: () => tabs.length - 1,
};

/** Show the panel of a tab, by its name. */
export function select(name) {
  for (const tab of tabs) {
    const isChosen = tab.id === `tab-${name}`;
    tab.setAttribute("aria-selected", isChosen);
    tab.tabIndex = isChosen ? 0 : -1;
    panel(tab.id.slice(4)).hidden = !isChosen;
  }
  panel(name).dispatchEvent(new CustomEvent("shown", { bubbles: true, detail: name }));
}

/** Return the panel of a tab. */
export function panel(name) {
  return document.getElementById(`panel-${name}`);
}

/** Say whether a panel is the one that is shown. */
export function isShown(name) {
  return !panel(name).hidden;
}

/** Show at a tab how many there are of what it holds; nothing when none. */
export function badge(name, number, kind = "") {
  const mark = document.querySelector(`#tab-${name} .count`);
  mark.textContent = number ? String(number) : "";
  mark.dataset.kind = kind;
}

/** Follow clicks and keys on the tabs. */
export function begin() {
  const list = document.querySelector("[role=tablist]");
  list.addEventListener("click", ({ target }) => {
    const tab = target.closest("[role=tab]");
    if (tab) select(tab.id.slice(4));
  });
  list.addEventListener("keydown", (event) => {
    const go = KEYS[event.key];
    if (!go) return;
    event.preventDefault();
    const tab = tabs[go(tabs.indexOf(document.activeElement))];
    tab.focus();
    select(tab.id.slice(4));
  });
}
