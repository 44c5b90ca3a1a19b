// The view behind widgets.live_chart.LiveChart. hatch_build.py bundles this file with Vega-Embed (`vegaEmbed` in
// scope) into the static script chart.js, which the widget's own few lines import by address.

// Every chart on the page by its key, so that a download button can find a chart that another widget drew.
const views = (globalThis[Symbol.for("modern-portfolio.charts")] ??= new Map());

const LONGEST_WAIT = 1000; // milliseconds that a busy page may put off the next chart

const copies = (rows) => rows.map((row) => ({ ...row })); // Vega marks the rows it is given

const followsPointer = (parameter) => String(parameter.select?.on ?? "").startsWith("pointer");

/**
 * Names of the parameters in a Vega-Lite spec that Python hears of, those of layered and concatenated parts included.
 * What only follows the pointer is a matter of looks.
 */
function parameterNames(spec) {
  const parts = ["layer", "concat", "hconcat", "vconcat"].flatMap((kind) => spec[kind] ?? []);
  if (spec.spec) parts.push(spec.spec);
  const told = (spec.params ?? []).filter((parameter) => !followsPointer(parameter));
  return [...told.map((parameter) => parameter.name), ...parts.flatMap(parameterNames)];
}

function filledSpec(model) {
  const spec = structuredClone(model.get("spec"));
  spec.datasets = { ...spec.datasets };
  for (const [name, rows] of Object.entries(model.get("rows"))) spec.datasets[name] = copies(rows);
  return spec;
}

/** Sends each change of a selection to Python, whatever draws it. */
function watchSelections(view, model) {
  const send = (name, value) => {
    const { vlPoint: _, ...picked } = value !== null && typeof value === "object" ? value : { value };
    model.set("selection", { ...model.get("selection"), [name]: picked });
    model.save_changes();
  };
  for (const name of new Set(parameterNames(model.get("spec")))) view.addSignalListener(name, send);
}

/** Follows the element's own width: Vega by itself only hears of the window's. */
function watchWidth(view, stage, spec) {
  if (spec.width !== "container") return () => {};
  const observer = new ResizeObserver(() => {
    const width = stage.clientWidth;
    if (width > 0 && width !== view.signal("width")) view.signal("width", width).runAsync();
  });
  observer.observe(stage);
  return () => observer.disconnect();
}

/** Draws the newest rows; what arrives while a drawing runs is skipped but for the last. */
function painter(view, model, el, note) {
  let drawn = Number(el.dataset.revision);
  let running = false;
  return async () => {
    if (running) return;
    running = true;
    try {
      while (drawn !== model.get("revision")) {
        drawn = model.get("revision");
        for (const [name, rows] of Object.entries(model.get("rows"))) view.data(name, copies(rows));
        await view.runAsync();
        el.dataset.revision = drawn;
        el.dispatchEvent(new CustomEvent("live-chart:drawn", { bubbles: true, detail: { revision: drawn } }));
        note.hidden = true;
      }
    } catch (error) {
      console.error(error);
      say(note, "This chart could not show the newest figures. The browser's console says more.");
    } finally {
      running = false;
    }
  };
}

function say(note, sentence) {
  note.textContent = sentence;
  note.hidden = false;
}

/** Waits for rows to show: a chart may stand on the page before its figures are known. */
function firstRows(model) {
  if (Object.keys(model.get("rows")).length > 0) return Promise.resolve();
  return new Promise((resolve) => {
    const check = () => {
      if (Object.keys(model.get("rows")).length === 0) return;
      model.off("change:rows", check);
      resolve();
    };
    model.on("change:rows", check);
  });
}

const idle = () =>
  new Promise((resolve) =>
    globalThis.requestIdleCallback ? requestIdleCallback(resolve, { timeout: LONGEST_WAIT }) : setTimeout(resolve),
  );
let lastTurn = Promise.resolve();

/** Charts are first drawn one after the other, when the page has nothing else to do: its controls answer first. */
function turnToDraw() {
  lastTurn = lastTurn.then(idle);
  return lastTurn;
}

// Of Vega's log levels: that a set without rows has no extent is no fault, and said at every drawing.
const ERRORS_ONLY = 1;

export async function render({ model, el }) {
  const stage = document.createElement("div");
  const note = document.createElement("p");
  note.className = "live-chart-note";
  note.setAttribute("role", "alert");
  note.hidden = true;
  el.replaceChildren(stage, note);
  el.classList.add("live-chart");
  const describe = () => stage.setAttribute("aria-label", model.get("alt"));
  const reserve = () => (stage.style.minHeight = `${model.get("height")}px`);
  stage.setAttribute("role", "img");
  describe();
  reserve();

  await firstRows(model);
  await turnToDraw();
  const key = model.get("key");
  const revision = model.get("revision");
  let embedded;
  try {
    const options = { actions: false, logLevel: ERRORS_ONLY, mode: "vega-lite", renderer: "canvas" };
    embedded = await vegaEmbed(stage, filledSpec(model), options);
  } catch (error) {
    console.error(error);
    stage.remove();
    say(note, "This chart could not be drawn. Reloading the page may help; the browser's console says more.");
    return () => {};
  }
  const view = embedded.view;
  // Vega-Embed puts its own role and label on the stage; a screen reader should hear one picture with our sentence.
  stage.setAttribute("role", "img");
  describe();
  el.dataset.revision = revision;
  views.set(key, view);
  watchSelections(view, model);
  const unwatchWidth = watchWidth(view, stage, model.get("spec"));
  const paint = painter(view, model, el, note);
  model.on("change:revision", paint);
  model.on("change:alt", describe);
  model.on("change:height", reserve);
  paint(); // rows may have changed while the chart was being made

  return () => {
    model.off("change:revision", paint);
    model.off("change:alt", describe);
    model.off("change:height", reserve);
    unwatchWidth();
    if (views.get(key) === view) views.delete(key);
    embedded.finalize();
  };
}
