/*
 * A map, once it was asked for: the districts drawn over the city's tiles, or without tiles where there are none.
 *   data-map="ideas"    how many ideas each district has ([data-district] [data-number] on the page), and those with a place
 *   data-map="one"      one point, data-at="49.99900,8.27400"
 *   data-map="choose"   fills latitude and longitude of the form around it
 * All words come from data-words and data-settings; people's texts are put in as text, never as HTML.
 */
const json = async (address) => {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
};

const styled = (address) => new Promise((resolve, reject) => {
  if (document.querySelector(`link[href="${address}"]`)) return resolve();
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: address, onload: resolve, onerror: reject });
  document.head.append(link);
});

function element(name, values = {}, ...inside) {
  const made = Object.assign(document.createElement(name), values);
  made.append(...inside);
  return made;
}

const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const numbers = new Intl.NumberFormat(document.documentElement.lang || undefined);
const direction = document.documentElement.dir || "ltr";

/** Whether a point lies in an area: a ray to the east crosses its rings an odd number of times. */
function within({ type, coordinates }, { lat, lng }) {
  let odd = false;
  for (const ring of (type === "Polygon" ? [coordinates] : coordinates).flat()) {
    ring.forEach(([x2, y2], n) => {
      const [x1, y1] = ring.at(n - 1);
      if ((y1 > lat) !== (y2 > lat) && lng < x1 + ((lat - y1) * (x2 - x1)) / (y2 - y1)) odd = !odd;
    });
  }
  return odd;
}

export async function show(place) {
  const settings = JSON.parse(place.dataset.settings);
  const words = JSON.parse(place.dataset.words);
  const [L, drawn] = await Promise.all([
    import(settings.leaflet), settings.districts ? json(settings.districts) : { features: [] }, styled(settings.css)]);
  place.querySelector("[data-map-start]").remove();
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  // Leaflet reckons from left to right; what it shows of words has the page's direction again.
  const view = element("div", { className: "map__view", dir: "ltr", tabIndex: 0 });
  view.setAttribute("role", "application");
  view.setAttribute("aria-label", place.dataset.label);
  place.querySelector("[data-map-here]").append(view);
  const edges = L.latLngBounds(settings.edges);
  const map = L.map(view, {
    scrollWheelZoom: false, zoomControl: false, zoomSnap: settings.tiles ? 1 : 0.25, minZoom: settings.zoom - 3, maxZoom: 18, maxBounds: edges.pad(0.5),
    zoomAnimation: !still, fadeAnimation: !still, markerZoomAnimation: !still, inertia: !still,
  });
  map.attributionControl.setPrefix("Leaflet").setPosition(direction === "rtl" ? "bottomleft" : "bottomright");
  L.control.zoom({ position: direction === "rtl" ? "topright" : "topleft", zoomInTitle: words.nearer,
    zoomOutTitle: words.further }).addTo(map);
  if (settings.tiles) {
    const said = element("span", { dir: "auto", textContent: settings.attribution }).outerHTML;
    L.tileLayer(settings.tiles, { attribution: said, maxZoom: 18 }).addTo(map);
  } else view.classList.add("map__view--plain");
  const districts = L.geoJSON(drawn, { style: { className: "map__district", weight: 2 } }).addTo(map);
  const at = place.dataset.at ? place.dataset.at.split(",").map(Number) : null;
  // Without tiles a near view shows nothing to go by.
  const near = settings.tiles ? 16 : settings.zoom;
  if (at) map.setView(at, near);
  else if (place.dataset.map === "ideas" && drawn.features.length) map.fitBounds(districts.getBounds());
  else map.setView(settings.middle, settings.zoom);
  map.on("popupopen", ({ popup }) => {
    popup.getElement().querySelector("[aria-label='Close popup']")?.setAttribute("aria-label", words.close);
  });
  const tools = { L, map, place, words, drawn, districts, edges, at, near };
  await { ideas, one, choose }[place.dataset.map](tools);
  view.focus();
}

const pin = (L, text = "") => L.divIcon({ className: "map__pin", html: element("span", { textContent: text }), iconSize: [28, 28] });

const popup = (...inside) => element("div", { className: "map__words", dir: direction }, ...inside);

