"use strict";
(() => {
  const body = document.body;
  const sections = [...document.querySelectorAll("section")];
  const say = document.getElementById("say"), place = document.getElementById("place");
  const narrow = matchMedia("screen and (orientation: portrait) and (max-width: 700px)");
  let slide = 0, step = 0, typed = "";

  const sheets = (at) => [...sections[at].querySelectorAll(".sheet")];
  const clamp = (n, low, high) => Math.min(Math.max(n, low), high);
  const make = (name, more) => Object.assign(document.createElement(name), more);

  // Recordings are unpacked when a slide that has them shows, each once.
  const films = new Map();
  function film(number) {
    if (!films.has(number)) films.set(number, unpack(document.getElementById("film-" + number).textContent));
    return films.get(number);
  }
  async function unpack(text) {
    const packed = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const plain = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(plain).text());
  }

  // What plays a recording: pictures of a pane over time, each as the rows that changed. Where a pane has several charts, the one
  // that is chosen.
  class Reel {
    constructor(box, film) {
      this.box = box;
      this.film = film;
      this.pictures = film.pictures;
      this.rows = [];
      this.at = film.end;
      this.picture = -1;
      this.playing = false;
      this.own = true;
      this.poster = box.querySelector(".poster");
      this.screen = make("pre", { className: "screen", hidden: true });
      this.bar = make("div", { className: "bar" });
      this.button = make("button");
      this.seek = make("input", { type: "range", min: 0, max: film.end });
      this.seek.setAttribute("aria-label", "Position in the recording");
      this.time = make("span");
      if (film.charts.length > 1) this.bar.append(this.tabs());
      this.bar.append(this.button, this.seek, this.time);
      box.append(this.screen);
      const pane = box.closest(".pane");
      if (pane) {
        const around = make("div", { className: "film" });
        pane.replaceWith(around);
        around.append(pane, this.bar);
      } else box.append(this.bar);
      this.bar.addEventListener("click", (event) => event.stopPropagation());
      this.button.addEventListener("click", () => this.toggle());
      this.seek.addEventListener("input", () => this.show(+this.seek.value));
      this.look();
    }
    tabs() {
      const tabs = make("div", { className: "tabs" });
      tabs.setAttribute("role", "group");
      tabs.setAttribute("aria-label", "Chart");
      this.charts = this.film.charts.map(([name, pictures]) => {
        const tab = make("button", { textContent: name });
        tab.setAttribute("aria-pressed", String(!pictures.length));
        tab.addEventListener("click", () => this.choose(name));
        tabs.append(tab);
        return { name, tab, pictures };
      });
      return tabs;
    }
    choose(name) {
      const chosen = this.charts.find((chart) => chart.name === name);
      this.own = !chosen.pictures.length;
      this.pictures = this.own ? this.film.pictures : chosen.pictures;
      for (const { name: other, tab } of this.charts) tab.setAttribute("aria-pressed", String(other === name));
      this.picture = -1;
      this.rows = [];
      this.show(this.at);
    }
    nextChart() {
      if (!this.charts) return;
      const at = this.charts.findIndex(({ tab }) => tab.getAttribute("aria-pressed") === "true");
      this.choose(this.charts[(at + 1) % this.charts.length].name);
    }
    toggle() { if (this.playing) this.pause(); else this.play(); }
    play() {
      if (this.at >= this.film.end) this.at = 0;
      this.playing = true;
      this.before = performance.now();
      this.show(this.at);
      this.tick = requestAnimationFrame((now) => this.go(now));
    }
    pause() {
      this.playing = false;
      cancelAnimationFrame(this.tick);
      this.look();
    }
    go(now) {
      if (!this.playing) return;
      const at = this.at + Math.max(0, now - this.before);
      this.before = now;
      this.show(at);
      if (this.at >= this.film.end) this.pause();
      else this.tick = requestAnimationFrame((later) => this.go(later));
    }
    // The screen at a time; at the end it is what the slide shows anyway.
    show(at) {
      if (this.poster) this.poster.hidden = true;
      this.at = clamp(at, 0, this.film.end);
      const over = this.at >= this.film.end;
      const pictures = this.pictures;
      let target = this.picture;
      if (target >= 0 && pictures[target][0] > this.at) target = -1;
      if (target < 0) { this.rows = []; this.picture = -1; }
      // Of a chart that is pictured seldom, the first is better than nothing.
      while (target + 1 < pictures.length && (pictures[target + 1][0] <= this.at || (target < 0 && !this.own))) {
        target += 1;
        for (const [row, html] of Object.entries(pictures[target][1])) this.rows[row] = html;
      }
      if (target !== this.picture) {
        this.picture = target;
        this.screen.innerHTML = this.rows.join("\n");
      }
      this.screen.hidden = over && this.own;
      this.look();
    }
    look() {
      const clock = (ms) => Math.floor(ms / 60000) + ":" + String(Math.floor(ms / 1000) % 60).padStart(2, "0");
      this.button.textContent = this.playing ? "‖" : "▶";
      this.button.setAttribute("aria-label", this.playing ? "Pause the recording" : "Play the recording");
      this.seek.value = this.at;
      this.time.textContent = clock(this.at) + " / " + clock(this.film.end);
      this.box.dataset.state = this.playing ? "playing" : this.at >= this.film.end ? "over" : "paused";
    }
  }
  const reels = new Map();
  const shown = () => narrow.matches ? sections[slide].querySelector(".prose") : sheets(slide)[step];
  const boxes = () => [...shown().querySelectorAll(".reel")];
  const now = () => boxes().map((box) => reels.get(box)).filter(Boolean);
  async function ready() {
    for (const box of boxes()) {
      if (reels.has(box)) continue;
      reels.set(box, null);
      try {
        reels.set(box, new Reel(box, await film(box.dataset.film)));
      } catch {
        say.textContent = "This browser shows no recordings: what they come to is on the slides.";
      }
    }
  }
  // Panes of prose are small: a tap gives them the whole screen.
  for (const pane of document.querySelectorAll(".prose .pane")) {
    const turn = make("button", { className: "turn", textContent: "⤢" });
    turn.setAttribute("aria-label", `Show ${pane.getAttribute("aria-label")} over the whole screen`);
    pane.append(turn);
    pane.addEventListener("click", (event) => { if (!event.target.closest("a")) pane.classList.toggle("large"); });
  }
  const small = () => { for (const pane of document.querySelectorAll(".pane.large")) pane.classList.remove("large"); };

  // What of a slide's prose shows at a step.
  function reveal(prose, at) {
    for (const one of prose.querySelectorAll("[data-from]")) one.hidden = +one.dataset.from > at;
    for (const line of prose.querySelectorAll("[data-dims]")) {
      const steps = line.dataset.dims.split(" ").map(Number);
      // The last of a code's steps stays.
      line.toggleAttribute("data-dim", steps.includes(at));
    }
  }
  function show(to, at, quiet) {
    const before = slide;
    slide = clamp(to, 0, sections.length - 1);
    step = clamp(at, 0, sheets(slide).length - 1);
    reels.forEach((reel) => { if (reel && reel.playing) reel.pause(); });
    small();
    sections.forEach((section, n) => section.classList.toggle("on", n === slide));
    sheets(slide).forEach((sheet, n) => sheet.classList.toggle("on", n === step));
    reveal(sections[slide].querySelector(".prose"), step);
    ready();
    const hash = "#" + (slide + 1) + (step ? "." + step : "");
    if (location.hash !== hash) history.replaceState(null, "", hash);
    const last = sheets(slide).length - 1;
    if (!quiet) say.textContent = sections[slide].getAttribute("aria-label") + (last ? ", step " + (step + 1) + " of " + (last + 1) : "");
    place.textContent = (slide + 1) + " / " + sections.length;
    if (body.classList.contains("overview")) sections[slide].scrollIntoView({ block: "nearest" });
    else if (before !== slide) document.querySelector("main").scrollTop = 0;
  }
  const next = () => step + 1 < sheets(slide).length ? show(slide, step + 1) : slide + 1 < sections.length && show(slide + 1, 0);
  const back = () => step > 0 ? show(slide, step - 1) : slide > 0 && show(slide - 1, sheets(slide - 1).length - 1);
  const fromHash = () => {
    const [, to, at] = location.hash.match(/^#(\d+)(?:\.(\d+))?$/) || [];
    return to ? [to - 1, +(at || 0)] : [0, 0];
  };
  const toggle = (name) => body.classList.toggle(name);
  const commands = {
    ArrowRight: next, ArrowDown: next, PageDown: next, " ": next, l: next, j: next, Enter: next,
    ArrowLeft: back, ArrowUp: back, PageUp: back, Backspace: back, h: back, k: back,
    Home: () => show(0, 0), g: () => show(0, 0),
    End: () => show(sections.length - 1, 0), G: () => show(sections.length - 1, 0),
    n: () => toggle("showing-notes"), o: () => { toggle("overview"); show(slide, step); }, "?": () => toggle("helping"),
    v: () => now().forEach((reel) => reel.toggle()), V: () => now().forEach((reel) => reel.nextChart()),
    f: () => document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen?.().catch(() => {}),
    Escape: () => { body.classList.remove("overview", "helping", "showing-notes"); small(); },
  };
  commands.x = commands.v;
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const on = event.target;
    if (on instanceof HTMLInputElement && event.key !== "Escape") return;
    if (on instanceof HTMLButtonElement && (event.key === " " || event.key === "Enter")) return;
    // What scrolls by itself keeps its keys.
    if (on.closest?.("pre, .scroll, .notes") && /^(Arrow|Page|Home|End| )/.test(event.key)) return;
    if (/^[0-9]$/.test(event.key)) { typed += event.key; return; }
    if (event.key === "Enter" && typed) {
      body.classList.remove("overview");
      show(typed - 1, 0);
    } else if (event.key === "Enter" && body.classList.contains("overview")) {
      body.classList.remove("overview");
    } else if (body.classList.contains("overview") && /^(Arrow|Page)/.test(event.key)) {
      show(slide + (/Right|Down/.test(event.key) ? 1 : -1), 0);
    } else if (commands[event.key]) {
      commands[event.key]();
    } else return;
    typed = "";
    event.preventDefault();
  });
  let from = null;
  addEventListener("touchstart", (event) => {
    const taken = event.target.closest(".bar, nav, .notes, .large") || (narrow.matches && event.target.closest("pre, .scroll"));
    from = event.touches.length === 1 && !taken ? event.touches[0] : null;
  }, { passive: true });
  addEventListener("touchend", (event) => {
    if (!from || body.classList.contains("overview")) return;
    const to = event.changedTouches[0];
    const [x, y] = [to.clientX - from.clientX, to.clientY - from.clientY];
    if (Math.abs(x) > 40 && Math.abs(x) > Math.abs(y)) (x < 0 ? next : back)();
  }, { passive: true });
  sections.forEach((section, n) => section.addEventListener("click", () => {
    if (!body.classList.contains("overview")) return;
    body.classList.remove("overview");
    show(n, 0);
  }));
  for (const button of document.querySelectorAll("nav button")) {
    button.addEventListener("click", () => { commands[button.dataset.key](); });
  }
  addEventListener("hashchange", () => show(...fromHash()));
  narrow.addEventListener("change", () => show(slide, step, true));
  body.classList.add("js");
  show(...fromHash(), true);
})();
