// What both pages need to stay with the stage.
"use strict";
const link = (() => {
  // Where this file is: the address of the talk, whatever stands in front of it.
  const base = new URL(".", document.currentScript.src).href;

  // Follows the stage: `kinds` takes events by their names, `lost` is told whether the stage is out of reach.
  // A page comes back by itself, soon at first and then every few seconds, and not all pages at the same moment.
  function follow(kinds, lost) {
    let source = null, timer = 0, tries = 0, hidden = 0;
    const here = () => { tries = 0; lost(false); };
    const open = () => {
      clearTimeout(timer);
      if (source) source.close();
      source = new EventSource(base + "events");
      for (const [kind, take] of Object.entries(kinds)) {
        source.addEventListener(kind, (event) => { here(); take(JSON.parse(event.data)); });
      }
      source.onerror = () => {
        source.close();
        lost(true);
        clearTimeout(timer);
        timer = setTimeout(open, Math.min(4000, 250 * 2 ** tries++) * (0.5 + Math.random()));
      };
    };
    // A phone that slept has lost its connection without noticing.
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) hidden = Date.now();
      else if (Date.now() - hidden > 3000) open();
    });
    addEventListener("online", open);
    addEventListener("pageshow", (event) => { if (event.persisted) open(); });
    open();
    return open;
  }
  return { base, follow };
})();
