// What Voila's front end calls, and what Voila's own template has in the page's text: here, so that the page needs no
// script in its text.
window.voila_heartbeat = () => {}; // written into a page whose cells take long; that it arrives is all it does

// Shows the cells once both they and the theme are there; the front end sets themeLoaded, and asks again after it.
window.voila_finish = () => {
  window.cellLoaded = true;
  if (!window.themeLoaded) return;
  document.getElementById("loading")?.remove();
  document.getElementById("rendered_cells").style.display = "";
};

// Voila appends its shell with the content after the footer; reading and tab order want the footer last.
function keepFooterLast() {
  const isThere = () => {
    if (!document.getElementById("main")) return false;
    document.body.append(document.querySelector(".mp-footer"));
    return true;
  };
  if (isThere()) return;
  new MutationObserver((_, observer) => {
    if (isThere()) observer.disconnect();
  }).observe(document.body, { childList: true });
}

document.addEventListener("DOMContentLoaded", () => {
  window.voila_finish();
  keepFooterLast();
});
