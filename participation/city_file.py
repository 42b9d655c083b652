"""Reading a city's TOML file into frozen dataclasses: every problem at once, with line, key and remedy.

What a file must say is declared by the dataclasses alone (`participation/city.py`): types, and rules
beside them in `Annotated`. This file knows no city.

Texts may stand in the city file itself, or for one language together in a file beside it, which a translator can be
handed: those of `mainz.toml` in French in `mainz-texts/fr.toml`, under the same names, lists by their keys.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, NamedTuple, get_args, get_origin, get_type_hints

from participation.errors import Unsafe


class Rule(NamedTuple):
    """A check beyond the type, and the words that ask for what passes it."""

    holds: Callable[[Any], object]
    asks: str


def like(pattern: str, asks: str) -> Rule:
    """A text that a pattern matches whole."""
    return Rule(re.compile(pattern).fullmatch, asks)


def number(least: int, most: int) -> Rule:
    """A whole number, both ends included."""
    return Rule(range(least, most + 1).__contains__, f"a whole number from {least} to {most}")


@dataclass(frozen=True, slots=True)
class Text(Mapping[str, str]):
    """The same words in several languages, as (tag, words); the city's first language stands first."""

    entries: tuple[tuple[str, str], ...]

    def in_(self, tag: str) -> str:
        """The words in this language, else in its wider one (de-simple: de), else in the city's first."""
        while tag and tag not in self:
            tag = tag.rpartition("-")[0]
        return self[tag] if tag else self.entries[0][1]

    def __getitem__(self, tag: str) -> str:
        return dict(self.entries)[tag]

    def __iter__(self) -> Iterator[str]:
        return (tag for tag, _ in self.entries)

    def __len__(self) -> int:
        return len(self.entries)


class Name(Text):
    """A name. The city file may give one spelling for all languages, and the files beside it another one for theirs:
    Mainz, but Mayence, Майнц and ماينتس."""

    __slots__ = ()

    @classmethod
    def from_city_file(cls, reading: "Reading", value: Any, at: "Place") -> "Name | None":
        """Read by `Reading.read`; None where it is no name."""
        if isinstance(value, str) and value:
            names = tuple(str(part) for part in at)
            elsewhere = {tag for tag, file in reading.beside.items() if file.take(names) is not None}
            value = {tag: value for tag in reading.languages if tag not in elsewhere}
        made: Text | None = reading.read(Text if isinstance(value, dict) else str, value, at)
        return cls(made.entries) if made is not None else None

    @property
    def own(self) -> str:
        """As the city writes it itself, in its first language."""
        return self.entries[0][1]


Place = tuple[str | int, ...]  # ("reasons", 2, "text", "en")
_PART = r"""(?:"[^"]*"|'[^']*'|[\w-]+)"""
_LONG = re.compile(r'"""(?:[^\\]|\\.)*?"""|\'{3}.*?\'{3}', re.S)
_PATH = rf"({_PART}(?:\s*\.\s*{_PART})*)"
_SHAPES: dict[Any, tuple[Any, str]] = {
    str: (str, "a text in quotes"), Name: (str, "a text in quotes"), bool: (bool, "true or false"),
    int: (int, "a whole number"), float: (float, "a number with a decimal point"), tuple: (list, "a list in [ ]"),
    frozenset: (list, "a list in [ ]"), Text: (dict, "a table with a text for each language")}


class CityFileError(Unsafe):
    """A city file that cannot be used: `problems` are its (line or None, what is wrong and what to do)."""

    def __init__(self, path: Path, problems: list[tuple[int | None, str]]) -> None:
        self.path, self.problems = path, sorted(problems, key=lambda problem: problem[0] or 0)
        self.line, self.what = self.problems[0]
        super().__init__("city_file", what="\n".join(
            f"{path}: line {line}: {what}" if line else f"{path}: {what}" for line, what in self.problems))


