// A chosen file goes in parts, each with its place, and goes on where it stopped: after a break of the
// line by itself, after a reload when the same file is chosen again. Without this the form sends it whole.
document.documentElement.classList.add("js");
const TRIES = 40;
const LONGEST_REST = 15;

class Refused extends Error {}

function rest(tries) {
  const seconds = Math.min(2 ** tries / 2, LONGEST_REST);
  return new Promise((awake) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      awake();
    };
    const timer = setTimeout(done, seconds * 1000);
    addEventListener("online", done);
  });
}

async function digestOf(file) {
  const bytes = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function post(form, url, body, type) {
  const headers = { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
  if (type) headers["Content-Type"] = type;
  const answer = await fetch(url, { method: "POST", redirect: "manual", headers, body });
  // The session is over: the page leads to the sign-in and back.
  if (answer.type === "opaqueredirect") location.reload();
  const isOurs = answer.headers.get("Content-Type")?.startsWith("application/json");
  if (!isOurs) throw new Error(`${answer.status}`);
  const said = await answer.json();
  if (!answer.ok && said.offset === undefined) throw new Refused(said.detail);
  return said;
}

function place(form) {
  const find = (name) => form.querySelector(name);
  return {
    bar: find("[data-bar]"),
    progress: find("progress"),
    sent: find("[data-sent]"),
    said: find("[data-said]"),
    refused: find("[data-refused]"),
    button: find("button"),
    input: find("[type=file]"),
  };
}

function show(form, share) {
  const { progress, sent } = place(form);
  progress.value = share * 100;
  sent.textContent = `${form.dataset.sending}: ${Math.floor(share * 100)} %`;
}

function tell(form, text) {
  const { said } = place(form);
  if (said.textContent !== text) said.textContent = text;
}

// Returns the address of the page to go on to, or throws what stopped it.
async function sendFrom(form, file, sha256, moved) {
  const announced = new URLSearchParams({ length: file.size, sha256 });
  let { url, offset, part } = await post(form, form.dataset.parts, announced);
  for (;;) {
    show(form, offset / file.size);
    if (offset + part >= file.size) tell(form, form.dataset.checking);
    const answer = await post(form, `${url}?offset=${offset}`, file.slice(offset, offset + part), "application/octet-stream");
    if (answer.next) return answer.next;
    if (answer.offset <= offset) throw new Error("nothing has arrived");
    offset = answer.offset;
    tell(form, "");
    moved();
  }
}

async function patiently(form, file) {
  const sha256 = await digestOf(file);
  for (let tries = 0; tries < TRIES; tries += 1) {
    try {
      return await sendFrom(form, file, sha256, () => {
        tries = 0;
      });
    } catch (stopped) {
      if (stopped instanceof Refused) throw stopped;
      tell(form, form.dataset.waiting);
      await rest(tries);
    }
  }
  throw new Refused(form.dataset.failed);
}

async function send(form) {
  const { bar, refused, button, input } = place(form);
  refused.hidden = true;
  bar.hidden = false;
  button.disabled = true;
  show(form, 0);
  try {
    const next = new URL(await patiently(form, input.files[0]), location.href).href;
    if (next === location.href) location.reload();
    else location.assign(next);
  } catch (no) {
    bar.hidden = true;
    button.disabled = false;
    tell(form, "");
    refused.firstElementChild.textContent = no instanceof Refused ? no.message : form.dataset.failed;
    refused.hidden = false;
    input.focus();
  }
}

if (window.crypto?.subtle) {
  document.querySelectorAll("form[data-parts]").forEach((form) => {
    form.addEventListener("submit", (event) => {
      // An empty choice, an empty file: the page says what to do.
      if (!place(form).input.files[0]?.size) return;
      event.preventDefault();
      send(form);
    });
  });
}
