// Follows the stage, and lets its reader go back to what was shown.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  // The stage's last state; where the reader is, when that is elsewhere; slides that were fetched.
  let live = null, away = null, asked = 0;
  const kept = new Map();
  const MOST = 80;

  const key = (place) => `${place.slide}/${place.step}`;
  const same = (one, other) => one.slide === other.slide && one.step === other.step;
  function before({ slide, step }) {
    if (step > 0) return { slide, step: step - 1 };
    for (let at = slide - 1; at >= 0; at--) if (live.shown[at] >= 0) return { slide: at, step: live.shown[at] };
    return null;
  }
  function after({ slide, step }) {
    if (step < live.shown[slide]) return { slide, step: step + 1 };
    for (let at = slide + 1; at < live.slides; at++) if (live.shown[at] >= 0) return { slide: at, step: 0 };
    return null;
  }
  const here = () => away || live;

  function controls() {
    document.body.classList.toggle("away", !!away);
    $("live").setAttribute("aria-pressed", String(!away));
    $("live-label").textContent = away ? `Live · ${live.slide + 1}` : "Live";
    $("live").setAttribute("aria-label", away ? `Live · ${live.slide + 1}: back to the stage` : "Live");
    $("place").textContent = `${here().slide + 1} / ${live.slides}`;
    $("back").disabled = !before(here());
    $("forward").disabled = !away || !after(away);
  }
  function tell(state) {
    $("say").textContent = `Slide ${state.slide + 1} of ${state.slides}: ${state.title}` + (state.last_step ? `, step ${state.step + 1} of ${state.last_step + 1}` : "");
  }
  function draw(state, quiet) {
    if (state.blank) {
      drawing.black();
      $("say").textContent = "The stage is dark.";
    } else {
      drawing.show(state);
      if (!quiet) tell(state);
    }
  }
  function toLive() {
    asked++;
    if (!live) return;
    away = null;
    draw(live);
    controls();
  }
  async function go(place) {
    if (!place) return;
    if (same(place, live) && !live.blank) { toLive(); return; }
    const mine = ++asked;
    const state = await fetched(place);
    if (mine !== asked) return;
    if (!state) { toLive(); return; }
    away = place;
    draw(state);
    controls();
  }
  async function fetched(place) {
    const known = kept.get(key(place));
    if (known) return known;
    try {
      const answer = await fetch(`${link.base}slide/${key(place)}`);
      if (!answer.ok) return null;
      const state = await answer.json();
      if (kept.size >= MOST) kept.delete(kept.keys().next().value);
      kept.set(key(place), state);
      return state;
    } catch { return null; }
  }

  const again = link.follow({
    slide: (next) => {
      // Another deck, or one that was edited: what was kept is of the old one.
      if (live && live.deck !== next.deck) {
        kept.clear();
        away = null;
        asked++;
      }
      const moved = !live || live.deck !== next.deck || !same(live, next) || !!live.blank !== !!next.blank;
      live = next;
      // What was there before may look otherwise now.
      if (moved) kept.clear();
      if (!away) draw(next, !moved);
      controls();
    },
    lines: (changes) => {
      if (!live || live.blank || live.v !== changes.from) { again(); return; }
      live.v = changes.v;
      if (drawing.shown() === live) drawing.change(changes);
      else merge(changes);
    },
  }, (lost) => {
    document.body.classList.toggle("lost", lost);
    $("lost").hidden = !lost;
  });
  // The same for a state that does not show.
  function merge(changes) {
    Object.assign(live.lines, changes.lines);
    Object.assign(live.looks, changes.looks);
    for (const one of changes.panes) {
      const pane = live.panes.find((pane) => pane.n === one.n);
      if (!pane) continue;
      Object.assign(pane.lines, one.lines);
      Object.assign(pane, { title: one.title, says: one.says, live: one.live });
    }
  }

  const back = () => { if (live) go(before(here())); };
  const on = () => { if (away) go(after(away)); };
  $("back").addEventListener("click", back);
  $("forward").addEventListener("click", on);
  $("live").addEventListener("click", toLive);
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("pre, .scroll")) return;
    const keys = { ArrowLeft: back, PageUp: back, ArrowRight: on, PageDown: on, End: toLive, l: toLive };
    if (keys[event.key]) { keys[event.key](); event.preventDefault(); }
  });
  let from = null;
  addEventListener("touchstart", (event) => {
    from = event.touches.length === 1 && !event.target.closest("nav, pre, .scroll, .large") ? event.touches[0] : null;
  }, { passive: true });
  addEventListener("touchend", (event) => {
    if (!from) return;
    const [x, y] = [event.changedTouches[0].clientX - from.clientX, event.changedTouches[0].clientY - from.clientY];
    if (Math.abs(x) > 60 && Math.abs(x) > 2 * Math.abs(y)) (x < 0 ? on : back)();
  }, { passive: true });
  document.body.classList.add("js");
})();
