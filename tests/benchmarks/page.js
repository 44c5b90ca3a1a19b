// Put into every measured page before its own scripts: notes when what happened, in milliseconds since navigation.
(() => {
  const marks = {};
  const note = (name, when = performance.now()) => (marks[name] ??= when);
  const moves = { pressed: null, drawn: 0, painted: 0, charts: new Set() };
  globalThis.benchmark = { marks, moves };

  addEventListener("keydown", (event) => {
    if (!event.target.matches(".noUi-handle")) return;
    note("pressed", event.timeStamp);
    Object.assign(moves, { pressed: event.timeStamp, drawn: 0, painted: 0, charts: new Set() });
  }, true);

  addEventListener("pointermove", (event) => {
    if (event.buttons) Object.assign(moves, { pressed: event.timeStamp, drawn: 0, painted: 0, charts: new Set() });
  }, true);

  const readout = () => document.querySelector(".widget-slider .widget-readout")?.textContent;
  const shown = new Set(); // what the first slider has shown since a key was pressed

  // ipywidgets' kernel echoes every value it takes from the page.
  globalThis.WebSocket = class extends WebSocket {
    constructor(...address) {
      super(...address);
      this.addEventListener("message", ({ data }) => {
        if (marks.pressed === undefined || marks.answered !== undefined) return;
        const text = typeof data === "string" ? data : new TextDecoder().decode(data);
        if (!text.includes("echo_update")) return;
        shown.add(readout());
        if (shown.has(text.match(/"value": ?(\d+)[,}]/)?.[1])) {
          note("answered");
          console.info("benchmark: answered");
        }
      });
    }
  };

  addEventListener("live-chart:drawn", ({ target }) => {
    moves.drawn = performance.now();
    moves.charts.add(target);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => (moves.painted = performance.now()); // runs once the frame is handed over
    requestAnimationFrame(() => port2.postMessage(null));
  });

  let before;
  const look = () => {
    const handle = document.querySelector(".noUi-handle");
    if (marks.slider === undefined && handle?.checkVisibility() && handle.getBoundingClientRect().width > 0) {
      note("slider");
      handle.focus();
    }
    const now = readout();
    if (marks.pressed !== undefined && now !== before) {
      note("moved");
      shown.add(now);
    }
    before = now ?? before;
    const charts = [...document.querySelectorAll(".live-chart")];
    if (charts.length && charts.every((chart) => Number(chart.dataset.revision) >= 1)) note("charts");
    if (marks.moved === undefined || marks.charts === undefined) requestAnimationFrame(look); // each look is a frame
  };
  requestAnimationFrame(look);
})();
