// Draws what the stage shows: as the stage's cells where there is room for them, as prose on a narrow screen.
"use strict";
const drawing = (() => {
  const stage = document.getElementById("stage");
  const narrow = matchMedia("(orientation: portrait) and (max-width: 700px)");
  const style = document.getElementById("style").sheet;
  const own = style.cssRules.length;
  let state = null, rows = [], panes = new Map(), large = null;

  const make = (name, className, more) => Object.assign(document.createElement(name), { className }, more);

  function learn(rules) {
    for (const rule of rules) {
      try { style.insertRule(rule, style.cssRules.length); } catch { /* A browser that is older than a rule. */ }
    }
  }
  const looks = (of) => Object.entries(of).map(([name, css]) => `.a${name}{${css}}`);

  // The page's policy takes no style from attributes.
  function dress(root) {
    for (const one of root.querySelectorAll("[data-css]")) one.style.cssText = one.dataset.css;
    for (const one of root.querySelectorAll("[data-picture]")) one.src = `${link.base}picture/${one.dataset.picture}`;
  }

  // Rows of cells: a span each, with line ends between them, so that they are copied as they look.
  function grid(lines, into) {
    const rows = lines.map((html) => make("span", "row", { innerHTML: html }));
    const pre = make("pre", "");
    rows.forEach((row, at) => pre.append(...(at ? ["\n", row] : [row])));
    into.append(pre);
    return rows;
  }
  function put(rows, changes) {
    for (const [at, html] of Object.entries(changes)) if (rows[at]) rows[at].innerHTML = html;
  }
  const label = (pane) => [pane.title || pane.name, pane.says].filter(Boolean).join(": ");

  function pane(of, box) {
    box.className = "pane cells";
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", label(of));
    const [x, y, width, height] = of.area;
    box.style.setProperty("--cols", width);
    box.style.setProperty("--tall", height);
    if (narrow.matches) {
      const turn = make("button", "turn", { textContent: "⤢" });
      turn.setAttribute("aria-label", `Show ${of.title || of.name || "the pane"} over the whole screen`);
      box.append(turn);
      box.addEventListener("click", (event) => { if (!event.target.closest("a")) enlarge(of.n); });
      box.classList.toggle("large", large === of.n);
    } else {
      box.style.cssText += `left:${x}ch;top:calc(${y}*var(--line));width:${width}ch;height:calc(${height}*var(--line))`;
    }
    const known = { box, rows: grid(of.lines, box) };
    panes.set(of.n, known);
  }
  function enlarge(number) {
    large = large === number ? null : number;
    panes.forEach(({ box }, n) => box.classList.toggle("large", n === large));
  }

  function cells(next) {
    const sheet = make("div", "cells sheet");
    sheet.style.setProperty("--cols", next.columns);
    sheet.style.setProperty("--rows", next.rows);
    sheet.append(make("h1", "sr", { textContent: next.title }), make("div", "", { innerHTML: next.layers }));
    // The heading says it.
    for (const one of sheet.querySelectorAll(".letters")) {
      if (next.title.includes(one.textContent.trim())) one.setAttribute("aria-hidden", "true");
    }
    rows = grid(next.lines, sheet);
    for (const of of next.panes) pane(of, sheet.appendChild(make("div", "")));
    return sheet;
  }
  function prose(next) {
    const article = make("article", "prose", { innerHTML: next.prose });
    rows = [];
    for (const of of next.panes) {
      const box = article.querySelector(`[data-pane="${of.n}"]`);
      if (box) pane(of, box);
    }
    return article;
  }
  // The first element that is not as it was.
  function news(before, after) {
    for (const [at, one] of [...after.children].entries()) {
      const other = before.children[at];
      if (!other) return one;
      if (other.outerHTML !== one.outerHTML) {
        return other.tagName === one.tagName && one.children.length && !one.matches("pre, table, .pane") ? news(other, one) || one : one;
      }
    }
    return null;
  }

  // Shows all of a state.
  function show(next) {
    const same = state && state.deck === next.deck && state.slide === next.slide;
    if (!same) large = null;
    while (style.cssRules.length > own) style.deleteRule(own);
    learn(next.theme);
    learn(looks(next.looks));
    panes = new Map();
    const before = stage.firstElementChild;
    document.body.classList.toggle("narrow", narrow.matches);
    const drawn = narrow.matches ? prose(next) : cells(next);
    dress(drawn);
    stage.replaceChildren(drawn);
    if (!same) stage.scrollTop = 0;
    else if (narrow.matches && state.step !== next.step && before) news(before, drawn)?.scrollIntoView({ block: "nearest" });
    document.documentElement.lang = next.lang || "en";
    state = next;
  }
  // Puts changes into the state that shows, and into what is drawn of it.
  function change(changes) {
    learn(looks(changes.looks));
    Object.assign(state.looks, changes.looks);
    Object.assign(state.lines, changes.lines);
    put(rows, changes.lines);
    for (const one of changes.panes) {
      const of = state.panes.find((pane) => pane.n === one.n);
      if (!of) continue;
      Object.assign(of.lines, one.lines);
      Object.assign(of, { title: one.title, says: one.says, live: one.live });
      const known = panes.get(one.n);
      if (known) {
        put(known.rows, one.lines);
        known.box.setAttribute("aria-label", label(of));
      }
    }
  }
  // Nothing of the slide.
  function black() {
    const dark = make("div", "black");
    dark.append(make("p", "sr", { textContent: "The stage is dark." }));
    stage.replaceChildren(dark);
    [state, rows, panes, large] = [null, [], new Map(), null];
  }
  narrow.addEventListener("change", () => { if (state) show(state); });
  addEventListener("keydown", (event) => { if (event.key === "Escape" && large !== null) enlarge(large); });
  return { show, change, black, shown: () => state };
})();
