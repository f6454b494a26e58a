// Buttons with data-copy put that text on the clipboard and say so in the data-said place beside them.
document.documentElement.classList.add("js");

async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Without https a browser offers only the old way: a selection in a field.
  const field = Object.assign(document.createElement("textarea"), { value: text });
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("not copied");
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const said = button.parentElement.querySelector("[data-said]");
  try {
    await copy(button.dataset.copy);
    said.textContent = said.dataset.said;
  } catch {
    said.textContent = said.dataset.failed;
  }
});
