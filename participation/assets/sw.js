/*
 * The service worker: what a page needs when there is no connection. participation/site/offline.py writes SITE
 * before it: {files: addresses of files with a hash of their content in their name, kept: the name of the cache}.
 * It keeps those files and the offline page of the languages that somebody reads, and no other page.
 */
const OFFLINE = /^\/[a-z-]+\/offline$/i;
const page = (address) => new Request(address, { credentials: "omit", cache: "no-cache" }); // of nobody in particular

async function offlinePages() {
  const found = [];
  for (const name of await caches.keys()) {
    for (const { url } of await (await caches.open(name)).keys()) if (OFFLINE.test(new URL(url).pathname)) found.push(url);
  }
  return [...new Set(found)];
}

async function keep(address) {
  const answer = await fetch(page(address));
  if (answer.ok && !answer.redirected) await (await caches.open(SITE.kept)).put(address, answer);
}

addEventListener("install", (event) => event.waitUntil((async () => {
  await (await caches.open(SITE.kept)).addAll(SITE.files);
  await Promise.all((await offlinePages()).map(keep)); // those of the worker before name its files
  await skipWaiting();
})()));

addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name !== SITE.kept) await caches.delete(name);
  await registration.navigationPreload?.enable();
  await clients.claim();
})()));

// A page says which language is read here; its offline page is asked for once a day.
addEventListener("message", (event) => event.waitUntil((async () => {
  const address = new URL(event.data, location.origin);
  if (address.origin !== location.origin || !OFFLINE.test(address.pathname)) return;
  const before = await (await caches.open(SITE.kept)).match(address.href);
  const age = Date.now() - Date.parse(before?.headers.get("date") ?? 0);
  if (!(age < 86_400_000)) await keep(address.href).catch(() => {});
})()));

async function instead(address) {
  const cache = await caches.open(SITE.kept);
  const language = address.pathname.split("/")[1];
  return await cache.match(`/${language}/offline`) ?? await cache.match((await offlinePages())[0] ?? "/-") ?? Response.error();
}

addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  if (request.mode === "navigate") {
    event.respondWith((async () => {
      try {
        return await event.preloadResponse ?? await fetch(request);
      } catch {
        return instead(address);
      }
    })());
  } else if (SITE.files.includes(address.pathname)) {
    event.respondWith((async () => await caches.match(request.url) ?? fetch(request))());
  }
});
