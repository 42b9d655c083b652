"""A new city's file: what an operator is asked for, with proposals, and the file written from the answers.

The general texts come from `cities/template.toml`. A language that a text has no words for yet gets the English ones,
marked `# to translate`: the first language in the city file, every other in a file of its own beside it.
"""

import json
import re
import shutil
import tempfile
import tomllib
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

from participation.city import City, contrast, read_city
from participation.errors import Unsafe
from participation.settings import HOUSE, Settings

TO_TRANSLATE = "# to translate"
SOURCE = "en"  # what stands where a language has no words yet
WRITTEN = ("de", "en", "fr", "it", "es", "pt", "nl", "pl", "uk", "ru", "tr", "ar", "fa", "ku", "ro", "bg", "hr", "sr",
           "sq", "el", "hu", "ti", "so", "vi", "zh")  # in which residents of any city may write
_TEXT = re.compile(r"""\{ (?:[a-z-]+ = "(?:[^"\\]|\\.)*"(?:, )?)+ \}""")
_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "o", "ł": "l", "ı": "i"})

Words = dict[str, str]  # the same in several languages


def slug(name: str, otherwise: str) -> str:
    """A key made of a name: small Latin letters, digits and hyphens; `otherwise` where the name has none."""
    plain = unicodedata.normalize("NFKD", name.lower().translate(_LETTERS))
    made = re.sub("[^a-z0-9]+", "-", "".join(c for c in plain if not unicodedata.combining(c))).strip("-")[:40]
    return (made if made[:1].isalpha() else otherwise).rstrip("-")


def nearest_colour(colour: str, ground: str) -> str:
    """The colour itself when it can be read on this ground (contrast 4.5, WCAG 2.2), else the nearest darker or
    lighter one that can. Both as #rrggbb."""
    parts = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    end = 0 if ground == "#ffffff" else 255
    made = ("#" + "".join(f"{round(part + (end - part) * step / 100):02x}" for part in parts) for step in range(101))
    return next(each for each in made if contrast(each, ground) >= 4.5)


def proposal(name: str, city: str) -> Words:
    """What the template proposes for `site_name`, `claim` or `office` of a city, by language."""
    found: Words = tomllib.loads(Template(_part("proposals")).substitute(title=_quoted(city)[1:-1]))[name]
    return found


def proposed(kind: str) -> list[dict[str, Words]]:
    """The `fields` or `guidelines` that the template proposes, each with its texts by language."""
    found: list[dict[str, Words]] = tomllib.loads(_part(kind))[kind]
    return found


def refuse_known(file: Path) -> None:
    """Raises Unsafe where a city file, or the folder of texts that would stand beside it, is there already."""
    for each in (file, file.with_name(f"{file.stem}-texts")):
        if each.exists():
            raise Unsafe("known_city", what=f"{each} is there already and stays as it is. Name another file with "
                                            "--file.")


