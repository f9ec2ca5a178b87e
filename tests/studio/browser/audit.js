// What neither Python nor axe-core can see of a page: run in it by audit.py. The numbers are the success criteria of WCAG 2.2.
({
  structure() {
    const found = [];
    const ids = new Map();
    for (const each of document.querySelectorAll("[id]")) ids.set(each.id, (ids.get(each.id) ?? 0) + 1);
    for (const [id, times] of ids) if (times > 1) found.push(`the id ${id} is there ${times} times`);
    for (const name of ["for", "aria-labelledby", "aria-describedby", "aria-controls", "popovertarget"]) {
      for (const each of document.querySelectorAll(`[${name}]`)) {
        const gone = each.getAttribute(name).split(" ").filter((id) => !document.getElementById(id));
        if (gone.length) found.push(`${name} leads nowhere: ${gone}`);
      }
    }
    for (const each of document.querySelectorAll("fieldset")) {
      if (!each.querySelector(":scope > legend")?.textContent.trim()) found.push(`${each.id} has no legend`);
    }
    for (const each of document.querySelectorAll("[aria-invalid=true]")) {
      if (!each.getAttribute("aria-describedby")?.includes("--error")) found.push(`${each.id} does not say what is wrong`);
    }
    return found;
  },

  // 1.4.3 for texts, 1.4.11 for the edges of controls. A canvas turns every way to write a colour into numbers.
  contrast() {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const rgba = (colour) => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
      return [red, green, blue, alpha / 255];
    };
    const over = ([red, green, blue, alpha], below) =>
      [red, green, blue].map((each, index) => each * alpha + below[index] * (1 - alpha));
    const behind = (element) => {
      if (!element) return rgba("canvas");
      const colour = rgba(getComputedStyle(element).backgroundColor);
      return colour[3] === 1 ? colour : over(colour, behind(element.parentElement));
    };
    const linear = (each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
    const light = (colour) => {
      const [red, green, blue] = colour.map((each) => linear(each / 255));
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const ratio = (...colours) => {
      const [low, high] = colours.map(light).sort((one, other) => one - other);
      return (high + 0.05) / (low + 0.05);
    };
    const found = [];
    let least = 21;
    const need = (colour, below, wanted, what) => {
      const measured = ratio(over(rgba(colour), below), below);
      if (wanted > 3) least = Math.min(least, measured);
      if (measured < wanted) found.push(`${what}: ${measured.toFixed(2)} of ${wanted}`);
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const [text, element] = [walker.currentNode.data.trim(), walker.currentNode.parentElement];
      if (!text || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      if (element.closest(":disabled, [aria-disabled=true], .sr-only, script, style, option")) continue;
      const style = getComputedStyle(element);
      const size = parseFloat(style.fontSize);
      const isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
      need(style.color, behind(element), isLarge ? 3 : 4.5, `"${text.slice(0, 40)}"`);
    }
    const boxes = "input:not([type=hidden], [type=checkbox], [type=radio]), select, textarea";
    for (const control of document.querySelectorAll(boxes)) {
      if (control.disabled || !control.checkVisibility()) continue;
      const style = getComputedStyle(control);
      need(style.color, behind(control), 4.5, `text of ${control.id}`);
      need(style.borderTopColor, behind(control.parentElement), 3, `edge of ${control.id}`);
      if (!control.placeholder) continue;
      need(getComputedStyle(control, "::placeholder").color, behind(control), 4.5, `hint of ${control.id}`);
    }
    return { found, least };
  },

  // 2.5.8: 24 by 24 pixels; a box with a label has the label's.
  targets() {
    const found = [];
    for (const each of document.querySelectorAll("button, a[href], input:not([type=hidden]), select, textarea, summary")) {
      if (!each.checkVisibility() || each.closest(".skip, .sr-only")) continue;
      const isTicked = ["checkbox", "radio"].includes(each.type);
      const box = (isTicked && each.labels[0] ? each.labels[0] : each).getBoundingClientRect();
      const size = `${box.width.toFixed(1)} by ${box.height.toFixed(1)}`;
      if (box.width < 24 || box.height < 24) found.push(`${each.id || each.textContent.trim()}: ${size}`);
    }
    return found;
  },

  // 1.4.10: nothing has to be scrolled sideways, but for what scrolls by itself.
  sideways() {
    const found = [];
    const width = document.documentElement.clientWidth;
    const whole = document.documentElement.scrollWidth;
    if (whole > width) found.push(`the page is ${whole} wide`);
    for (const each of document.querySelectorAll("main *, header *")) {
      if (!each.checkVisibility() || each.closest(".sr-only, .skip, [popover], dialog, pre, textarea")) continue;
      const box = each.getBoundingClientRect();
      if (box.width && box.right > width + 1) found.push(`${each.id || each.className || each.tagName}: to ${box.right}`);
    }
    return found;
  },
})
