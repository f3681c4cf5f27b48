// The speaker's page: where the talk is, what comes, and what a hand needs to give it.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  let state = null, told = 0, over = null;

  const clock = (ms) => {
    const s = Math.floor(Math.abs(ms) / 1000), two = (n) => String(n).padStart(2, "0");
    return (s >= 3600 ? Math.floor(s / 3600) + ":" + two(Math.floor(s / 60) % 60) : Math.floor(s / 60)) + ":" + two(s % 60);
  };
  // One buzz that nobody has to look for, when the time is over: not again on each page that is opened later.
  function buzz(elapsed) {
    const is = !!state.total && elapsed >= state.total;
    document.body.classList.toggle("over", is);
    if (is && over === false && navigator.vibrate) navigator.vibrate([400, 200, 400, 200, 400]);
    over = is;
  }
  function tick() {
    $("wall").textContent = new Date().toTimeString().slice(0, 5);
    if (!state) return;
    const elapsed = state.elapsed + (state.running ? performance.now() - told : 0);
    $("elapsed").textContent = clock(elapsed);
    $("left").textContent = state.total ? clock(state.total - elapsed) + (elapsed > state.total ? " over" : " left") : "";
    buzz(elapsed);
    const pace = $("pace");
    if (state.behind === null || !state.running) {
      pace.textContent = state.running ? "" : "timer stands";
      pace.className = "";
      return;
    }
    const late = Math.abs(state.behind) < 1000 ? 0 : state.behind;
    pace.textContent = late === 0 ? "on plan" : clock(late) + (late > 0 ? " behind" : " ahead");
    pace.className = late > 0 ? "behind" : late < 0 ? "ahead" : "";
  }
  function pane(of) {
    const line = document.createElement("div");
    line.className = of.shows === "live" ? "live" : "";
    const more = [of.script && `→ ${of.script}`, of.script_note, of.whisper].filter(Boolean).map((text) => `\n  ${text}`);
    line.textContent = `${of.shows === "recording" ? "●" : "■"} ${of.title}: ${of.says}${more.join("")}`;
    return line;
  }
  function show(next) {
    const moved = !state || state.slide !== next.slide || state.deck !== next.deck;
    if (state && state.total !== next.total) over = null;
    state = next;
    told = performance.now();
    $("title").textContent = state.title + (state.last_step > 0 ? ` [${state.step} of ${state.last_step}]` : "");
    $("place").textContent = `${state.slide + 1} / ${state.slides}` + (state.over ? ` (${state.over})` : "");
    $("next-title").textContent = state.next || "";
    $("after").classList.toggle("last", !state.next);
    $("notes").textContent = state.notes;
    $("panes").replaceChildren(...state.panes.map(pane));
    const shows = (what) => state.panes.some((of) => of.shows === what);
    const runs = shows("live") || shows("changing");
    $("run").disabled = !state.panes.length;
    $("stop").disabled = !runs && !shows("recording");
    $("switch").disabled = !state.panes.length;
    $("switch").textContent = shows("recording") ? "Live" : "Recording";
    $("switch").setAttribute("aria-label", shows("recording") ? "Show the demo live" : "Show the recording");
    $("blank").disabled = false;
    $("blank").setAttribute("aria-pressed", String(state.over === "blank"));
    if (moved) $("notes").scrollTop = 0;
    tick();
  }
  const moves = ["next", "previous"];
  function lost(yes) {
    document.body.classList.toggle("lost", yes);
    for (const id of moves) $(id).disabled = yes;
    if (yes) for (const id of ["run", "stop", "switch", "blank"]) $(id).disabled = true;
  }
  async function order(what) {
    try {
      const answer = await fetch(link.base + "order", {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ do: what }),
      });
      if (answer.status >= 500) lost(true);
    } catch { lost(true); }
  }
  for (const id of [...moves, "run", "stop", "switch", "blank"]) $(id).addEventListener("click", () => order(id));
  addEventListener("keydown", (event) => {
    if (event.target instanceof HTMLButtonElement && [" ", "Enter"].includes(event.key)) return;
    const keys = { ArrowRight: "next", PageDown: "next", " ": "next", ArrowLeft: "previous", PageUp: "previous" };
    if (!keys[event.key] || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    order(keys[event.key]);
  });
  // A page that is followed by hand must not fall asleep, where the browser allows to ask for that.
  const awake = () => { if (!document.hidden && navigator.wakeLock) navigator.wakeLock.request("screen").catch(() => {}); };
  document.addEventListener("visibilitychange", awake);
  addEventListener("click", awake, { once: true });
  setInterval(tick, 500);
  document.body.classList.add("js");
  tick();
  link.follow({ stage: show }, lost);
})();
