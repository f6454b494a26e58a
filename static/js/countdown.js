// Adds "12 minutes left" to a deadline whose clock time the server has printed already.
// The server's own "now" is in the page, so a phone whose clock is wrong counts right.
const SPOKEN = [10, 5, 2, 1, 0];
const loaded = Date.now();

function minutesLeft(place) {
  const span = Date.parse(place.dataset.until) - Date.parse(place.dataset.now);
  return Math.ceil((span - (Date.now() - loaded)) / 60000);
}

function words(place, minutes) {
  if (minutes <= 0) return place.dataset.over;
  if (minutes === 1) return place.dataset.last;
  if (minutes < 60) return place.dataset.minutes.replace("{n}", minutes);
  const text = minutes % 60 ? place.dataset.hours : place.dataset.wholeHours;
  return text.replace("{h}", Math.floor(minutes / 60)).replace("{n}", minutes % 60);
}

function show(place) {
  const minutes = minutesLeft(place);
  const text = words(place, minutes);
  if (place.textContent === text) return;
  // Seen each minute, spoken only now and then, and never on arrival.
  if (place.textContent && SPOKEN.includes(Math.max(minutes, 0))) place.nextElementSibling.textContent = text;
  place.textContent = text;
  place.classList.toggle("short", minutes <= 2);
}

function tick() {
  document.querySelectorAll("[data-until]").forEach(show);
}

tick();
setInterval(tick, 1000);
