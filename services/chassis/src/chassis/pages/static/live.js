// Keeps parts of a page up to date: an element with data-live="<path of the fragment>" is replaced by what the path returns,
// every data-every seconds (30 if it is absent), until that has an element with data-final. An element with data-every in
// what the path returns sets the seconds from then on. The text of an element with data-announce is announced to screen
// readers when it has changed. When the session has ended, the part stays as it is, and a message says so. Without
// scripts, the page shows what it had when it was loaded.

const PAUSE = 30;
const LONGEST = 300;

for (const part of document.querySelectorAll("[data-live]")) keepUpToDate(part);

function keepUpToDate(part) {
  const every = () => Number(part.querySelector("[data-every]")?.dataset.every || part.dataset.every || PAUSE);
  let pause = every();
  let timer;
  part.dataset.announced = announcement(part);

  async function update() {
    if (document.hidden) return;
    try {
      const response = await fetch(part.dataset.live, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(10000) });
      if (response.status === 401) saySignedOut();
      if (!response.ok) throw new Error(`status ${response.status}`);
      sayNothing();
      replace(part, await response.text());
      part.classList.remove("stale");
      if (part.querySelector("[data-final]")) return stop();
      pause = every();
    } catch {
      part.classList.add("stale");
      pause = Math.min(pause * 2, LONGEST);
    }
    later();
  }

  function later() {
    clearTimeout(timer);
    if (part.isConnected) timer = setTimeout(update, pause * 1000);
  }

  function stop() {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", resume);
  }

  function resume() {
    if (!document.hidden) update();
  }

  document.addEventListener("visibilitychange", resume);
  if (part.hasAttribute("data-now")) update();
  else later();
}

// Replaced elements lose the focus, so the new element with the same id gets it.
function replace(part, html) {
  if (part.dataset.shown === html) return;
  part.dataset.shown = html;
  const focused = part.contains(document.activeElement) && document.activeElement.id;
  const content = new DOMParser().parseFromString(html, "text/html").body;
  part.replaceChildren(...content.childNodes);
  if (focused) document.getElementById(focused)?.focus();
  announce(part);
}

function announcement(part) {
  return part.querySelector("[data-announce]")?.textContent.trim() || "";
}

// Into the status region of the layout, because a region that is replaced with its text is not announced.
function announce(part) {
  const text = announcement(part);
  if (text === part.dataset.announced) return;
  part.dataset.announced = text;
  const said = document.createElement("p");
  said.className = "hidden";
  said.textContent = text;
  document.getElementById("messages").replaceChildren(said);
}

// The link keeps the page; whoever signs in again in another tab sees the part go on here.
function saySignedOut() {
  if (document.getElementById("signed-out") || !document.body.dataset.signIn) return;
  const said = document.createElement("p");
  const link = document.createElement("a");
  said.id = "signed-out";
  said.className = "note warn";
  link.href = `${document.body.dataset.signIn}?next=${encodeURIComponent(location.pathname + location.search)}`;
  link.textContent = "Sign in again";
  said.append("You are signed out, so this page is no longer kept up to date. ", link);
  document.getElementById("messages").replaceChildren(said);
}

function sayNothing() {
  document.getElementById("signed-out")?.remove();
}
