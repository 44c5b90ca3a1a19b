// The view behind widgets.live_chart.LiveChart. hatch_build.py bundles this file with numbers.js and Vega-Embed
// (`vegaEmbed` in scope) into the static script chart.js, which the widget's own few lines import by address.

// Every chart on the page by its key, so that a download button can find a chart that another widget drew.
const views = (globalThis[Symbol.for("modern-portfolio.charts")] ??= new Map());

const LONGEST_WAIT = 1000; // milliseconds that a busy page may put off the next chart

// A page of Voila follows the reader's setting, JupyterLab says by an attribute what its theme is.
const darkSetting = matchMedia("(prefers-color-scheme: dark)");
function isDark() {
  const { jpThemeLight, voila } = document.body.dataset;
  return jpThemeLight === "false" || (voila !== undefined && darkSetting.matches);
}

/** Calls back when the page turns dark or light; the answer stops it. */
function watchScheme(then) {
  const observer = new MutationObserver(then);
  observer.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  darkSetting.addEventListener("change", then);
  return () => {
    observer.disconnect();
    darkSetting.removeEventListener("change", then);
  };
}

const LEAST_LIGHTNESS = 0.53; // of OKLCH: a contrast of 3 against the dark surface, WCAG 2.2, 1.4.11
const lightened = new Map();

/** A colour that is not of the theme, as dark ground needs it: as it is, or as light as can be told from the ground. */
function onDarkGround(colour) {
  if (!lightened.has(colour)) {
    const context = new OffscreenCanvas(1, 1).getContext("2d");
    context.fillStyle = `oklch(from ${colour} max(l, ${LEAST_LIGHTNESS}) c h)`;
    context.fillRect(0, 0, 1, 1);
    const channels = [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
    lightened.set(colour, `#${channels.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`);
  }
  return lightened.get(colour);
}

const COLOUR = /^#[0-9a-f]{6}$/i;

/** The same value with its colours for the ground of the page; light ones are what Python writes. */
function shaded(value, shades) {
  if (typeof value === "string") return COLOUR.test(value) ? (shades[value] ?? onDarkGround(value)) : value;
  if (Array.isArray(value)) return value.map((item) => shaded(item, shades));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, shaded(item, shades)]));
}

const DAY = /^\d{4}-\d\d-\d\d/; // Vega reads it

/** The same value with the numbers in its texts as the reader writes them; colours and days stay. */
function worded(value) {
  return typeof value === "string" && !COLOUR.test(value) && !DAY.test(value) ? localised(value) : value;
}

/** Rows to hand to Vega, which marks the rows it is given: copies, in the colours and the numbers of the page. */
function copies(rows, shades) {
  const coloured = isDark() ? rows.map((row) => shaded(row, shades)) : rows;
  if (AS_WRITTEN) return coloured.map((row) => ({ ...row }));
  return coloured.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, worded(value)])));
}

// Of Vega's axes and tooltips: https://d3js.org/d3-format#formatLocale
const FORMAT_LOCALE = { decimal: DECIMAL, thousands: GROUP, grouping: [3], currency: ["$", ""] };

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

function filledSpec(model, shades) {
  const spec = isDark() ? shaded(model.get("spec"), shades) : structuredClone(model.get("spec"));
  spec.datasets = { ...spec.datasets };
  for (const [name, rows] of Object.entries(model.get("rows"))) spec.datasets[name] = copies(rows, shades);
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
function painter(view, model, el, note, shades) {
  let drawn = Number(el.dataset.revision);
  let running = false;
  const shown = new Map(); // by name, the rows that the view was given last
  return async () => {
    if (running) return;
    running = true;
    try {
      while (drawn !== model.get("revision")) {
        drawn = model.get("revision");
        for (const [name, rows] of Object.entries(model.get("rows"))) {
          const written = JSON.stringify(rows);
          if (shown.get(name) === written) continue; // Vega works through every row that it is given, new or not
          view.data(name, copies(rows, shades));
          shown.set(name, written);
        }
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

/** Draws the chart, keeps it at the newest rows, and answers what takes it away again. */
async function draw({ model, el }, stage, note, shades) {
  const key = model.get("key");
  const revision = model.get("revision");
  const theme = isDark() ? "dark" : "light";
  const options = {
    formatLocale: FORMAT_LOCALE,
    actions: false,
    logLevel: ERRORS_ONLY,
    mode: "vega-lite",
    renderer: "canvas",
    tooltip: { theme },
  };
  const embedded = await vegaEmbed(stage, filledSpec(model, shades), options);
  const view = embedded.view;
  el.dataset.scheme = theme;
  el.dataset.revision = revision;
  views.set(key, view);
  watchSelections(view, model);
  const unwatchWidth = watchWidth(view, stage, model.get("spec"));
  const paint = painter(view, model, el, note, shades);
  model.on("change:revision", paint);
  paint(); // rows may have changed while the chart was being made
  return () => {
    model.off("change:revision", paint);
    unwatchWidth();
    if (views.get(key) === view) views.delete(key);
    embedded.finalize();
  };
}

/** `shades` maps the theme's colours on light ground to those on dark ground. */
export async function render({ model, el }, shades) {
  const stage = document.createElement("div");
  const note = document.createElement("p");
  note.className = "live-chart-note";
  note.setAttribute("role", "alert");
  note.hidden = true;
  el.replaceChildren(stage, note);
  el.classList.add("live-chart");
  // Vega-Embed puts its own role and label on the stage; a screen reader should hear one picture with our sentence.
  const describe = () => {
    stage.setAttribute("role", "img");
    stage.setAttribute("aria-label", localised(model.get("alt")));
  };
  const reserve = () => (stage.style.minHeight = `${model.get("height")}px`);
  describe();
  reserve();

  let erase = () => {};
  let gone = false;
  const redraw = async () => {
    await turnToDraw();
    if (gone) return;
    erase();
    erase = () => {};
    try {
      erase = await draw({ model, el }, stage, note, shades);
      describe();
    } catch (error) {
      console.error(error);
      stage.remove();
      say(note, "This chart could not be drawn. Reloading the page may help; the browser's console says more.");
    }
  };
  await firstRows(model);
  let drawing = redraw();
  await drawing;
  model.on("change:alt", describe);
  model.on("change:height", reserve);
  const unwatchScheme = watchScheme(() => (drawing = drawing.then(redraw)));

  return () => {
    gone = true;
    model.off("change:alt", describe);
    model.off("change:height", reserve);
    unwatchScheme();
    erase();
  };
}
