// Sends the request of a form with data-try, and shows the response below the form. Empty fields are not sent.

const MOST_CHARACTERS = 100000;
const HEADERS = ["content-type", "etag", "retry-after", "x-request-id"];

for (const form of document.querySelectorAll("form[data-try]")) prepare(form);

function prepare(form) {
  form.closest("details").hidden = false;
  for (const field of form.elements) field.disabled = false;
  const status = add(form, "p", "attempt-status");
  status.setAttribute("role", "status");
  const headers = add(form, "dl", "facts");
  const body = add(form, "pre");
  headers.hidden = body.hidden = true;
  let current;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    current?.abort();
    const request = (current = new AbortController());
    const url = address(form);
    status.textContent = `Waiting for the response to GET ${url} …`;
    const started = performance.now();
    try {
      const response = await fetch(url, { headers: { Accept: "application/json" }, signal: request.signal });
      const { text, complete } = await beginning(response);
      const milliseconds = Math.round(performance.now() - started);
      status.textContent = `GET ${url}: ${response.status} ${response.statusText}, in ${milliseconds} ms.`;
      if (!complete) status.textContent += ` Only the first ${MOST_CHARACTERS.toLocaleString("en")} characters are shown.`;
      if (response.status === 401) status.append(" You are not signed in. ", signIn());
      headers.replaceChildren(...HEADERS.filter((name) => response.headers.has(name)).flatMap((name) => term(name, response.headers.get(name))));
      body.textContent = complete ? pretty(text) : text;
      headers.hidden = false;
      body.hidden = body.textContent === "";
    } catch (error) {
      if (request.signal.aborted) return;
      headers.hidden = body.hidden = true;
      status.textContent = `There was no response: ${error.message}. Is the service running?`;
    }
  });
}

function signIn() {
  const link = document.createElement(document.body.dataset.signIn ? "a" : "span");
  if (document.body.dataset.signIn) link.href = `${document.body.dataset.signIn}?next=${encodeURIComponent(location.pathname)}`;
  link.textContent = document.body.dataset.signIn ? "Sign in" : "Send a token.";
  return link;
}

function address(form) {
  let path = form.getAttribute("action");
  const query = new URLSearchParams();
  for (const field of form.elements) {
    if (field.dataset.in === "path") path = path.replace(`{${field.name}}`, encodeURIComponent(field.value));
    else if (field.name && field.value !== "") query.append(field.name, field.value);
  }
  return query.size ? `${path}?${query}` : path;
}

// A response may be a list of any length, so only its beginning is read.
async function beginning(response) {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (reader && text.length <= MOST_CHARACTERS) {
    const { done, value } = await reader.read();
    if (done) return { text, complete: true };
    text += value;
  }
  await reader?.cancel();
  return { text: text.slice(0, MOST_CHARACTERS), complete: !reader };
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function term(name, value) {
  const [title, detail] = [document.createElement("dt"), document.createElement("dd")];
  title.textContent = name;
  detail.textContent = value;
  return [title, detail];
}

function add(form, element, className = "") {
  const added = document.createElement(element);
  added.className = className;
  form.append(added);
  return added;
}
