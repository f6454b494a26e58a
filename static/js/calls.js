// Keeps the call display up to date, and says aloud who is called once somebody turned the sound on:
// browsers let a page make no sound before a press.
const EVERY = 900;
const STALE = 10_000;

const calls = document.getElementById("calls");
const said = document.getElementById("said");
const silent = document.getElementById("silent");
const sound = document.getElementById("sound");
const language = document.documentElement.lang === "id" ? "id-ID" : "en-GB";

let shown = calls.innerHTML.trim();
let heard = Date.now();
let audio = null;

function last() {
  return calls.querySelector("[data-call]");
}

function tone(frequency, begins) {
  const source = audio.createOscillator();
  const volume = audio.createGain();
  source.frequency.value = frequency;
  volume.gain.setValueAtTime(0.4, begins);
  volume.gain.exponentialRampToValueAtTime(0.001, begins + 0.7);
  source.connect(volume).connect(audio.destination);
  source.start(begins);
  source.stop(begins + 0.7);
}

function chime() {
  tone(880, audio.currentTime);
  tone(660, audio.currentTime + 0.35);
}

function speak(text) {
  if (!("speechSynthesis" in window)) return;
  const words = new SpeechSynthesisUtterance(text);
  words.lang = language;
  words.rate = 0.9;
  setTimeout(() => speechSynthesis.speak(words), 1000);
}

function announce(call) {
  said.textContent = call.dataset.say;
  call.classList.add("new");
  if (!audio) return;
  chime();
  speak(call.dataset.say);
}

function show(html) {
  const before = last()?.dataset.call;
  calls.innerHTML = html;
  shown = html;
  const call = last();
  if (call && call.dataset.call !== before) announce(call);
}

async function look() {
  try {
    const answer = await fetch(calls.dataset.now);
    if (answer.ok) {
      const html = (await answer.text()).trim();
      if (html !== shown) show(html);
      heard = Date.now();
    }
  } catch {
    // No line at this moment: the next look will tell.
  }
  silent.hidden = Date.now() - heard < STALE;
  setTimeout(look, EVERY);
}

sound.hidden = false;
sound.addEventListener("click", () => {
  const words = sound.textContent;
  sound.textContent = sound.dataset.off;
  sound.dataset.off = words;
  if (audio) {
    audio.close();
    audio = null;
  } else {
    audio = new AudioContext();
    chime();
  }
  sound.setAttribute("aria-pressed", String(audio !== null));
});

look();
