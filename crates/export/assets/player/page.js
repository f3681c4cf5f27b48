"use strict";
(() => {
  const body = document.body;
  const sections = [...document.querySelectorAll("section")];
  // The recordings, once they are unpacked. Slides show before that, and without them where a browser cannot.
  let films = null;
  const say = document.getElementById("say");
  let slide = 0, step = 0, typed = "";

  const sheets = (at) => [...sections[at].querySelectorAll(".sheet")];
  const clamp = (n, low, high) => Math.min(Math.max(n, low), high);

  // What plays a recording: pictures of a pane over time, each as the rows that changed.
  class Reel {
    constructor(box) {
      this.box = box;
      this.film = films[box.dataset.film];
      this.rows = [];
      this.at = 0;
      this.picture = -1;
      this.playing = false;
      this.screen = document.createElement("pre");
      this.screen.hidden = true;
      this.bar = document.createElement("div");
      this.bar.className = "bar";
      this.button = document.createElement("button");
      this.seek = document.createElement("input");
      this.seek.type = "range";
      this.seek.min = 0;
      this.seek.max = this.film.end;
      this.seek.setAttribute("aria-label", "Position in the recording");
      this.time = document.createElement("span");
      this.bar.append(this.button, this.seek, this.time);
      box.append(this.screen, this.bar);
      this.button.addEventListener("click", (event) => { event.stopPropagation(); this.toggle(); });
      this.seek.addEventListener("input", () => this.show(+this.seek.value));
      this.at = this.film.end;
      this.look();
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
      this.at = clamp(at, 0, this.film.end);
      const over = this.at >= this.film.end;
      const pictures = this.film.pictures;
      let target = this.picture;
      if (target >= 0 && pictures[target][0] > this.at) target = -1;
      if (target < 0) { this.rows = []; this.picture = -1; }
      while (target + 1 < pictures.length && pictures[target + 1][0] <= this.at) {
        target += 1;
        for (const [row, html] of Object.entries(pictures[target][1])) this.rows[row] = html;
      }
      if (over) target = pictures.length - 1;
      if (target !== this.picture) {
        this.picture = target;
        this.screen.innerHTML = this.rows.join("\n");
      }
      this.screen.hidden = over;
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
  const reelsOf = (sheet) => !films ? [] : [...sheet.querySelectorAll(".reel")].map((box) => {
    if (!reels.has(box)) reels.set(box, new Reel(box));
    return reels.get(box);
  });

  function show(to, at, quiet) {
    slide = clamp(to, 0, sections.length - 1);
    step = clamp(at, 0, sheets(slide).length - 1);
    reels.forEach((reel) => { if (reel.playing) reel.pause(); });
    sections.forEach((section, n) => section.classList.toggle("on", n === slide));
    sheets(slide).forEach((sheet, n) => sheet.classList.toggle("on", n === step));
    reelsOf(sheets(slide)[step]);
    const hash = "#" + (slide + 1) + (step ? "." + step : "");
    if (location.hash !== hash) history.replaceState(null, "", hash);
    const last = sheets(slide).length - 1;
    if (!quiet) say.textContent = sections[slide].getAttribute("aria-label") + (last ? ", step " + (step + 1) + " of " + (last + 1) : "");
    if (body.classList.contains("overview")) sections[slide].scrollIntoView({ block: "nearest" });
  }
  async function unpack(text) {
    const packed = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const plain = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(plain).text());
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
    v: () => reelsOf(sheets(slide)[step]).forEach((reel) => reel.toggle()),
    f: () => document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen().catch(() => {}),
    Escape: () => body.classList.remove("overview", "helping", "showing-notes"),
  };
  commands.x = commands.v;
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const on = event.target;
    if (on instanceof HTMLInputElement && event.key !== "Escape") return;
    if (on instanceof HTMLButtonElement && (event.key === " " || event.key === "Enter")) return;
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
    from = event.touches.length === 1 && !event.target.closest(".bar, nav") ? event.touches[0] : null;
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
    button.addEventListener("click", () => { commands[button.dataset.key](); button.blur(); });
  }
  addEventListener("hashchange", () => show(...fromHash()));
  body.classList.add("js");
  show(...fromHash(), true);
  unpack(document.getElementById("films").textContent).then(
    (unpacked) => { films = unpacked; reelsOf(sheets(slide)[step]); },
    () => { say.textContent = "This browser shows no recordings: what they come to is on the slides."; },
  );
})();