def _lines(text: str) -> dict[Place, int]:
    """The line of each table and key, and of each inline table that begins a line of a list; tomllib keeps
    none. Only approximate for what stands deeper: it has the line of what it stands in."""
    text = _LONG.sub(lambda found: "\n" * found[0].count("\n"), text)
    lines: dict[Place, int] = {(): 1}
    items: Counter[Place] = Counter()
    table: Place = ()
    at: Place = ()
    for number, line in enumerate(text.split("\n"), 1):
        if header := re.match(rf"\s*(\[\[?)\s*{_PATH}\s*\]", line):
            table, parts = (), [part.strip("\"'") for part in re.findall(_PART, header[2])]
            for depth, part in enumerate(parts, 1):
                table = (*table, part)
                lines.setdefault(table, number)
                items[table] += header[1] == "[[" and depth == len(parts)
                table = (*table, items[table] - 1) if items[table] else table
            lines[table] = number
        elif key := re.match(rf"\s*{_PATH}\s*=", line):
            at = (*table, *(part.strip("\"'") for part in re.findall(_PART, key[1])))
            lines |= {at[:n]: number for n in range(len(table) + 1, len(at) + 1) if at[:n] not in lines}
        elif line.lstrip().startswith("{"):
            lines[(*at, items[at])] = number
            items[at] += 1
    return lines


def nearest(word: str, known: list[str]) -> str:
    """What to write instead: the known word most like this one, or any of them."""
    close = get_close_matches(word, known, 1)
    return f"write {close[0]!r}" if close else f"write one of: {', '.join(known)}"


