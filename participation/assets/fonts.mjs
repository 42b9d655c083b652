/*
 * Fira Sans as KERN brings it, cut so that a page loads few bytes for the letters it shows: one file for all languages of
 * ours in Latin letters, one for those in Cyrillic ones. Hinting goes, because telephones ignore it and it is a third of a
 * file; so does kerning where type is small. Other letters are the system's.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import subsetFont from "subset-font";

const FEATURES = ["liga", "tnum", "locl"];
// Headings are set in the bold weight, and there one sees whether a V stands well beside an o; in running text it would
// cost a quarter of the file.
const WEIGHTS = { 400: ["Regular", FEATURES], 600: ["SemiBold", [...FEATURES, "kern"]] };

const span = (first, last) => Array.from({ length: last - first + 1 }, (_, i) => String.fromCodePoint(first + i)).join("");

const CUTS = {
  // What every language prints; German, French, Italian, Spanish, Portuguese; Polish, Turkish, Kurdish; Croatian, Romanian,
  // Hungarian, Albanian.
  latin: `${span(0x20, 0x7e)}\u00a0\u202f¡¿«»¶·×§°©–—‘’‚“”„•…‹›€−ÄÖÜäöüßÀÁÂÃÇÈÉÊËÍÎÏÑÓÔÕÙÚÛàáâãåæçèéêëìíîïñòóôõøœùúûýÿ`
    + "ĄĆĘŁŃŚŹŻąćęłńśźżĞİŞğışČĐŠŽčđšžĂȘȚășțŐŰőű",
  // Ukrainian, Russian, Bulgarian, Serbian.
  cyrillic: `${span(0x410, 0x44f)}ЁЂЄІЇЈЉЊЋЏёђєіїјљњћџҐґ№`,
};

/** Letters as a unicode-range. */
function range(letters) {
  const runs = [];
  for (const point of [...letters].map((letter) => letter.codePointAt(0)).sort((one, other) => one - other)) {
    if (runs.length > 0 && runs.at(-1)[1] === point - 1) runs.at(-1)[1] = point;
    else runs.push([point, point]);
  }
  return runs.map((run) => `U+${[...new Set(run)].map((point) => point.toString(16)).join("-")}`).join(",");
}

/** The files of Fira Sans in `folder`, cut: name, weight, unicode-range and bytes of each. The same package gives the
 * same bytes. */
export async function cutFonts(folder) {
  return Promise.all(Object.entries(WEIGHTS).flatMap(([weight, [file, keepFeatures]]) => (
    Object.entries(CUTS).map(async ([cut, letters]) => ({
      name: `fira-sans-${cut}-${weight}.woff2`,
      weight,
      range: range(letters),
      bytes: await subsetFont(readFileSync(join(folder, `FiraSans-${file}.woff2`)), letters, {
        targetFormat: "woff2", noHinting: true, keepFeatures,
      }),
    }))
  )));
}
