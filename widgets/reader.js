// What a page does for its reader where Jupyter's widgets do not: handles of sliders get names, icons are not read aloud,
// and numbers get the marks of the reader's language. Comes after numbers.js.

const ENDS = ["from", "to"];
const AS_TYPED = "input, textarea, code, pre, script, style";

/** A screen reader says the slider's label, and the value as it stands beside it, not to the last binary digit. */
function nameHandles(slider) {
  const label = slider.querySelector(".widget-label")?.textContent.trim() ?? "";
  const readout = slider.querySelector(".widget-readout")?.textContent.trim();
  const handles = slider.querySelectorAll(".noUi-handle");
  handles.forEach((handle, place) => {
    const name = handles.length > 1 ? `${label}, ${ENDS[place]}` : label;
    if (handle.getAttribute("aria-label") !== name) handle.setAttribute("aria-label", name);
    if (handles.length === 1 && readout && handle.getAttribute("aria-valuetext") !== readout)
      handle.setAttribute("aria-valuetext", readout);
  });
}

const asWritten = new WeakMap(); // text nodes that were changed: what Python wrote, and what stands there now

function localiseBelow(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (asWritten.get(node)?.shown === node.data || !/\d[.,]\d/.test(node.data)) continue;
    const parent = node.parentElement;
    if (parent.closest(AS_TYPED) || (parent.isContentEditable && parent.contains(document.activeElement))) continue;
    const written = node.data;
    const shown = localised(written);
    if (shown === written) continue;
    node.data = shown;
    asWritten.set(node, { written, shown });
  }
}

/** A readout that is edited is read by Jupyter, in Python's marks. */
function restore(event) {
  if (!event.target.isContentEditable) return;
  for (const node of event.target.childNodes) {
    const known = asWritten.get(node);
    if (known?.shown === node.data) node.data = known.written;
  }
}

function render({ el }) {
  el.hidden = true;
  let waiting;
  let app;
  const attend = () => {
    waiting = undefined;
    if (!AS_WRITTEN) localiseBelow(app);
    app.querySelectorAll(".widget-slider").forEach(nameHandles);
    app.querySelectorAll("i.fa:not([aria-hidden])").forEach((icon) => icon.setAttribute("aria-hidden", true));
  };
  const observer = new MutationObserver(() => (waiting ??= requestAnimationFrame(attend)));
  const begin = () => {
    app = el.closest(".pl-app");
    if (!app) return;
    observer.observe(app, { childList: true, subtree: true, characterData: true, attributeFilter: ["aria-valuetext"] });
    if (!AS_WRITTEN) app.addEventListener("focusin", restore);
    attend();
  };
  waiting = requestAnimationFrame(begin); // once it is on the page
  return () => {
    cancelAnimationFrame(waiting);
    observer.disconnect();
    app?.removeEventListener("focusin", restore);
  };
}

export default { render };
