// Keeps the page that checks letters and what it is made of, and gives it out when the line is down.
// The page itself says which files these are (letter-check.js).
const COPY = "letter-check";
const PATIENCE = 4000;

async function impatiently(request) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  return fetch(request, { signal: stop.signal }).finally(() => clearTimeout(timer));
}

async function answer(request) {
  const copy = await caches.open(COPY);
  const found = await copy.match(request, { ignoreSearch: true, ignoreVary: true });
  if (!found || request.cache === "reload") return fetch(request);
  // Of what the page is made of, each name changes with what is in it.
  if (request.mode !== "navigate") return found;
  try {
    const fresh = await impatiently(request);
    return fresh.status < 500 ? fresh : found;
  } catch {
    return found;
  }
}

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  if (event.request.method === "GET") event.respondWith(answer(event.request));
});
