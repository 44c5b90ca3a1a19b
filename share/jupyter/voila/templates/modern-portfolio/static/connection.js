// Says in words when the server or this page's kernel is gone, and offers to load the page again.
(() => {
  const EVERY = 1500; // milliseconds between two questions; with the patience below, a loss is told within five seconds
  const PATIENCE = 3000;
  const BETWEEN = [502, 503, 504]; // what a proxy answers while the server is away
  const config = JSON.parse(document.getElementById("jupyter-config-data").textContent);
  const address = `${config.baseUrl}api/kernels/${config.kernelId}`;
  const Found = { WELL: "well", AWAY: "away", GONE: "gone" };
  const SAYS = {
    [Found.AWAY]: "The server does not answer. What you see stays as it is; this goes away once it answers again.",
    [Found.GONE]: "The calculation behind this page has ended, so what you see no longer answers.",
  };
  const KEPT = "Your scenario is kept in this tab: load the page again, and choose to restore it.";
  const AFRESH = "Load the page again to go on.";
  let notice = null;
  let leaving = false;
  let timer = 0;
  let last = Found.WELL;

  /** What a server that knows its visitors, such as JupyterHub's, asks of a page beside its cookies. */
  function signed() {
    const token = /\b_xsrf=([^;]*)\b/.exec(document.cookie);
    return token ? { "X-XSRFToken": token[1] } : {};
  }

  async function ask() {
    try {
      const answer = await fetch(address, {
        cache: "no-store",
        headers: signed(),
        redirect: "manual",
        signal: AbortSignal.timeout(PATIENCE),
      });
      if (BETWEEN.includes(answer.status)) return Found.AWAY;
      if (!answer.ok) return Found.GONE;
      return (await answer.json()).execution_state === "dead" ? Found.GONE : Found.WELL;
    } catch {
      return Found.AWAY;
    }
  }

  function isKept() {
    try {
      return sessionStorage.getItem(`modern-portfolio:${location.pathname}`) !== null;
    } catch {
      return false;
    }
  }

  function say(found) {
    notice?.remove();
    notice = null;
    if (found === Found.WELL) return;
    notice = document.createElement("div");
    notice.className = "mp-lost";
    notice.setAttribute("role", "alert");
    document.body.prepend(notice);
    const said = document.createElement("p");
    notice.append(said);
    said.textContent = SAYS[found];
    if (found !== Found.GONE) return;
    said.textContent += ` ${isKept() ? KEPT : AFRESH}`;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "mp-button";
    button.textContent = "Load the page again";
    button.addEventListener("click", () => location.reload());
    notice.append(button);
  }

  async function look() {
    clearTimeout(timer);
    const found = await ask();
    if (leaving || last === Found.GONE) return;
    if (found !== last) say(found);
    last = found;
    clearTimeout(timer);
    if (found !== Found.GONE) timer = setTimeout(look, EVERY);
  }

  addEventListener("pagehide", () => {
    leaving = true;
  });
  addEventListener("pageshow", (event) => {
    leaving = false;
    if (event.persisted) look();
  });
  // A hidden page, or a laptop that slept, has its timers late.
  for (const woken of ["online", "focus"]) addEventListener(woken, look);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) look();
  });
  look();
})();
