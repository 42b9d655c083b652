/*
 * Offers the maps of a page, and loads one when somebody asks for it: nothing of it, and nothing from another host, before.
 *   <div data-map="ideas|one|choose" …><div data-map-start hidden><button data-map-show>…</button></div></div>
 */
for (const start of document.querySelectorAll("[data-map-start]")) start.hidden = false;

document.addEventListener("click", async (event) => {
  const place = event.target.closest("[data-map-show]")?.closest("[data-map]");
  if (!place || place.dataset.busy) return;
  place.dataset.busy = "true";
  try {
    const { show } = await import(JSON.parse(place.dataset.settings).view);
    await show(place);
  } catch {
    place.querySelector("[data-map-said]").textContent = place.dataset.failed;
    delete place.dataset.busy;
  }
});
