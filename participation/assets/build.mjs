/*
 * Builds participation/static (or the folder named) from KERN, our own CSS and JS, and the fonts:
 *     node participation/assets/build.mjs [FOLDER]
 * The same input gives the same bytes. Every file carries a hash of its content in its name, so that
 * browsers may keep it for ever; manifest.json says which name is the present one.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { transform } from "lightningcss";
import postcss from "postcss";
import { PurgeCSS } from "purgecss";
import { minify } from "terser";
import { cutFonts } from "./fonts.mjs";
import { logical } from "./logical.mjs";

const ASSETS = dirname(fileURLToPath(import.meta.url));
const ROOT = join(ASSETS, "..", "..");
const STATIC = resolve(process.argv[2] ?? join(ROOT, "participation", "static"));
const KERN = join(ROOT, "node_modules", "@kern-ux", "native");
const FIRA = join(KERN, "dist", "fonts", "fira-sans");
const LEAFLET = join(ROOT, "node_modules", "leaflet");
const NOTO = join(ROOT, "node_modules", "@fontsource", "noto-sans-arabic");

// What logical.mjs rewrites in KERN 2.7.2. Other numbers mean another KERN: look at the pages in Arabic
// at 360 px before writing them here.
const REWRITTEN = {
  padding: 214, margin: 307, inset: 17, "border-side": 3, "text-align": 5, float: 1, clear: 2, corner: 2,
  "four-values": 14, "four-corners": 4,
};
const KERN_FORMS = ["info", "success", "warning", "danger"];
// Beside the icons of these forms, one is kept when a template writes its class out (kern-icon--mail) or a
// macro or a dataclass is given it by name (icon="mail").
const ICON_BY_NAME = /\bicon\s*=\s*["']([\w-]+)["']/g;

/** Every file in a folder of the project with that ending, in a fixed order; `deep`: below it too. */
function files(folder, ending, deep = true) {
  return readdirSync(join(ROOT, folder), { recursive: deep })
    .filter((name) => name.endsWith(ending) && !/(^|[\\/])(static|node_modules)[\\/]/.test(name))
    .sort()
    .map((name) => join(ROOT, folder, name));
}

const manifest = {};
const written = `${STATIC}.${process.pid}`;

function put(name, content) {
  writeFileSync(join(written, name), content);
  if ([".css", ".js", ".svg"].includes(extname(name))) {
    const data = Buffer.from(content);
    writeFileSync(join(written, `${name}.gz`), gzipSync(data, { level: 9 }));
    writeFileSync(join(written, `${name}.br`), brotliCompressSync(data, {
      params: { [constants.BROTLI_PARAM_SIZE_HINT]: data.length },
    }));
  }
}

/** Writes a file under its hashed name; returns that name. */
function putHashed(name, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
  const end = extname(name);
  manifest[name] = `${name.slice(0, -end.length)}.${hash}${end}`;
  put(manifest[name], content);
  return manifest[name];
}

/** Writes the fonts; returns their @font-face rules. */
async function fonts() {
  return (await cutFonts(FIRA)).map(({ name, weight, range, bytes }) => (
    `@font-face{font-family:"Fira Sans";font-weight:${weight};font-display:swap;`
      + `src:url("${putHashed(name, bytes)}") format("woff2");unicode-range:${range}}`)).join("\n");
}

function kern() {
  const { root, counts } = logical(readFileSync(join(KERN, "dist", "kern.css"), "utf8"));
  const differing = [...new Set([...Object.keys(REWRITTEN), ...Object.keys(counts)])]
    .filter((kind) => REWRITTEN[kind] !== counts[kind])
    .map((kind) => `${kind}: ${counts[kind] ?? 0} instead of ${REWRITTEN[kind] ?? 0}`);
  if (differing.length > 0) {
    throw new Error(`KERN has changed (${differing.join(", ")}). Look at the pages in Arabic, then mend REWRITTEN.`);
  }
  root.walkAtRules("charset", (rule) => rule.remove());
  // Light and dark follow the reader's device alone, so the rules for a forced theme go; the contextual
  // colours, which stand on the body too, stay there.
  root.walkRules(/kern-(light|dark)\b|data-kern-theme/, (rule) => {
    if (rule.selector.startsWith(":is(body,")) rule.selector = "body";
    else rule.remove();
  });
  // Paper is white, whatever the screen is.
  root.walkAtRules("media", (media) => {
    media.params = media.params.replace("(prefers-color-scheme: light)", "print, (prefers-color-scheme: light)")
      .replace("(prefers-color-scheme: dark)", "screen and (prefers-color-scheme: dark)");
  });
  // Every token is defined at the root, so what KERN repeats behind the comma is never read.
  const tokens = new Set();
  root.walkDecls(/^--kern-/, (decl) => tokens.add(decl.prop));
  root.walkDecls((decl) => {
    decl.value = decl.value.replace(/var\((--kern-[\w-]+),[^()]*\)/g, (all, token) => (
      tokens.has(token) ? `var(${token})` : all));
  });
  // KERN supposes that forced colours are white on black. They are what the reader has chosen.
  root.walkAtRules("media", (media) => {
    if (!media.params.includes("forced-colors")) return;
    media.walkDecls((decl) => {
      decl.value = decl.value.replace(/var\(--kern-color-(white|layout-background-inverted)\)/g, "CanvasText")
        .replaceAll("var(--kern-color-layout-background-default)", "Canvas");
    });
  });
  return root.toString();
}

