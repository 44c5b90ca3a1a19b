// The page's side of widgets.page.Page: it says which version it was built from, and when it stands on the screen.

const MOST_IDLE = 2000; // milliseconds that a busy page may put off the word that it stands
const LOOK_AGAIN = 50; // milliseconds

const idle = (then) =>
  globalThis.requestIdleCallback ? requestIdleCallback(then, { timeout: MOST_IDLE }) : setTimeout(then);

function render({ model, el }) {
  el.hidden = true;
  model.send({ type: "shown", version: model.get("version") });
  let waiting;
  const look = () => {
    if (el.isConnected) idle(() => model.send({ type: "stands" }));
    else waiting = setTimeout(look, LOOK_AGAIN);
  };
  look();
  return () => clearTimeout(waiting);
}

export default { render };
