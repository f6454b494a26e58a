// Keeps places in line up to date from one small file, the same for everybody who waits.
// Near the front it asks every 5 seconds, farther back every 20 or 60, each time a little earlier
// or later so that not all ask at once. The page itself is loaded again only when there is news.
const STALE = 30;
const SPREAD = 25; // pages a second that may come back at the same news

const places = [...document.querySelectorAll("[data-queue]")];
const silent = document.getElementById("silent");

function numberOf(place) {
  return Number(place.dataset.number) || null;
}

function show(place, name, text) {
  const field = place.querySelector(`[data-show=${name}]`);
  if (field.textContent.trim() !== text) field.textContent = text;
}

function waitingTime(place, minutes) {
  const words = place.querySelector("[data-show=minutes]").dataset;
  if (minutes < 2) return words.soon;
  if (minutes < 60) return words.minutes.replace("{n}", minutes);
  return words.hours.replace("{h}", Math.floor(minutes / 60)).replace("{n}", minutes % 60);
}

function isCalled(place, status) {
  return numberOf(place) !== null && status.called >= numberOf(place) && Number(place.dataset.called) < numberOf(place);
}

function hasNews(place, status) {
  if (status.state !== place.dataset.state) return true;
  return isCalled(place, status) || (numberOf(place) === null && status.state === "active");
}

// Minutes until its turn, or until the opening.
function tell(place, status, now) {
  const number = numberOf(place);
  if (number === null) return Math.max(((status.opens ?? now) - now) / 60, 0);
  const before = Math.max(number - status.called - 1, 0);
  const minutes = Math.ceil(before / Math.max(status.pace, 1));
  const bands = place.querySelector("[data-show=seats]").dataset;
  show(place, "called", place.dataset.words.replace("{n}", status.called));
  show(place, "before", String(before));
  show(place, "minutes", waitingTime(place, minutes));
  show(place, "seats", bands[status.seats[place.dataset.service] ?? "none"]);
  return minutes;
}

function pause(minutes) {
  const seconds = minutes < 2 ? 5 : minutes < 15 ? 20 : 60;
  return seconds * (0.8 + Math.random() * 0.4) * 1000;
}

function comeBack(status) {
  const most = places.some((place) => isCalled(place, status)) ? 2 : Math.min(Math.max(status.waiting / SPREAD, 2), 120);
  setTimeout(() => location.reload(), Math.random() * most * 1000);
}

function isSilent(status, now) {
  return status.state === "paused" || (status.state === "active" && now - status.at > STALE);
}

async function look() {
  let minutes = 20;
  try {
    const answer = await fetch(places[0].dataset.queue, { credentials: "omit" });
    if (!answer.ok) return setTimeout(() => location.reload(), pause(minutes));
    const status = await answer.json();
    // By the server's clock: the phone's may be wrong.
    const now = Date.parse(answer.headers.get("Date") ?? Date()) / 1000;
    silent.hidden = !isSilent(status, now);
    if (places.some((place) => hasNews(place, status))) return comeBack(status);
    minutes = Math.min(...places.map((place) => tell(place, status, now)));
  } catch {
    // No line at this moment: the place is safe, and the next look will tell.
  }
  setTimeout(look, pause(minutes));
}

if (places.length) setTimeout(look, pause(0));
