/*
 * What a test asks of a page, in the page's own words: `look` hangs on the window. Each question gives a list of
 * sentences about what is wrong, an empty one where nothing is.
 */
window.look = (() => {
  const named = (it) => `<${it.localName}${it.id ? `#${it.id}` : ""}${[...it.classList].slice(0, 3).map((c) => `.${c}`).join("")}> `
    + `“${(it.innerText || it.value || it.getAttribute("aria-label") || "").trim().replace(/\s+/g, " ").slice(0, 60)}”`;
  function* parents(it) {
    for (let each = it; each; each = each.parentElement) yield each;
  }
  const shown = (it) => it.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
  // Words for a screen reader alone are one pixel large, and cut on purpose.
  const clipped = (it) => getComputedStyle(it).clipPath.startsWith("inset(50%");
  const unseen = (it) => it.closest(".kern-sr-only, .skip-link, [hidden]") || [...parents(it)].some(clipped);
  const scrolls = (it) => {
    for (let each = it.parentElement; each; each = each.parentElement) {
      const { overflowX, position } = getComputedStyle(each);
      if (["auto", "scroll"].includes(overflowX)) return each;
      if (position === "fixed") return null;
    }
    return null;
  };

  /** Every text node that is seen, with its boxes. */
  function* lines() {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    while (walker.nextNode()) {
      const node = walker.currentNode, it = node.parentElement;
      if (!node.data.trim() || !shown(it) || unseen(it) || ["SCRIPT", "OPTION", "STYLE"].includes(it.tagName)) continue;
      range.selectNodeContents(node);
      const boxes = [...range.getClientRects()].filter((box) => box.width > 1 && box.height > 1);
      if (boxes.length) yield { node, it, boxes };
    }
  }

  /** Sideways scrolling (WCAG 1.4.10), except inside a part that scrolls by itself, as a table may. */
  function wide() {
    const most = document.documentElement.clientWidth;
    if (document.scrollingElement.scrollWidth <= most) return [];
    const outside = [...document.body.querySelectorAll("*")].filter((it) => {
      const box = it.getBoundingClientRect();
      return box.width && shown(it) && !unseen(it) && !scrolls(it) && (box.right > most + 1 || box.left < -1);
    });
    return [`${document.scrollingElement.scrollWidth} px wide on ${most}: ${outside.slice(-3).map(named).join(", ")}`];
  }

  /** Text that is cut off or lies over other text (WCAG 1.4.4, 1.4.10, 1.4.12). */
  function spoiled() {
    const found = [], seen = [], most = document.documentElement.clientWidth;
    for (const { node, it, boxes } of lines()) {
      if (it.closest("svg")) continue; // drawn to scale
      const part = scrolls(it);
      if (!part && boxes.some((box) => box.right > most + 1 || box.left < -1)) found.push(`off the page: ${named(it)}`);
      for (let each = it; each && each !== document.body; each = each.parentElement) {
        const style = getComputedStyle(each);
        if (!["hidden", "clip"].includes(style.overflowX) && !["hidden", "clip"].includes(style.overflowY)) continue;
        if (style.webkitLineClamp !== "none") break; // an excerpt says so by its dots
        const frame = each.getBoundingClientRect();
        if (boxes.some((box) => box.bottom > frame.bottom + 3 || box.right > frame.right + 3 || box.left < frame.left - 3
          || box.top < frame.top - 3)) {
          found.push(`cut off by ${named(each)}: ${node.data.trim().slice(0, 60)}`);
          break;
        }
      }
      if (!part) seen.push(...boxes.map((box) => ({ it, box })));
    }
    seen.sort((one, other) => one.box.top - other.box.top);
    for (let a = 0; a < seen.length; a += 1) {
      for (let b = a + 1; b < seen.length && seen[b].box.top < seen[a].box.bottom - 5; b += 1) {
        const [one, other] = [seen[a], seen[b]];
        const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
        const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
        // A box is higher than its letters, those of large type and of Arabic by far.
        const apart = !one.it.contains(other.it) && !other.it.contains(one.it);
        if (apart && across > 3 && down > Math.min(one.box.height, other.box.height) * 0.5) {
          found.push(`${named(one.it)} lies over ${named(other.it)}`);
        }
      }
    }
    for (const it of document.querySelectorAll("input:not([type=hidden]), select, button, a")) {
      if (shown(it) && !unseen(it) && it.localName !== "a" && it.localName !== "input"
        && it.scrollWidth > it.clientWidth + 2 && getComputedStyle(it).overflowX !== "visible") found.push(`cut off: ${named(it)}`);
    }
    return [...new Set(found)].slice(0, 6);
  }

  /** What moves although the visitor asked for rest. */
  function moving() {
    const long = (times) => times.split(",").some((time) => parseFloat(time) * (time.includes("ms") ? 1 : 1000) > 20);
    return [document.documentElement, ...document.body.querySelectorAll("*")].filter((it) => {
      const style = getComputedStyle(it);
      return style.scrollBehavior === "smooth" || (style.animationName !== "none" && long(style.animationDuration))
        || (long(style.transitionDuration) && style.transitionProperty !== "none");
    }).slice(0, 3).map((it) => `moves: ${named(it)}`);
  }

  const inline = new Set(["A", "B", "BDI", "BR", "EM", "I", "S", "SMALL", "SPAN", "STRONG", "TIME", "U", "ABBR", "CODE", "Q"]);
  const attributes = ["aria-label", "aria-description", "aria-valuetext", "aria-roledescription", "title", "alt", "placeholder",
    "data-announce"];

  /** Every text of the page as it is heard and seen, but for what people wrote, which stands in a direction of its own:
      of blocks, so that a sentence with a word in bold stays one. */
  function texts() {
    const written = (it) => it.closest("bdi, [dir='auto'], [dir='ltr'], pre, textarea, svg title") && it !== document.documentElement;
    const found = [document.title.replace(/\u2068[^]*\u2069/, "")];
    const inside = (it) => [...it.childNodes].map((each) => each.nodeType === Node.TEXT_NODE ? each.data
      : each.nodeType === Node.ELEMENT_NODE && inline.has(each.tagName) && !each.matches("bdi, [dir]") ? inside(each) : " ").join("");
    for (const it of document.body.querySelectorAll("*")) {
      if (["SCRIPT", "STYLE"].includes(it.tagName)) continue;
      found.push(...attributes.map((name) => it.getAttribute(name)));
      for (const { name, value } of it.attributes) {
        if (!name.startsWith("data-") || !/\s/.test(value) || name === "data-label") continue;
        if (!value.startsWith("{")) found.push(value);
        else if (name.endsWith("words")) found.push(...Object.values(JSON.parse(value)).flatMap((each) => typeof each === "string" ? [each] : Object.values(each)));
      }
      if (it.tagName === "INPUT" && ["submit", "button"].includes(it.type)) found.push(it.value);
      if (written(it)) continue;
      if (!inline.has(it.tagName) || !inline.has(it.parentElement.tagName)) found.push(inside(it));
    }
    return [...new Set(found.filter((text) => text && text.trim()).map((text) => text.replace(/\s+/g, " ").trim()))];
  }

  /** Where the focus is, and whether that is seen: a ring of two pixels, and nothing fixed over it. */
  function focus() {
    const it = document.activeElement;
    if (!it || it === document.body || it === document.documentElement) return null;
    const ring = (each, part) => {
      const style = getComputedStyle(each, part);
      const outline = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
      const shadow = style.boxShadow !== "none" && style.boxShadow.split(/,(?![^(]*\))/).some((one) =>
        !one.includes("inset") && one.replace(/[a-z]+\([^)]*\)/g, "").trim().split(/\s+/).map(parseFloat)
          .some((length, place) => (place === 3 || place < 2) && Math.abs(length) >= 2));
      return outline || shadow;
    };
    const frame = it.closest(".kern-form-input__select-wrapper, .kern-card--interactive");
    const label = it.id && document.querySelector(`label[for="${CSS.escape(it.id)}"]`);
    const box = it.getBoundingClientRect();
    const [x, y] = [Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 2), Math.min(Math.max(box.top + box.height / 2, 1), innerHeight - 2)];
    const over = document.elementFromPoint(x, y);
    const stacked = over && over !== it && !it.contains(over) && !over.contains(it) && !(label && label.contains(over))
      && [...parents(over)].some((each) => ["fixed", "sticky"].includes(getComputedStyle(each).position));
    return {
      name: named(it), ringed: ring(it) || ring(it, "::after") || (frame !== null && ring(frame)), covered: Boolean(stacked),
      inside: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
      top: box.top + scrollY, left: box.left, bottom: box.bottom + scrollY, right: box.right,
      row: [...document.querySelectorAll("*")].indexOf(it.closest("svg") ? it : it.closest("ul, ol, p, form, tr, header, nav, section, aside, main")),
      place: [...document.querySelectorAll("*")].indexOf(it),
    };
  }

  /** The spacing that everybody may ask for (WCAG 1.4.12); by the object model, as the policy asks. */
  function spaced() {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }"
      + "p { margin-block-end: 2em !important }");
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    return [];
  }

  /** Letters of the other direction that nothing keeps together: a name or title that would scramble its sentence. */
  function mixed() {
    const page = document.documentElement.dir, found = [];
    // In Arabic, what is not Arabic may be a name of the city; an address surely is no sentence.
    const other = page === "rtl" ? /\S+@\S+\.\S|https?:\/\// : /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
    for (const { node, it } of lines()) {
      if (!other.test(node.data.replace(/\u2068[^\u2069]*\u2069/g, ""))) continue;
      const kept = it.closest("bdi, [dir], .kern-hint, .kern-error, .error-summary"); // the last three give examples
     
      if (!kept || kept === document.documentElement) found.push(`not kept together: ${named(it)} in ${named(it.parentElement)}`);
    }
    return [...new Set(found)].slice(0, 5);
  }

  return { mixed, spaced, wide, spoiled, moving, texts, focus };
})();
