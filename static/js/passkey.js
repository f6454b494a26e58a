// Forms with data-passkey: the device makes a passkey ("create") or shows one ("get"), and the form goes off with its answer.
// The form's own address says what the device needs when it is posted to without an answer.
document.documentElement.classList.add("js");

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const withBytes = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));

async function wishes(form) {
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "error" });
  const { publicKey } = await answer.json();
  publicKey.challenge = bytes(publicKey.challenge);
  if (publicKey.user) publicKey.user.id = bytes(publicKey.user.id);
  publicKey.excludeCredentials = withBytes(publicKey.excludeCredentials);
  publicKey.allowCredentials = withBytes(publicKey.allowCredentials);
  return { publicKey };
}

function written(passkey) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (passkey.response[part]) response[part] = text(passkey.response[part]);
  }
  return JSON.stringify({ id: passkey.id, rawId: text(passkey.rawId), type: passkey.type, response });
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-passkey]");
  if (!form) return;
  event.preventDefault();
  const field = form.elements.answer;
  const said = form.querySelector("[data-failed]");
  field.disabled = true;
  try {
    field.value = written(await navigator.credentials[form.dataset.passkey](await wishes(form)));
    field.disabled = false;
    form.submit();
  } catch (error) {
    said.textContent = error.name === "InvalidStateError" ? said.dataset.there : said.dataset.failed;
  }
});
