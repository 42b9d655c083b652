/*
 * Fira Sans, cut so that a page loads few bytes for the letters it shows: what five of our languages are written in
 * together, and beside it a file for each further group of letters. Hinting goes, because telephones ignore it and it
 * is a third of a file; of the layout features those stay that text needs without being asked.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import subsetFont from "subset-font";

const FEATURES = ["kern", "liga", "tnum", "lnum", "locl", "mark", "mkmk", "ccmp"];
const WEIGHTS = [400, 600];

/** The code points of "U+0131,U+0152-0153", the package's own way of writing them. */
function points(range) {
  return range.split(",").flatMap((part) => {
    const [first, last = first] = part.replace("U+", "").split("-").map((hex) => parseInt(hex, 16));
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/** The other way round: code points in their order as a unicode-range. */
function range(list) {
  const hex = (point) => point.toString(16);
  const runs = [];
  for (const point of list) {
    if (runs.length > 0 && runs.at(-1)[1] === point - 1) runs.at(-1)[1] = point;
    else runs.push([point, point]);
  }
  return runs.map(([first, last]) => `U+${hex(first)}${last > first ? `-${hex(last)}` : ""}`).join(",");
}

const written = (text) => [...text].map((letter) => letter.codePointAt(0));

// German, English, French and Italian whole, Polish and Turkish but for the letters in `latin-a`; and what all print.
const CORE = new Set([...points("U+20-7E"), ...written("\u00a0\u202f«»¶·×§°©–—‘’‚“”„•…‹›€−"),
  ...written("ÄÖÜäöüßÀÂÇÈÉÊÎÔÙÛàâçèéêëîïôœùûìíòóÓı")]);
// Latin Extended-A (Polish, Turkish, Czech, Croatian …), the Romanian letters and the capital sharp s.
const MORE = new Set(points("U+100-17F,U+218-21B,U+1E9E"));

// What each file is cut from, and which of that file's letters it holds. A browser asks the last rule that claims a
// letter, so the earlier ones may claim more than they hold, and the rules stay short.
const CUTS = {
  "latin-ext": ["latin-ext", (point) => !MORE.has(point)],
  "latin-1": ["latin", (point) => !CORE.has(point)],
  "latin-a": ["latin-ext", (point) => MORE.has(point), range(MORE)],
  cyrillic: ["cyrillic", () => true],
  latin: ["latin", (point) => CORE.has(point), range([...CORE].sort((one, other) => one - other))],
};

/** The files of Fira Sans in `folder` (of @fontsource), cut: name, weight, unicode-range and bytes of each, in the order
 * of their rules. The same package gives the same bytes. */
export async function cutFonts(folder) {
  const ranges = JSON.parse(readFileSync(join(folder, "unicode.json"), "utf8"));
  return Promise.all(WEIGHTS.flatMap((weight) => Object.entries(CUTS).map(async ([cut, [subset, holds, claimed]]) => {
    const list = points(ranges[subset]).filter(holds);
    const whole = readFileSync(join(folder, "files", `fira-sans-${subset}-${weight}-normal.woff2`));
    const bytes = await subsetFont(whole, String.fromCodePoint(...list), {
      targetFormat: "woff2", noHinting: true, keepFeatures: FEATURES,
    });
    return { name: `fira-sans-${cut}-${weight}.woff2`, weight, range: claimed ?? ranges[subset], bytes };
  })));
}