const namedIcons = (text) => [...text.matchAll(ICON_BY_NAME)].map((found) => `kern-icon--${found[1]}`);

/** Keeps of KERN what templates, our scripts and the Python sources can ask for; `variables` that our
 * own stylesheets read stay too. */
async function used(css, variables = []) {
  const sources = [...files("templates", ".html"), ...files("participation", ".py"), ...files("moderation", ".py"),
    ...files("participation/assets", ".js", false)];
  const content = sources.map((path) => ({ raw: readFileSync(path, "utf8"), extension: extname(path).slice(1) }));
  const [{ css: kept }] = await new PurgeCSS().purge({
    content,
    css: [{ raw: css }],
    defaultExtractor: (text) => [...(text.match(/[A-Za-z][\w-]*/g) ?? []), ...namedIcons(text)],
    // Python's prose would keep every element that is an English word.
    extractors: [{ extensions: ["py"], extractor: (text) => [...(text.match(/kern-[\w-]+/g) ?? []), ...namedIcons(text)] }],
    safelist: {
      standard: [
        ...KERN_FORMS.flatMap((form) => [`kern-alert--${form}`, `kern-badge--${form}`, `kern-icon--${form}`]),
        "kern-btn--primary", "kern-btn--secondary", "kern-btn--tertiary",
      ],
      variables,
    },
    variables: true,
    keyframes: true,
  });
  // PurgeCSS keeps every kind of input there is.
  if (content.some(({ raw }) => /type="file"|FileField/.test(raw))) return kept;
  const root = postcss.parse(kept);
  root.walkRules((rule) => {
    rule.selectors = rule.selectors.filter((selector) => !/\[type="?file"?\]/.test(selector));
    if (rule.selector === "") rule.remove();
  });
  return root.toString();
}

/** Our own stylesheets in a folder, in the order of their names. */
function own(folder) {
  return files(folder, ".css", false).map((path) => readFileSync(path, "utf8"));
}

/** Leaflet's stylesheet without the pictures of parts that no page of ours uses, and behind it our own for maps. */
function maps() {
  const root = postcss.parse(readFileSync(join(LEAFLET, "dist", "leaflet.css"), "utf8"));
  root.walkDecls((decl) => {
    if (decl.value.includes("url(")) decl.parent.remove();
  });
  return `${root}\n${readFileSync(join(ASSETS, "css", "map", "map.css"), "utf8")}`;
}

mkdirSync(written, { recursive: true });
try {
  // Residents load nothing of what only the staff's pages need.
  // Of what we write ourselves nothing is taken away: PurgeCSS loses rules whose selector begins with :is(…).
  const staff = own("participation/assets/css/staff").join("\n");
  const ours = own("participation/assets/css").join("\n");
  const map = maps();
  const read = [...`${ours}${staff}${map}`.matchAll(/var\((--[\w-]+)/g)].map((found) => found[1]);
  const sheets = {
    "site.css": `${await fonts()}\n${await used(kern(), read)}\n${ours}`,
    "staff.css": staff,
    "map.css": map,
  };
  for (const [name, css] of Object.entries(sheets)) {
    putHashed(name, transform({ filename: name, code: Buffer.from(css), minify: true }).code);
  }
  // Leaflet is loaded when somebody asks for a map, never before.
  for (const path of [...files("participation/assets", ".js", false), join(LEAFLET, "dist", "leaflet-src.esm.js")]) {
    const script = await minify(readFileSync(path, "utf8"), { module: true, ecma: 2022 });
    putHashed(basename(path).replace("-src.esm", ""), script.code);
  }
  // For the server alone, which draws pictures for links with them (participation/site/picture.py).
  putHashed("card-latin.woff2", readFileSync(join(FIRA, "FiraSans-SemiBold.woff2")));
  putHashed("card-arabic.woff2", readFileSync(join(NOTO, "files", "noto-sans-arabic-arabic-600-normal.woff2")));
  putHashed("favicon.svg", readFileSync(join(ASSETS, "favicon.svg"), "utf8"));
  put("NOTICE.txt", readFileSync(join(ASSETS, "NOTICE.txt"), "utf8"));
  put("KERN-LICENSE.md", readFileSync(join(KERN, "LICENSE.md"), "utf8"));
  put("FIRA-OFL.txt", readFileSync(join(ASSETS, "FIRA-OFL.txt"), "utf8"));
  put("LEAFLET-LICENSE.txt", readFileSync(join(LEAFLET, "LICENSE"), "utf8"));
  put("NOTO-OFL.txt", readFileSync(join(NOTO, "LICENSE"), "utf8"));
  const sorted = Object.fromEntries(Object.entries(manifest).sort(([a], [b]) => (a < b ? -1 : 1)));
  put("manifest.json", `${JSON.stringify(sorted, null, 2)}\n`);
  // Exchanged at one stroke: a build that fails leaves the old folder as it was.
  rmSync(STATIC, { recursive: true, force: true });
  renameSync(written, STATIC);
} finally {
  rmSync(written, { recursive: true, force: true });
}

for (const name of Object.keys(manifest).filter((each) => /\.(css|js)$/.test(each))) {
  const size = readFileSync(join(STATIC, `${manifest[name]}.br`)).length;
  console.log(`${manifest[name]}: ${size} bytes with Brotli`);
}
