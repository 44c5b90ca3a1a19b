// Keeps a copy of the open scenario in this tab's session storage, and offers what was kept before the page was loaded
// again. The template's connection.js says when that is needed, and looks for the same entry.

const entry = () => `modern-portfolio:${location.pathname}`;

function stored() {
  try {
    const text = sessionStorage.getItem(entry());
    return text && { text, name: String(JSON.parse(text).name) };
  } catch {
    return null; // storage is switched off, or holds something else
  }
}

function store(text) {
  try {
    if (text) sessionStorage.setItem(entry(), text);
    else sessionStorage.removeItem(entry());
  } catch {
    // switched off or full: the page works without
  }
}

function render({ model, el }) {
  if (document.body.dataset.voila !== "voila") {
    el.hidden = true;
    return undefined;
  }
  const offer = document.createElement("div");
  offer.className = "kept-scenario";
  offer.setAttribute("role", "status");
  const button = (label, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "jupyter-button widget-button";
    made.textContent = label;
    made.addEventListener("click", () => {
      act();
      offer.hidden = true;
    });
    return made;
  };
  const kept = stored();
  offer.hidden = !kept;
  if (kept) {
    const said = document.createElement("span");
    said.textContent = `This tab kept “${kept.name}” as you had changed it.`;
    offer.append(
      said,
      button("Restore it", () => model.send({ type: "restore", document: kept.text })),
      button("Start afresh", () => store(model.get("document"))),
    );
  }
  el.replaceChildren(offer);
  const keep = () => store(model.get("document"));
  if (model.get("document")) keep();
  model.on("change:document", keep);
  return () => model.off("change:document", keep);
}

export default { render };
