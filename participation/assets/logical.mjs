/*
 * KERN 2.7 lays out with physical left and right, which breaks in Arabic. This PostCSS plugin rewrites
 * every such declaration into its logical counterpart, so that one stylesheet serves both directions.
 * It counts what it rewrites: the build compares the counts with those that were looked at on screen.
 */
import postcss from "postcss";

const SIDE = { left: "start", right: "end" };
const CORNER = {
  "border-top-left-radius": "border-start-start-radius",
  "border-top-right-radius": "border-start-end-radius",
  "border-bottom-left-radius": "border-end-start-radius",
  "border-bottom-right-radius": "border-end-end-radius",
};
// The order in which the four values of `border-radius` stand: clockwise from the top left.
const CORNERS = ["start-start", "start-end", "end-end", "end-start"];

/** The two declarations that replace top-right-bottom-left when right and left differ. */
function pair(prop) {
  const [, base, rest] = prop.match(/^(padding|margin|inset|border)(-width|-color|-style)?$/);
  return [`${base}-block${rest ?? ""}`, `${base}-inline${rest ?? ""}`];
}

function rewrite(decl, count) {
  const prop = decl.prop;
  let found = prop.match(/^(padding|margin|scroll-margin|scroll-padding)-(left|right)$/);
  if (found) {
    decl.prop = `${found[1]}-inline-${SIDE[found[2]]}`;
    return count(found[1]);
  }
  if (prop in SIDE) {
    decl.prop = `inset-inline-${SIDE[prop]}`;
    return count("inset");
  }
  found = prop.match(/^border-(left|right)(-width|-color|-style)?$/);
  if (found) {
    decl.prop = `border-inline-${SIDE[found[1]]}${found[2] ?? ""}`;
    return count("border-side");
  }
  if (prop in CORNER) {
    decl.prop = CORNER[prop];
    return count("corner");
  }
  if (["text-align", "float", "clear"].includes(prop) && decl.value in SIDE) {
    decl.value = prop === "text-align" ? SIDE[decl.value] : `inline-${SIDE[decl.value]}`;
    return count(prop);
  }
  if (/^(padding|margin|inset|border-(width|color|style))$/.test(prop)) {
    const values = postcss.list.space(decl.value);
    if (values.length !== 4 || values[1] === values[3]) return undefined;
    const [block, inline] = pair(prop);
    decl.cloneBefore({ prop: block, value: `${values[0]} ${values[2]}` });
    decl.cloneBefore({ prop: inline, value: `${values[3]} ${values[1]}` });
    decl.remove();
    return count("four-values");
  }
  if (prop === "border-radius") {
    const values = postcss.list.space(decl.value);
    if (values.length < 2) return undefined;
    if (values.length !== 4) throw decl.error("a border-radius of two or three values is not foreseen");
    CORNERS.forEach((corner, i) => decl.cloneBefore({ prop: `border-${corner}-radius`, value: values[i] }));
    decl.remove();
    return count("four-corners");
  }
  return undefined;
}

/** Rewrites a stylesheet; returns its root and how often each kind of declaration was rewritten. */
export function logical(css) {
  const root = postcss.parse(css);
  const counts = {};
  const declarations = [];
  root.walkDecls((decl) => declarations.push(decl));
  for (const decl of declarations) {
    if (!decl.prop.startsWith("--")) rewrite(decl, (kind) => (counts[kind] = (counts[kind] ?? 0) + 1));
  }
  return { root, counts };
}
