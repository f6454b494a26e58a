// Counts down a wait that the server has printed in words; spoken only when it is over.
const loaded = Date.now();

function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function show(place) {
  const left = Math.ceil(place.dataset.wait - (Date.now() - loaded) / 1000);
  const text = left > 0 ? place.dataset.text.replace("{time}", clock(left)) : place.dataset.over;
  if (place.textContent === text) return;
  place.textContent = text;
  if (left <= 0) place.nextElementSibling.textContent = text;
}

function tick() {
  document.querySelectorAll("[data-wait]").forEach(show);
}

tick();
setInterval(tick, 1000);
