// Adds a button to each example that copies it. The examples get the origin of this page. Browsers allow access to the
// clipboard only on HTTPS and on this machine; elsewhere there is no button.

const SECONDS = 2;
const status = document.createElement("p");
status.className = "hidden";
status.setAttribute("role", "status");
document.getElementById("main").append(status);

for (const example of document.querySelectorAll("[data-copy]")) {
  example.textContent = example.textContent.replace(/https?:\/\/[^/' ]+/, location.origin);
  if (navigator.clipboard) example.before(copyButton(example));
}

function copyButton(example) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.setAttribute("aria-label", `Copy the example request of ${example.closest("article").querySelector("h3").textContent}`);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(example.textContent);
      say(button, "Copied");
    } catch {
      say(button, "Not copied");
    }
  });
  return button;
}

function say(button, text) {
  button.textContent = text;
  status.textContent = `${text}.`;
  setTimeout(() => {
    button.textContent = "Copy";
    status.textContent = "";
  }, SECONDS * 1000);
}
