// Keys of the presenting view: another scenario, or back to the desk. A control that has the focus keeps its own keys.
const STEPS = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 };
const OWN_KEYS = "input, select, textarea, [role=slider], [contenteditable]";

export default {
  render({ model, el }) {
    el.hidden = true;
    const hear = (event) => {
      if (!model.get("listening") || event.ctrlKey || event.altKey || event.metaKey) return;
      if (event.key === "Escape") model.send({ type: "leave" });
      else if (event.key in STEPS && !event.target.closest?.(OWN_KEYS)) {
        event.preventDefault();
        model.send({ type: "step", places: STEPS[event.key] });
      }
    };
    document.addEventListener("keydown", hear);
    return () => document.removeEventListener("keydown", hear);
  },
};