def write(given: Mapping[str, Any], file: Path) -> tuple[City, dict[str, int]]:
    """Write a city file and what stands beside it, whole or not at all. `given` are name, key, ref_prefix, time_zone,
    languages, accent, accent_dark, email, address, imprint_url, privacy_url, supporters, days, districts (names), the
    texts site_name, claim and office, `fields` and `guidelines` (None for those proposed) and the switches reasons,
    checks and answers. Returns the city, and how many texts are to be translated in each language.

    Raises Unsafe when there is such a file already, and CityFileError for what does not read.
    """
    refuse_known(file)
    beside = file.with_name(f"{file.stem}-texts")
    whole = _filled(given)
    languages: tuple[str, ...] = given["languages"]
    missing = dict.fromkeys(languages, 0)
    text = "\n".join(_line(line, languages, missing) for line in whole.split("\n"))
    with tempfile.TemporaryDirectory(prefix=f".{file.stem}-", dir=file.parent) as folder:
        made = Path(folder) / file.name
        made.write_text(text, encoding="utf-8")
        for tag in languages[1:]:
            if lines := _beside(tomllib.loads(whole), tag, languages):
                missing[tag] = sum(TO_TRANSLATE in line for line in lines) - 1  # the first line explains the mark
                (made.parent / beside.name).mkdir(exist_ok=True)
                (made.parent / beside.name / f"{tag}.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        city = read_city(made)
        if (made.parent / beside.name).exists():
            shutil.move(made.parent / beside.name, beside)
        made.replace(file)
    return city, {tag: count for tag, count in missing.items() if count}


def _filled(given: Mapping[str, Any]) -> str:
    """The template's file with the answers in it, every text in every language that has words for it."""
    fields, guidelines = (given[kind] or proposed(kind) for kind in ("fields", "guidelines"))
    text = _part("file")
    for name, kept in (("checks", given["checks"]), ("answers", given["answers"]), ("reasons", given["reasons"]),
                       ("one-reason", not given["reasons"]), ("districts", given["districts"])):
        text = re.sub(rf"#\[{name}\]\n(.*?)#\[/{name}\]\n?", r"\1" if kept else "", text, flags=re.S)
    for kind, single in (("fields", "field"), ("guidelines", "guideline")):
        own = "".join(_table(kind, each) for each in keyed(given[kind], single)) if given[kind] else None
        found = re.search(rf"#\[{kind}\]\n(.*?)#\[/{kind}\]\n", text, flags=re.S)
        assert found
        text = text.replace(found[0], (own or found[1]).replace("$", "$$") if own else found[1])
    none = [kind for kind, kept in (("criteria", given["checks"]), ("degrees", given["checks"]), ("themes", False),
                                    ("districts", given["districts"])) if not kept]
    plain = {name: _quoted(given[name]) for name in ("key", "name", "ref_prefix", "time_zone", "accent", "accent_dark",
                                                     "email", "address", "imprint_url", "privacy_url")}
    texts = {name: _inline(given[name]) for name in ("site_name", "claim", "office")}
    content = dict.fromkeys([tag.partition("-")[0] for tag in given["languages"]] + list(WRITTEN))
    districts = "".join(_table("districts", each) for each in
                        keyed([{"name": name} for name in given["districts"]], "district"))
    return Template(text).substitute(
        plain | texts, title=given["name"], languages=_quoted(list(given["languages"])),
        content_languages=_quoted(list(content)), supporters=given["supporters"], days=given["days"],
        ref_example=f"{given['ref_prefix']}-2026-00042", guideline=_quoted(keyed(guidelines, "guideline")[0]["key"]),
        first_field=_quoted(keyed(fields, "field")[0]["key"]), districts=districts,
        empty="".join(f"{kind} = []\n" for kind in none)) + _rude_words()


def keyed(things: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """The same with a key each, made of its name unless it has one; no key is there twice."""
    made: list[dict[str, Any]] = []
    for number, each in enumerate(things, 1):
        name = each["name"]
        key = each.get("key") or slug(name if isinstance(name, str) else next(iter(name.values())), f"{kind}-{number}")
        taken = {one["key"] for one in made}
        made.append({"key": key if key not in taken else f"{key[:36]}-{number}"} | each)
    return made


def _table(kind: str, thing: dict[str, Any]) -> str:
    lines = (f"{name} = {_inline(value) if isinstance(value, dict) else _quoted(value)}\n"
             for name, value in thing.items())
    return "".join((f"\n[[{kind}]]\n", *lines))


def _line(line: str, languages: tuple[str, ...], missing: dict[str, int]) -> str:
    """A line of the file with its texts in the languages that the city offers; the first has words in any case."""
    first, lacking = languages[0], 0

    def offered(found: re.Match[str]) -> str:
        nonlocal lacking
        words: Words = tomllib.loads(f"text = {found[0]}")["text"]
        lacking += first not in words
        return _inline({first: word(words, first)} | {tag: words[tag] for tag in languages if tag in words})

    made = _TEXT.sub(offered, line)
    missing[first] += lacking
    return f"{made} {TO_TRANSLATE}" if lacking else made


def _beside(data: Any, tag: str, languages: tuple[str, ...]) -> list[str]:
    """The lines of the file that holds a language's texts, for those that have no words in it yet. German in plain
    language reads German where it has nothing of its own, so it needs no file beside German."""
    lines: list[str] = []

    def walk(here: Any, names: tuple[str, ...]) -> None:
        own = []
        items = here.items() if isinstance(here, dict) else ((str(each.get("key", n)) if isinstance(each, dict) else n,
                                                              each) for n, each in enumerate(here))
        below = []
        for name, value in items:
            if _is_text(value):
                own += [] if tag in value else [f"{_key(name)} = {_quoted(word(value, tag))} {TO_TRANSLATE}"]
            elif isinstance(value, dict | list) and name != "rude_words":
                below.append((value, (*names, str(name))))
        if own:
            lines.extend(["", f"[{'.'.join(map(_key, names))}]", *own] if names else own)
        for value, place in below:
            walk(value, place)

    if tag.partition("-")[0] not in languages or tag.partition("-")[0] == tag:
        walk(data, ())
    head = f"# The texts of the city file in the language {tag!r}. What ends in `{TO_TRANSLATE}` is still English."
    return [head, "", *lines] if lines else []


def _is_text(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and all(
        isinstance(words, str) and re.fullmatch("[a-z]{2,3}(-[a-z]+)?", tag) for tag, words in value.items())


def word(words: Words, tag: str) -> str:
    """The words in a language, else in the wider one, else in English, else in the first there is."""
    return next(words[each] for each in (tag, tag.partition("-")[0], SOURCE, *words) if each in words)


def _part(name: str) -> str:
    """The part of the template between two marks."""
    text = (HOUSE / "cities" / "template.toml").read_text(encoding="utf-8")
    return text.partition(f"#[{name}]\n")[2].partition(f"#[/{name}]\n")[0]


def _rude_words() -> str:
    """The hints to insults of every language, as the city file that comes with the project has them."""
    _, mark, words = Path(Settings().city_file).read_text(encoding="utf-8").partition("[rude_words]\n")
    return f"\n# Words that insult in nearly every context, for hints to moderators.\n{mark}{words}" if mark else ""


def _inline(words: Words) -> str:
    inside = ", ".join(f"{tag} = {_quoted(text)}" for tag, text in words.items())
    return f"{{ {inside} }}"


def _quoted(value: Any) -> str:
    """A text or a list of texts as TOML, whose quoting is that of JSON."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "")


def _key(name: object) -> str:
    return str(name) if re.fullmatch(r"[\w-]+", str(name), re.ASCII) else _quoted(str(name))
