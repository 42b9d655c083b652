/*
 * What is pleasanter with a script; every page works without it.
 *   <form data-enhance="#id">       posts in the background, then takes #id (and the title) from the page it got
 *   <… data-announce="sentence">    inside or on #id: read out after the exchange
 *   <textarea data-count="#id" data-limit="500">   counts in #id, in its data-words, while one types
 */

// The text comes from our own server and was escaped there; the policy says so where Trusted Types are asked for.
const policy = window.trustedTypes?.createPolicy("page", { createHTML: (html) => html });

function parse(html) {
  return new DOMParser().parseFromString(policy ? policy.createHTML(html) : html, "text/html");
}

function announce(sentence) {
  const place = document.getElementById("announcement");
  if (place && sentence) place.textContent = sentence;
}

const page = () => location.pathname + location.search;
let shown = page();

async function send(form, submitter) {
  const data = new FormData(form, submitter);
  const target = new URL(submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? "", location.href);
  const asking = form.method === "get";
  if (asking) target.search = new URLSearchParams(data).toString();
  const answer = await fetch(target, asking ? {} : { method: "POST", body: data });
  const fresh = parse(await answer.text());
  const selector = form.dataset.enhance;
  const [before, after] = [document.querySelector(selector), fresh.querySelector(selector)];
  // Sent elsewhere, to sign in for example: that page is to be seen whole.
  if (answer.redirected && new URL(answer.url).pathname !== location.pathname) {
    location.assign(answer.url);
    return;
  }
  // A page about trouble has no such part: it takes the place of the whole.
  if (!before || !after) {
    document.querySelector("main").replaceWith(document.adoptNode(fresh.querySelector("main")));
    document.querySelector("main").focus();
    return;
  }
  const focused = document.activeElement?.id;
  before.replaceWith(document.adoptNode(after));
  document.title = fresh.title;
  if (asking) {
    history.pushState(null, "", answer.url);
    shown = page();
    // The other languages lead to what is shown now.
    document.querySelector(".languages ul")?.replaceWith(document.adoptNode(fresh.querySelector(".languages ul")));
  }
  const back = after.querySelector("[autofocus]") ?? (focused && document.getElementById(focused));
  if (back) back.focus();
  else if (!document.activeElement || document.activeElement === document.body) {
    after.tabIndex = -1;
    after.focus();
  }
  announce((after.matches("[data-announce]") ? after : after.querySelector("[data-announce]"))?.dataset.announce);
  count(after);
}

const lastSent = new WeakMap();

document.addEventListener("submit", (event) => {
  const form = event.target;
  const busy = form.dataset.busy || event.timeStamp - (lastSent.get(form) ?? -1000) < 1000;
  if (busy && form.method !== "get") {
    event.preventDefault();
    return;
  }
  lastSent.set(form, event.timeStamp);
  if (!form.matches("[data-enhance]")) return;
  event.preventDefault();
  form.dataset.busy = "true";
  send(form, event.submitter)
    // It may have arrived although the answer did not: look, never send a second time.
    .catch(() => location.reload())
    .finally(() => delete form.dataset.busy);
});

// Back to another page of a list. A link within the page comes here too: reloading then would lose what was
// typed, and the focus that the link moved.
addEventListener("popstate", () => {
  if (page() !== shown) location.reload();
});

function count(within) {
  const numbers = new Intl.NumberFormat(document.documentElement.lang || undefined);
  for (const input of within.querySelectorAll("[data-count]")) {
    const place = document.querySelector(input.dataset.count);
    const limit = Number(input.dataset.limit);
    if (!place || !limit) continue;
    const show = () => {
      const length = [...input.value.trim()].length;
      place.textContent = place.dataset.words.replace("{used}", numbers.format(length))
        .replace("{limit}", numbers.format(limit));
      place.classList.toggle("count--over", length > limit);
    };
    input.addEventListener("input", show);
    // Heard when one pauses near the limit, not at every key.
    let pause;
    input.addEventListener("input", () => {
      clearTimeout(pause);
      pause = setTimeout(() => {
        if ([...input.value.trim()].length > limit * 0.9) announce(place.textContent);
      }, 1200);
    });
    show();
  }
}

count(document);

// A menu that opens over the page closes when one leaves it or presses Escape.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.languages[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.languages[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// Keys for moderators (the page behind "?" lists them): never while somebody writes, never with a modifier.
const moves = { e: "return", r: "reject", h: "hide", a: "accept", d: "decline", m: "merge" };
const next = { r: "reason", h: "reason", a: "benefit", m: "target", e: "statement", d: "statement" };
document.addEventListener("keydown", (event) => {
  const form = document.querySelector("form[data-decide]");
  if (form && event.key === "Enter" && event.ctrlKey && form.contains(event.target)) {
    event.preventDefault();
    form.requestSubmit();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]")) return;
  const button = [...document.querySelectorAll("[data-key]")].find((each) => each.dataset.key === event.key);
  const choice = form?.querySelector(`input[name="move"][value="${moves[event.key] ?? ""}"]`);
  if (button) {
    event.preventDefault();
    button.click();
  } else if (choice) {
    event.preventDefault();
    choice.checked = true;
    form.querySelector(`[name="${next[event.key]}"]`).focus();
  } else if (form && event.key === "s") {
    event.preventDefault();
    form.querySelector("[name=statement]").focus();
  }
});

// A job that runs is looked at again by itself.
function refresh() {
  const place = document.querySelector("[data-refresh]");
  if (!place) return;
  setTimeout(async () => {
    const fresh = parse(await (await fetch(location.href)).text()).getElementById(place.id);
    if (!fresh) return;
    place.replaceWith(document.adoptNode(fresh));
    if (!fresh.dataset.refresh) announce(fresh.dataset.announce);
    refresh();
  }, Number(place.dataset.refresh));
}

refresh();

// What is kept for when there is no connection; the base page names the worker, where the site has one.
const worker = document.querySelector("script[data-worker]");
if (worker && "serviceWorker" in navigator) {
  addEventListener("load", () => navigator.serviceWorker.register(worker.dataset.worker)
    .then(() => navigator.serviceWorker.ready)
    .then((registration) => registration.active.postMessage(worker.dataset.offline))
    .catch(() => {})); // a browser may forbid it; everything else works
}
