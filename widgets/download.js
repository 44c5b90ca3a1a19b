// The buttons behind widgets.download: a file is made only when asked for, and saved from a Blob, so that no address
// of the server has to serve it.

const charts = () => globalThis[Symbol.for("modern-portfolio.charts")] ?? new Map();

function save(url, filename) {
  const link = document.createElement("a");
  link.href = url;
  link.download = filename;
  document.body.append(link);
  link.click();
  link.remove();
}

function saveBlob(parts, mime, filename) {
  const url = URL.createObjectURL(new Blob(parts, { type: mime }));
  save(url, filename);
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser may still be reading it
}

/** Asks Python for the file; the answer is a message with its bytes, or a sentence on why there is none. */
function fromPython(model, signal) {
  return new Promise((resolve, reject) => {
    const hear = (message, buffers) => {
      model.off("msg:custom", hear);
      if (message.problem) return reject(new Error(message.problem));
      saveBlob(buffers, message.mime, message.filename);
      resolve();
    };
    model.on("msg:custom", hear);
    signal.addEventListener("abort", () => model.off("msg:custom", hear));
    model.send({ type: "content" });
  });
}

async function fromCharts(model) {
  const image = model.get("image");
  for (const [name, key] of Object.entries(model.get("charts"))) {
    const view = charts().get(key);
    if (!view) throw new Error("The chart is not on the page yet. Show it first, then save it.");
    if (image === "svg") {
      saveBlob([await view.toSVG()], "image/svg+xml", `${name}.svg`);
    } else {
      save(await view.toImageURL("png", model.get("scale")), `${name}.png`);
    }
  }
}

function render({ model, el }) {
  const gone = new AbortController();
  const button = document.createElement("button");
  const note = document.createElement("p");
  button.type = "button";
  button.className = "jupyter-button widget-button download-button";
  note.className = "download-note";
  note.setAttribute("role", "alert");
  note.hidden = true;
  const label = () => (button.textContent = model.get("label"));
  label();
  button.addEventListener("click", async () => {
    button.disabled = true;
    note.hidden = true;
    try {
      await (model.get("charts") ? fromCharts(model) : fromPython(model, gone.signal));
    } catch (error) {
      note.textContent = error.message;
      note.hidden = false;
    } finally {
      button.disabled = false;
    }
  });
  el.replaceChildren(button, note);
  model.on("change:label", label);
  return () => {
    gone.abort();
    model.off("change:label", label);
  };
}

export default { render };
