// Checks the signature of a letter on this device, and has the page kept for when the line is down.
const facts = JSON.parse(document.getElementById("letter-facts").textContent);
const copyState = document.getElementById("copy-state");
const form = document.getElementById("typed");
const verdict = document.getElementById("verdict");
const cameraButton = document.getElementById("camera");
const view = document.getElementById("view");
const LOOK_EVERY = 200;

function bytesOf(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
}

function saidIn(part) {
  return JSON.parse(new TextDecoder().decode(bytesOf(part)));
}

// What stands in the address that a square holds, or what was typed.
function tokenIn(text) {
  return text.match(/\/verify\/([^/?#\s]+)/i)?.[1] ?? text.trim();
}

function dayOf(moment, zone) {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(moment);
}

function momentOf(moment, office) {
  const language = document.documentElement.lang;
  const day = new Intl.DateTimeFormat(language, { timeZone: office.zone, dateStyle: "full" }).format(moment);
  const time = new Intl.DateTimeFormat(language, { timeZone: office.zone, timeStyle: "short", hourCycle: "h23" }).format(moment);
  return `${day}, ${time} ${office.clock}`;
}

// The key as this browser can use it; null where it knows no Ed25519.
async function usable(key) {
  try {
    return await crypto.subtle.importKey("raw", bytesOf(key.x), { name: "Ed25519" }, false, ["verify"]);
  } catch {
    return null;
  }
}

async function isSigned(key, parts) {
  try {
    const words = new TextEncoder().encode(`${parts[0]}.${parts[1]}`);
    return await crypto.subtle.verify({ name: "Ed25519" }, key, bytesOf(parts[2]), words);
  } catch {
    return false;
  }
}

function shown(said) {
  const office = facts.offices[said.office];
  const zones = office ?? facts.offices[facts.own[0]] ?? Object.values(facts.offices)[0];
  return {
    code: said.code,
    office: office?.name ?? said.office ?? "–",
    session: momentOf(new Date(said.starts * 1000), zones),
    kind: facts.kinds[said.kind] ?? said.kind,
    serial: said.serial,
  };
}

function judged(said) {
  if (!said.office) return "no-office";
  if (!facts.own.includes(said.office)) return "other-office";
  const { zone } = facts.offices[said.office];
  const isToday = dayOf(new Date(said.starts * 1000), zone) === dayOf(new Date(), zone);
  return isToday ? "genuine" : "other-day";
}

// Which words to show, and what stands in their gaps.
async function checked(text) {
  const token = tokenIn(text);
  if (!/^ey.*\./i.test(token)) return ["not-signed", { code: token }];
  const parts = token.split(".");
  let head;
  let said;
  try {
    [head, said] = [saidIn(parts[0]), saidIn(parts[1])];
  } catch {
    return ["forged", {}];
  }
  if (parts.length !== 3 || head?.alg !== "EdDSA") return ["forged", {}];
  const key = facts.keys.find(({ kid }) => kid === head.kid);
  if (!key) return ["unknown-key", {}];
  const ours = await usable(key);
  if (!ours) return ["no-means", { code: said?.code }];
  if (!(await isSigned(ours, parts))) return ["forged", {}];
  return [judged(said), shown(said)];
}

async function show(text) {
  const [words, gaps] = await checked(text);
  const said = document.getElementById(`says-${words}`).content.cloneNode(true);
  for (const gap of said.querySelectorAll("[data-gap]")) gap.textContent = gaps[gap.dataset.gap] || "–";
  verdict.replaceChildren(said);
  verdict.scrollIntoView({ block: "nearest" });
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { code } = form.elements;
  await show(code.value);
  code.value = "";
  code.focus({ preventScroll: true });
});

// The camera

let stream = null;

async function canRead() {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices?.getUserMedia) return false;
  return (await BarcodeDetector.getSupportedFormats()).includes("qr_code");
}

async function look(detector, last) {
  if (!stream) return;
  const [found] = await detector.detect(view).catch(() => []);
  if (found && found.rawValue !== last) await show(found.rawValue);
  setTimeout(look, LOOK_EVERY, detector, found?.rawValue ?? last);
}

function shut() {
  for (const track of stream.getTracks()) track.stop();
  stream = null;
}

cameraButton.addEventListener("click", async () => {
  const refused = document.getElementById("no-camera");
  refused.hidden = true;
  if (stream) {
    shut();
  } else {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      view.srcObject = stream;
      await view.play();
      look(new BarcodeDetector({ formats: ["qr_code"] }), null);
    } catch {
      if (stream) shut();
      refused.hidden = false;
      return;
    }
  }
  view.hidden = !stream;
  cameraButton.setAttribute("aria-pressed", String(Boolean(stream)));
});

// The copy

// All of it or nothing: never the page of one version with the script of another.
async function renew(copy) {
  // A redirect leads to the sign-in, which is not what is to be kept.
  const page = new Request(location.pathname, { cache: "reload", redirect: "error" });
  const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
  const parts = [...new Set(loaded)].filter((name) => new URL(name).pathname.startsWith("/static/"));
  await copy.addAll([page, ...parts]);
  const wanted = new Set([page.url, ...parts]);
  for (const { url } of await copy.keys()) if (!wanted.has(url)) await copy.delete(url);
}

async function keep() {
  await navigator.serviceWorker.register(copyState.dataset.worker);
  await navigator.serviceWorker.ready;
  const copy = await caches.open("letter-check");
  // Without a line the copy of before stays.
  await renew(copy).catch(() => {});
  return Boolean(await copy.match(location.pathname, { ignoreVary: true }));
}

async function sayWhetherKept() {
  const isKept = await keep().catch(() => false);
  copyState.textContent = isKept ? copyState.dataset.kept : copyState.dataset.open;
}

// Once everything is there that the page is made of.
if (document.readyState === "complete") sayWhetherKept();
else addEventListener("load", sayWhetherKept);
canRead().then((can) => {
  cameraButton.hidden = !can;
});
