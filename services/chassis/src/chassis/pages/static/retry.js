// On the page of an error 503: requests the same page again until it can be shown, with longer and longer pauses.

const LONGEST = 30;
const note = document.getElementById("retry");
let pause = 2;

note.append(" This page tries again by itself.");

async function attempt() {
  try {
    const response = await fetch(location.href, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(10000) });
    if (response.status < 500) return location.reload();
  } catch {
    // The server cannot be reached: try again
  }
  pause = Math.min(pause * 1.5, LONGEST);
  setTimeout(attempt, pause * 1000);
}

setTimeout(attempt, pause * 1000);