class Reading:
    """One pass over a city file, gathering every problem on the way."""

    def __init__(self, path: Path, text: str, data: dict[str, Any], beside: "Mapping[str, Beside]") -> None:
        self.path, self.data, self.lines, self.beside = path, data, _lines(text), beside
        self.problems: list[tuple[int | None, str]] = []
        offered, written = ([tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
                            for tags in (data.get("languages"), data.get("content_languages")))
        self.languages, self.tags = offered, list(dict.fromkeys(offered + written))

    def complain(self, at: Place, what: str) -> None:
        """Note a problem: where it stands, what is wrong and what to do."""
        line = next(self.lines[at[:n]] for n in range(len(at), -1, -1) if at[:n] in self.lines)
        self.problems.append((line, f"{'.'.join(self._names(at, 1))} {what}"))

    def _names(self, at: Place, first: int) -> tuple[str, ...]:
        """A place in words: things of a list by their key, those without one by their number from `first` on."""
        here: Any = self.data
        names = []
        for part in at:
            here = here.get(part) if isinstance(part, str) else here[part]
            key = here.get("key") if isinstance(part, int) and isinstance(here, dict) else None
            names.append(str(key or (part if isinstance(part, str) else part + first)))
        return tuple(names)

    def read(self, hint: Any, value: Any, at: Place, rules: tuple[Rule, ...] = ()) -> Any:
        """The value as `hint` declares it, with None where it is not so."""
        if get_origin(hint) is Annotated:
            hint, *found = get_args(hint)
            rules = (*rules, *found)
        if isinstance(hint, UnionType):  # a table that may be left out
            hint = get_args(hint)[0]
        kind = get_origin(hint) or hint
        if read_itself := getattr(kind, "from_city_file", None):
            return read_itself(self, value, at)
        shape, asks = _SHAPES.get(kind, (dict, "a table"))
        if type(value) is not shape or value == "":
            return self.complain(at, f"is {value!r:.60}: write {asks}")
        if kind is Text:
            return self.text(value, at, rules)
        if is_dataclass(kind):
            return self.table(kind, value, at)
        made = value
        if kind is Mapping:
            made = {key: self.read(get_args(hint)[1], one, (*at, key)) for key, one in value.items()}
        elif shape is list:
            made = kind(self.read(get_args(hint)[0], one, (*at, n)) for n, one in enumerate(value))
            keys = [one.get("key") if isinstance(one, dict) else one for one in value]
            for n in [n for n, key in enumerate(keys) if isinstance(key, str) and key in keys[:n]]:
                self.complain((*at, n), f"is there twice: delete one, or write another key than {keys[n]!r}")
        for rule in rules:
            if None not in (made if shape is list else ()) and not rule.holds(made):
                self.complain(at, f"is {value!r:.60}: write {rule.asks}")
        return made

    def text(self, value: dict[str, Any], at: Place, rules: tuple[Rule, ...]) -> Text:
        """A text in all its languages, those from the files beside among them."""
        names = self._names(at, 0)
        for tag, file in self.beside.items():
            if (words := file.take(names)) is None:
                continue
            if tag in value:
                file.complain(names, "stands in the city file, too: delete one")
            elif not isinstance(words, str) or not words.strip():
                file.complain(names, f"is {words!r:.60}: write a text in quotes")
            elif wrong := [rule for rule in rules if not rule.holds(words)]:
                file.complain(names, f"is {words!r:.60}: write {wrong[0].asks}")
            value = {tag: words} | value
        for tag in [tag for tag in value if self.tags and tag not in self.tags]:
            self.complain((*at, tag), f"is a language the file does not offer: {nearest(tag, self.tags)}")
        for tag in [tag for tag in self.languages if tag not in value and tag.split("-")[0] not in value]:
            self.complain((*at, tag), f"is missing: add the text in the language {tag!r}")
        order = sorted(value, key=[*self.languages, *value].index)
        return Text(tuple((tag, value[tag] if tag in self.beside else self.read(str, value[tag], (*at, tag), rules))
                          for tag in order))

    def table(self, kind: Any, value: dict[str, Any], at: Place) -> Any:
        hints = get_type_hints(kind, include_extras=True)
        needed = [one.name for one in fields(kind) if one.default is MISSING and one.default_factory is MISSING]
        for name in [name for name in value if name not in hints]:
            self.complain((*at, name), f"is not known here: delete it, or {nearest(name, list(hints))}")
        for name in [name for name in needed if name not in value]:
            hint, *rules = get_args(hints[name]) if get_origin(hints[name]) is Annotated else (hints[name],)
            asks = _SHAPES.get(get_origin(hint) or hint, (dict, "a table"))[1]
            self.complain((*at, name), f"is missing: add {rules[0].asks if rules else asks}")
        made = {name: self.read(hints[name], value[name], (*at, name)) for name in value if name in hints}
        return kind(**dict.fromkeys(needed) | made)


class Beside:
    """The texts of a city file in one more language, as a file of their own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        text, self.data = _toml(path)
        self.lines = _lines(text)
        self.problems: list[str] = []
        self.taken: set[tuple[str, ...]] = set()

    def take(self, names: tuple[str, ...]) -> Any:
        """What stands under these names, or None."""
        here: Any = self.data
        for name in names:
            here = here.get(name) if isinstance(here, dict) else None
        if here is not None:
            self.taken.add(names)
        return here

    def complain(self, names: tuple[str, ...], what: str) -> None:
        """Note a problem of this file, with its line."""
        line = next((self.lines[names[:n]] for n in range(len(names), 0, -1) if names[:n] in self.lines), 1)
        self.problems.append(f"in {self.path.parent.name}/{self.path.name}, line {line}: {'.'.join(names)} {what}")

    def left(self) -> list[str]:
        """All problems, what belongs to no text of the city file among them."""
        def walk(here: dict[str, Any], names: tuple[str, ...]) -> None:
            for name, value in here.items():
                if isinstance(value, dict):
                    walk(value, (*names, name))
                elif (*names, name) not in self.taken:
                    self.complain((*names, name),
                                  "is no text of the city file: delete it, or write the name it has there")
        walk(self.data, ())
        return self.problems


def load(path: Path) -> Reading:
    """A pass over this file and the texts beside it, ready to read. Raises CityFileError when one is no TOML."""
    text, data = _toml(path)
    offered = data.get("languages")
    files = {tag: path.with_name(f"{path.stem}-texts") / f"{tag}.toml"
             for tag in (offered if isinstance(offered, list) else []) if isinstance(tag, str)}
    return Reading(path, text, data, {tag: Beside(file) for tag, file in files.items() if file.is_file()})


def _toml(path: Path) -> tuple[str, dict[str, Any]]:
    """A file's text, and what it says. Raises CityFileError."""
    try:
        text = path.read_text("utf-8-sig")
        return text, tomllib.loads(text)
    except OSError as error:
        raise CityFileError(path, [(None, f"{error.strerror}: name a city file in CITY_FILE")]) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise CityFileError(path, [(line, "is not UTF-8: save the file in UTF-8")]) from error
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"\(at line (\d+)", str(error))
        line = int(at[1]) if at else text.count("\n") + 1
        what = f"is not TOML: {error}: mend the quotes, brackets or keys here"
        raise CityFileError(path, [(line, what)]) from error
