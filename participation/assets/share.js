/*
 * Handing on the address of a page: what needs a script is hidden without one.
 *   <button data-copy="#id" data-done="sentence" hidden>   copies the address in #id and says so
 *   <button data-share data-title="…" data-url="…" hidden>  the device's own way of sharing, where it has one
 */
for (const button of document.querySelectorAll("[data-copy]")) {
  const place = document.querySelector(button.dataset.copy);
  button.hidden = false;
  button.addEventListener("click", async () => {
    place.select();
    try {
      await navigator.clipboard.writeText(place.value);
    } catch {
      if (!document.execCommand("copy")) return; // it stays selected, to be copied by hand
    }
    document.getElementById("announcement").textContent = button.dataset.done;
    button.querySelector(".kern-label").textContent = button.dataset.done;
  });
}

for (const button of document.querySelectorAll("[data-share]")) {
  if (!navigator.share) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    navigator.share({ title: button.dataset.title, url: button.dataset.url }).catch(() => {}); // thought better of it
  });
}
