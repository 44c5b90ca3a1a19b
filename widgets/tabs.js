// The tab strip behind widgets.tabs: buttons in the tab pattern of the ARIA Authoring Practices. Arrow keys move between
// tabs, Enter or a click opens one (its panel may have to be made first). The panels are other widgets of the page:
// they stand beside the strip, in the order of the tabs, and get their roles and names from here.

function render({ model, el }) {
  const strip = Math.random().toString(36).slice(2); // a page may have several strips, each with a script of its own
  const list = document.createElement("div");
  list.className = "pl-tab-list";
  list.setAttribute("role", "tablist");
  const tabs = model.get("names").map((name, place) => {
    const tab = document.createElement("button");
    tab.type = "button";
    tab.id = `pl-tab-${strip}-${place}`;
    tab.className = "pl-tab";
    tab.textContent = name;
    tab.setAttribute("role", "tab");
    tab.addEventListener("click", () => {
      model.set("chosen", place);
      model.save_changes();
    });
    return tab;
  });
  list.append(...tabs);
  el.replaceChildren(list);

  const show = () =>
    tabs.forEach((tab, place) => {
      const chosen = place === model.get("chosen");
      tab.setAttribute("aria-selected", chosen);
      tab.tabIndex = chosen ? 0 : -1;
    });

  const steps = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity };
  list.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = tabs.indexOf(document.activeElement) + step;
    const last = tabs.length - 1;
    tabs[Number.isFinite(step) ? (next + tabs.length) % tabs.length : Math.min(Math.max(next, 0), last)].focus();
  });

  let waiting;
  const label = () => {
    const panels = el.closest(".pl-tabs")?.querySelectorAll(":scope > .pl-tab-panel") ?? [];
    if (panels.length < tabs.length) {
      waiting = requestAnimationFrame(label); // the page is still building them
      return;
    }
    panels.forEach((panel, place) => {
      panel.id = `pl-tab-panel-${strip}-${place}`;
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", tabs[place].id);
      tabs[place].setAttribute("aria-controls", panel.id);
    });
  };

  show();
  label();
  model.on("change:chosen", show);
  return () => {
    cancelAnimationFrame(waiting);
    model.off("change:chosen", show);
  };
}

export default { render };
