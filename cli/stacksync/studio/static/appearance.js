// How the page looks to whoever looks at it: light or dark, and how wide its panes are. Kept by the browser.
//
// Not a module: it runs before the page is drawn, which else would be seen in other colours first.

(() => {
  const THEME = "stacksync-studio-theme";
  const PANES = "stacksync-studio-panes";
  const root = document.documentElement;

  const kept = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
  const keep = (name, value) => { try { localStorage.setItem(name, value); } catch { /* forgotten with the tab */ } };

  // --- light and dark ----------------------------------------------------------------------------------------------

  const theme = ["light", "dark"].includes(kept(THEME)) ? kept(THEME) : "system";
  const wear = (chosen) => { root.dataset.theme = chosen; };
  wear(theme);

  function followTheme() {
    const choices = document.getElementById("theme");
    if (!choices) return;
    choices.querySelector(`[value=${theme}]`).checked = true;
    choices.addEventListener("change", ({ target }) => {
      wear(target.value);
      keep(THEME, target.value);
    });
    addEventListener("storage", ({ key, newValue }) => {
      if (key !== THEME || !newValue) return;
      wear(newValue);
      choices.querySelector(`[value=${CSS.escape(newValue)}]`).checked = true;
    });
  }

  // --- panes, as https://www.w3.org/WAI/ARIA/apg/patterns/windowsplitter/ describes what divides them -----------------

  const LEAST = { modules: 12, main: 28, results: 22 }; // percent of the window
  const FIRST = { modules: 17, results: 41 };
  const [STEP, LEAP] = [1, 5];
  const shares = { ...FIRST, ...sharesKept() };

  function sharesKept() {
    try {
      const found = JSON.parse(kept(PANES) ?? "{}");
      return Object.fromEntries(Object.keys(FIRST).filter((name) => Number.isFinite(found?.[name])).map((name) => [name, found[name]]));
    } catch {
      return {};
    }
  }

  const most = (name) => 100 - LEAST.main - shares[name === "modules" ? "results" : "modules"];
  const fitting = (name, share) => Math.round(Math.min(Math.max(share, LEAST[name]), most(name)));

  function share(splitter, wanted) {
    const name = splitter.dataset.splits;
    shares[name] = fitting(name, wanted);
    root.style.setProperty(`--${name}`, `${shares[name]}%`);
    document.querySelectorAll(".splitter").forEach(tell);
  }

  function tell(splitter) {
    const name = splitter.dataset.splits;
    splitter.setAttribute("aria-valuemin", LEAST[name]);
    splitter.setAttribute("aria-valuemax", most(name));
    splitter.setAttribute("aria-valuenow", shares[name]);
    splitter.setAttribute("aria-valuetext", `${shares[name]} percent`);
  }

  for (const [name, part] of Object.entries(shares)) root.style.setProperty(`--${name}`, `${part}%`);

  function followSplitter(splitter) {
    const name = splitter.dataset.splits;
    const grows = name === "modules" ? 1 : -1; // which way the arrow to the right goes
    const set = (wanted) => {
      share(splitter, wanted);
      keep(PANES, JSON.stringify(shares));
    };
    share(splitter, shares[name]);

    splitter.addEventListener("keydown", (event) => {
      const step = event.shiftKey ? LEAP : STEP;
      const wanted = {
        ArrowRight: shares[name] + grows * step, ArrowLeft: shares[name] - grows * step,
        Home: grows > 0 ? LEAST[name] : most(name), End: grows > 0 ? most(name) : LEAST[name], Enter: FIRST[name],
      }[event.key];
      if (wanted === undefined || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      set(wanted);
    });
    splitter.addEventListener("pointerdown", (event) => {
      splitter.setPointerCapture(event.pointerId);
      splitter.classList.add("dragged");
    });
    splitter.addEventListener("pointermove", ({ clientX }) => {
      if (!splitter.classList.contains("dragged")) return;
      const { left, right, width } = splitter.closest(".panes").getBoundingClientRect();
      share(splitter, (100 * (grows > 0 ? clientX - left : right - clientX)) / width);
    });
    splitter.addEventListener("lostpointercapture", () => {
      splitter.classList.remove("dragged");
      keep(PANES, JSON.stringify(shares));
    });
    splitter.addEventListener("dblclick", () => set(FIRST[name]));
  }

  document.addEventListener("DOMContentLoaded", () => {
    followTheme();
    document.querySelectorAll(".splitter").forEach(followSplitter);
  });
})();
