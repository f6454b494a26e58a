// What is typed into a form with data-keep is sent to be kept, a moment after each pause and when the
// page is left. Without this, it is kept when the form is sent.
const PAUSE = 1000;

function keep(form) {
  const typed = new FormData(form);
  form.querySelectorAll("[type=password], [type=file]").forEach((field) => typed.delete(field.name));
  typed.set("only_keep", "yes");
  // What a page sends while it is being left may be 64 kB; a form is smaller.
  fetch(location.href, { method: "POST", body: new URLSearchParams(typed), keepalive: true }).catch(() => {});
}

function watch(form) {
  let timer = 0;

  function now() {
    if (!timer) return;
    clearTimeout(timer);
    timer = 0;
    keep(form);
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(now, PAUSE);
  });
  // Sent as a whole: nothing may arrive behind it.
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    timer = 0;
  });
  document.addEventListener("visibilitychange", now);
}

document.querySelectorAll("form[data-keep]").forEach(watch);