async function ideas({ L, map, place, words, districts }) {
  const counted = [...document.querySelectorAll("[data-district]")];
  districts.eachLayer((area) => {
    const line = counted.find((each) => each.dataset.district === area.feature.properties.key);
    if (!line) return;
    if (line.dataset.number !== "0") area.bindTooltip(element("span", { textContent: numbers.format(line.dataset.number) }),
      { permanent: true, direction: "center", className: "map__count" });
    area.bindPopup(() => popup(...[...line.childNodes].map((node) => node.cloneNode(true))));
  });
  const found = await json(place.dataset.ideas);
  const spots = new Map();
  for (const { geometry, properties } of found.features) {
    const key = geometry.coordinates.join();
    spots.set(key, [...(spots.get(key) ?? []), { ...properties, geometry }]);
  }
  for (const here of spots.values()) {
    const [lng, lat] = here[0].geometry.coordinates;
    const list = element("ul", {}, ...here.slice(0, 10).map((idea) => element("li", {},
      element("a", { className: "plain-link", href: new URL(idea.address).pathname, lang: idea.lang, dir: "auto", textContent: idea.title }),
      element("span", { className: "small muted", textContent: idea.state }))));
    const more = here.length > 10 ? [element("p", { textContent: fill(words.more, { count: numbers.format(here.length - 10) }) })] : [];
    const name = here[0].place ? [element("strong", { textContent: here[0].place, dir: "auto" })] : [];
    // Hundreds of them would all be stops of the tab key: the list on the page is the way for the keyboard.
    L.marker([lat, lng], { icon: pin(L, here.length > 1 ? numbers.format(here.length) : ""), keyboard: false,
      title: here.length > 1 ? here[0].place || "" : here[0].title }).bindPopup(popup(...name, list, ...more)).addTo(map);
  }
}

function named(districts) {
  districts.eachLayer((area) => area.bindTooltip(element("span", { textContent: area.feature.properties.name }),
    { permanent: true, direction: "center", className: "map__name" }));
}

function one({ L, map, at, districts }) {
  named(districts);
  L.marker(at, { icon: pin(L), keyboard: false, interactive: false }).addTo(map);
}

function choose({ L, map, place, words, drawn, edges, districts, near }) {
  const fields = place.closest("form").elements;
  const said = place.querySelector("[data-map-said]");
  const drop = element("button", { type: "button", className: "kern-btn kern-btn--tertiary" },
    element("span", { className: "kern-label", textContent: words.remove }));
  const middle = element("button", { type: "button", className: "kern-btn kern-btn--secondary" },
    element("span", { className: "kern-label", textContent: words.middle }));
  place.querySelector("[data-map-tools]").append(middle, drop);
  map.getContainer().append(element("div", { className: "map__cross", ariaHidden: "true" }));
  named(districts);
  const marker = L.marker([0, 0], { icon: pin(L), keyboard: false, interactive: false });

  /** Shows the point that stands in the form, or that none does. */
  function shown() {
    const [lat, lng] = [fields.latitude.value, fields.longitude.value].map((text) => Number(text.trim().replace(",", ".") || NaN));
    const point = Number.isFinite(lat) && Number.isFinite(lng) && edges.contains([lat, lng]) ? L.latLng(lat, lng) : null;
    drop.hidden = !point;
    if (!point) {
      marker.remove();
      said.textContent = words.nothing;
      return null;
    }
    marker.setLatLng(point).addTo(map);
    const area = drawn.features.find((each) => within(each.geometry, point));
    const degrees = `\u2066${lat.toFixed(5)}, ${lng.toFixed(5)}\u2069`;
    said.textContent = area ? fill(words.chosen_in, { point: degrees, district: area.properties.name })
      : fill(words.chosen, { point: degrees });
    return area ?? {};
  }

  function set(point) {
    if (!edges.contains(point)) {
      said.textContent = words.outside;
      return;
    }
    fields.latitude.value = point.lat.toFixed(5);
    fields.longitude.value = point.lng.toFixed(5);
    const area = shown();
    const district = fields.district;
    // Whoever has chosen a district meant it; one that stands open follows.
    if (district && !district.value && area.properties) district.value = area.properties.key;
  }

  map.on("click", ({ latlng }) => set(latlng));
  middle.addEventListener("click", () => set(map.getCenter()));
  drop.addEventListener("click", () => {
    fields.latitude.value = fields.longitude.value = "";
    shown();
    middle.focus();
  });
  fields.place?.addEventListener("change", () => {
    const to = fields.place.selectedOptions[0].dataset.at;
    if (to) map.setView(to.split(",").map(Number), near);
  });
  for (const name of ["latitude", "longitude"]) {
    fields[name].addEventListener("change", () => {
      if (shown()) map.panTo(marker.getLatLng());
    });
  }
  if (shown()) map.setView(marker.getLatLng(), near);
}
