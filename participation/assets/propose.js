/*
 * Writing an idea: ideas alike while one types, nothing lost when one looks elsewhere or the connection goes.
 * What is kept on this device stands in localStorage under "idea": an object by the names of the form's fields.
 */
const NAME = "idea";
const form = document.getElementById("propose");
const begin = document.getElementById("begin"); // the form on the page that is shown without a connection
const said = document.getElementById("announcement");

function stored() {
  try {
    const found = JSON.parse(localStorage.getItem(NAME));
    return found && typeof found === "object" && (found.title || found.body) ? found : null;
  } catch {
    return null;
  }
}

/** Whether it could be kept: a browser may forbid it. */
function store(values) {
  try {
    localStorage.setItem(NAME, JSON.stringify(values));
    return true;
  } catch {
    return false;
  }
}

function forget() {
  try {
    localStorage.removeItem(NAME);
  } catch { /* then there is nothing */ }
}

const typedIn = (from) => Object.fromEntries([...new FormData(from)].filter(([name, value]) => (
  typeof value === "string" && !["csrf_token", "step", "draft", "version"].includes(name))));

/** Keeps what stands in the form as its author's draft; the page stays. */
function keep() {
  const data = new FormData(form);
  data.set("go", "keep");
  return fetch(form.action, { method: "POST", body: data, keepalive: true });
}

function writing() {
  const notice = document.getElementById("offline-notice");
  let typed = false;
  let sent = false;
  form.addEventListener("input", () => { typed = true; });
  form.addEventListener("submit", (event) => {
    // Pressed a second time it is sent all the same: some devices are wrong about being offline.
    if (navigator.onLine || !notice.hidden || !store(typedIn(form))) {
      sent = true;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    notice.hidden = false;
  });
  addEventListener("pageshow", () => { sent = false; });
  addEventListener("online", () => { notice.hidden = true; });
  // The telephone rings, the tram comes: the browser may throw the page away before one is back.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && typed && !sent) {
      typed = false;
      keep().catch(() => { typed = true; });
    }
  });
  // Another language is another page: it shows what is kept.
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".languages a");
    if (!link || !typed || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    sent = true;
    keep().catch(() => {}).finally(() => location.assign(link.href));
  });
}

/** The public ideas like the title, below it, when one pauses; said, but the focus stays where it is. */
function resembling() {
  const title = form.elements.namedItem("title");
  const place = document.querySelector("div#alike");
  if (!place || title?.type === "hidden") return;
  let pause;
  let asking;
  let before = "";
  title.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(async () => {
      asking?.abort();
      asking = new AbortController();
      const address = new URL(form.dataset.alike, location.href);
      address.searchParams.set("title", title.value);
      try {
        const answer = await fetch(address, { signal: asking.signal });
        if (!answer.ok) return;
        const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("section");
        place.replaceChildren(...(found ? [document.adoptNode(found)] : []));
        const sentence = found?.dataset.announce ?? "";
        if (sentence && sentence !== before) said.textContent = sentence;
        before = sentence;
      } catch { /* without an answer one writes on */ }
    }, 600);
  });
}

/** An idea begun on this device without a connection is offered on the first page of a new one. */
function offer() {
  const box = document.getElementById("begun");
  const found = stored();
  if (!found) return;
  // It has arrived meanwhile.
  if (Object.entries(found).every(([name, text]) => !text || form.elements.namedItem(name)?.value === text)) forget();
  else if (box) ask(box, found);
}

function ask(box, found) {
  const first = (found.title || found.body).slice(0, 120);
  box.querySelector("p").textContent = box.dataset.words.replace("{title}", () => first);
  box.hidden = false;
  document.getElementById("begun-drop").addEventListener("click", () => {
    forget();
    box.hidden = true;
    document.querySelector("main").focus();
  });
  document.getElementById("begun-take").addEventListener("click", async () => {
    for (const [name, text] of Object.entries(found)) {
      const input = form.elements.namedItem(name);
      if (!input || !text || input.value === text) continue;
      if (!input.value) input.value = text;
      else if (input.localName === "textarea" || name === "body") input.value += `\n\n${text}`;
      // An answer that is there already stays; what was begun is not lost for that.
      else if (name === "title") form.elements.namedItem("body").value += `\n\n${text}`;
    }
    const answer = await keep();
    if (!answer.ok) return;
    forget();
    location.reload();
  });
}

/** The page without a connection: its form is there with a script only, and keeps at every key. */
function beginning() {
  const before = stored() ?? {};
  for (const name of ["title", "body"]) {
    const input = begin.elements.namedItem(name);
    input.value = before[name] ?? "";
  }
  const place = document.getElementById("begin-kept");
  const save = () => {
    const values = { ...before, ...typedIn(begin) };
    if (!values.title && !values.body) forget();
    place.textContent = store(values) ? place.dataset.kept : place.dataset.lost;
  };
  let pause;
  begin.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(save, 400);
  });
  addEventListener("pagehide", save);
  begin.addEventListener("submit", (event) => {
    event.preventDefault();
    save();
  });
  begin.hidden = false;
}

if (form) {
  writing();
  resembling();
  offer();
}
if (begin) beginning();
