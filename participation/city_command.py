"""`participation city new`: asks an operator for what a city file needs, step by step with a proposal for each, and
writes it. It can be left at any question: the answers are kept, and the same command goes on."""

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import click
from babel import Locale

from participation import catalogues, new_city
from participation.city import City, Contact, Quorum, contrast
from participation.commands import honest, in_order
from participation.errors import Unsafe
from participation.text import one_line

ACCENT = "#1f5a96"


class Refused(Exception):
    """An answer that cannot be taken: why, and what could be written instead."""

    def __init__(self, why: str, instead: str = "") -> None:
        super().__init__(why)
        self.instead = instead


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the name under which the answer is kept, why it is needed, and a proposal. `read` makes the value
    of what was typed, or raises Refused."""

    name: str
    asks: str
    why: str
    proposal: str
    read: Callable[[str], Any]


def words(cli: click.Group) -> None:
    """Add `new` to the group `city` of a command."""
    group = cli.commands["city"]
    assert isinstance(group, click.Group)

    @group.command()
    @click.argument("name")
    @click.option("--file", type=click.Path(path_type=Path, dir_okay=False),
                  help="the file to write; else one in this folder, named like the city")
    @click.option("--yes", is_flag=True, help="take every proposal without asking")
    @honest
    def new(name: str, file: Path | None, yes: bool) -> None:
        """Write the city file of another city, asking for what it needs."""
        name = one_line(name)
        key = new_city.slug(name, "city")
        file = file or Path(f"{key}.toml")
        kept = file.with_name(f"{file.stem}.answers.json")
        new_city.refuse_known(file)
        if not file.parent.is_dir():
            raise click.BadParameter(f"the folder {file.parent} is not there: make it first", param_hint="--file")
        try:
            typed: dict[str, str] = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
            given = _answers(name, key, typed, yes, lambda: _keep(kept, typed))
        except (click.Abort, KeyboardInterrupt):
            click.echo(f"\nLeft. Your answers are kept in {kept}: the same command goes on with them." if typed else
                       "\nLeft. Nothing was written.", err=True)
            sys.exit(1)
        except (OSError, ValueError) as trouble:
            raise Unsafe("not_here", what=f"{kept} cannot be used: {trouble}. May this user write here? Else delete "
                                          "it, or name another file with --file.") from trouble
        _city, missing = new_city.write(given, file)
        kept.unlink(missing_ok=True)
        _tell(file, given, missing)


def _tell(file: Path, given: dict[str, Any], missing: dict[str, int]) -> None:
    """What was written, what is still to be done, and the next command."""
    click.echo(f"\n{file} written. {in_order(file)}")
    for tag, count in missing.items():
        where = file if tag == given["languages"][0] else file.with_name(f"{file.stem}-texts") / f"{tag}.toml"
        click.echo(f"Still in English and to be translated into {tag}: {count} texts in {where}. They are marked "
                   f"`{new_city.TO_TRANSLATE}`.")
    if ".example" in given["email"] + given["imprint_url"] + given["privacy_url"]:
        click.echo("Before going public: put in the real e-mail address and pages; those that end in .example lead "
                   "nowhere.")
    click.echo(f"See it with: make run CITY_FILE={file}")


def _answers(name: str, key: str, typed: dict[str, str], yes: bool, keep: Callable[[], None]) -> dict[str, Any]:
    """Ask for everything that `typed` does not hold yet, and keep it there."""
    given: dict[str, Any] = {"name": name, "key": key, "site_name": {}, "claim": {}, "office": {}, "fields_in": {},
                             "guidelines_in": {}}
    if typed:
        click.echo(f"Going on with {len(typed)} answers given before.")
    for question in _questions(given):
        told = typed.get(question.name, question.proposal if yes else None)
        proposal = question.proposal
        if told is None:
            click.echo(f"\n{question.why}")
        while True:
            answer = one_line(told if told is not None else
                              click.prompt(question.asks, default=proposal, show_default=bool(proposal)))
            try:
                value = question.read(answer)
                break
            except Refused as trouble:
                click.echo(f"{answer!r}: {trouble}", err=True)
                if yes:
                    sys.exit(2)
                told, proposal = None, trouble.instead or question.proposal
        typed[question.name] = answer
        keep()
        what, _, tag = question.name.partition(".")
        if not tag:
            given[what] = value
        elif value is not None:
            given[what][tag] = value
    for kind in ("fields", "guidelines"):  # as proposed, or what was typed in each language
        given[kind] = _own(given, kind)
    return given


def _questions(given: dict[str, Any]) -> Iterator[Question]:
    """The questions in their order; each may build on what has been given before."""
    name, key = given["name"], given["key"]
    offered = ["en", *sorted(each.replace("_", "-") for each, _ in catalogues.catalogues())]
    called = ", ".join(f"{tag} ({Locale.parse(tag.partition('-')[0]).get_display_name('en')}"
                       f"{' in plain language' if '-' in tag else ''})" for tag in offered)
    yield Question("languages", "Languages of the pages", "The site speaks these languages; the first is the city's "
                   f"own. There are: {called}.", "de, en", lambda text: _languages(text, offered))
    languages: tuple[str, ...] = given["languages"]
    for what, asks, why in (
            ("site_name", "Name of the site", "It stands at the top of every page and in every letter."),
            ("claim", "What it is, in one sentence", "It greets people on the first page."),
            ("office", "Who answers for the site", "The office stands in letters and on the paper sheet.")):
        ready = new_city.proposal(what, name)
        for tag in languages:
            yield Question(f"{what}.{tag}", f"{asks} ({tag})", why,
                           ready.get(tag) or ready.get(tag.partition("-")[0]) or ready[new_city.SOURCE],
                           _words(ready, tag, required=tag == languages[0]))
    yield Question("accent", "Colour on white", "The city's colour, used sparingly; it must be readable on white.",
                   ACCENT, lambda text: _colour(text, "#ffffff"))
    yield Question("accent_dark", "Colour on black", "The same for devices in dark mode; it must be readable on black.",
                   new_city.nearest_colour(given["accent"], "#000000"), lambda text: _colour(text, "#000000"))
    letters = "".join(c for c in key if c.isalpha())[:3].upper()
    yield Question("ref_prefix", "Letters before an idea's number", "Ideas are numbered, as ABC-2026-00042.",
                   letters if len(letters) > 1 else "CITY", _ruled(City, "ref_prefix"))
    yield Question("time_zone", "Time zone", "Promised days end at midnight here.", "Europe/Berlin",
                   _ruled(City, "time_zone"))
    yield Question("email", "E-mail address", "Where residents write to; letters come from it.",
                   f"ideas@{key}.example", _ruled(Contact, "email"))
    yield Question("address", "Postal address, on one line", "It stands on the paper sheet.", name, _some)
    for page, asks in (("imprint_url", "Address of the imprint"),
                       ("privacy_url", "Address of the data protection notice")):
        yield Question(page, asks, "Every page links to it.", f"https://www.{key}.example/{page.partition('_')[0]}",
                       _ruled(Contact, page))
    yield Question("supporters", "Supporters from the city", "An idea with so many supporters from the city is dealt "
                   "with first: the quorum.", "100", _whole(Quorum, "supporters"))
    yield Question("days", "Days", "Within so many days of publication.", "56", _whole(Quorum, "days"))
    for kind, asks, why in (
            ("fields", "Fields of action", "Every idea belongs to one of these fields. Separate them by semicolons."),
            ("guidelines", "Guidelines", "Every measure is measured by these; accepted ideas are tied to the first. "
             "Write each as: name = what it asks. Separate them by semicolons.")):
        for tag in languages:
            proposal = _typed(given, kind, tag)
            if tag == languages[0] or given.get(kind) is not None:
                yield Question(kind if tag == languages[0] else f"{kind}_in.{tag}", f"{asks} ({tag})",
                               why if tag == languages[0] else "The same in the same order.", proposal,
                               _things(kind, proposal, given, first=tag == languages[0]))
    yield Question("districts", "Districts", "Official names, separated by semicolons; leave it empty if there are "
                   "none.", "", lambda text: [each for each in map(one_line, text.split(";")) if each])
    for switch, asks, why in (
            ("reasons", "Take over the reasons", "Nine ready-made reasons for not showing an entry, each with a "
             "friendly text to its author; else one that refers to your house rules."),
            ("checks", "Take over criteria and degrees", "Three criteria for the first check of an accepted idea, four "
             "degrees of maturity for the second; else none."),
            ("answers", "Take over the ready-made answers", "Three short public answers of the office; else none.")):
        yield Question(switch, f"{asks} (yes/no)", why, "yes", _yes)


def _typed(given: dict[str, Any], kind: str, tag: str) -> str:
    """Proposed fields or guidelines as one would type them: the template's, or those typed in the first language."""
    things = given.get(kind) or new_city.proposed(kind)
    names = [new_city.word(each["name"], tag) for each in things]
    asks = [new_city.word(each["asks"], tag) if "asks" in each else "" for each in things]
    return "; ".join(f"{name} = {what}" if what else name for name, what in zip(names, asks, strict=True))


def _things(kind: str, proposal: str, given: dict[str, Any], first: bool) -> Callable[[str], Any]:
    """Reads a list; None where it is the one proposed."""
    def read(text: str) -> list[dict[str, Any]] | None:
        tag = given["languages"][0]
        if text == one_line(proposal):
            return None
        parts = [part for part in map(one_line, text.split(";")) if part]
        made = []
        for part in parts:
            name, _, asks = map(str.strip, part.partition("="))
            if not name or (kind == "guidelines" and not asks):
                raise Refused("write each as: name = what it asks" if kind == "guidelines" else "write a name for each")
            made.append({"name": {tag: name}} | ({"asks": {tag: asks}} if kind == "guidelines" else {}))
        if not made:
            raise Refused("write at least one")
        if not first and len(made) != len(given[kind]):
            raise Refused(f"these are {len(made)}; write {len(given[kind])}, in the same order")
        return made
    return read


def _own(given: dict[str, Any], kind: str) -> list[dict[str, Any]] | None:
    """The city's own things with their texts in every language that was typed; None for those proposed."""
    things: list[dict[str, Any]] | None = given[kind]
    for tag, others in given[f"{kind}_in"].items():
        for thing, other in zip(things or (), others, strict=True):
            for part, texts in other.items():
                thing[part][tag] = next(iter(texts.values()))
    return things


def _languages(text: str, offered: list[str]) -> tuple[str, ...]:
    tags = tuple(dict.fromkeys(re.findall(r"[\w-]+", text)))
    for tag in tags:
        if tag not in offered:
            raise Refused(f"there is no {tag!r}; write some of: {', '.join(offered)}")
        if (base := tag.partition("-")[0]) not in tags:
            raise Refused(f"{tag!r} stands beside {base!r}: write both", f"{base}, {text}")
    if not tags or "-" in tags[0]:
        raise Refused("write at least one language, the city's own first")
    return tags


def _words(ready: dict[str, str], tag: str, required: bool) -> Callable[[str], str | None]:
    """Reads a text; None for the English proposal in another language, which is still to be translated."""
    def read(text: str) -> str | None:
        left = not required and tag not in ready and text == one_line(ready[new_city.SOURCE])
        return None if left else _some(text)
    return read


def _some(text: str) -> str:
    if not text:
        raise Refused("write something")
    return text


def _colour(text: str, ground: str) -> str:
    if not re.fullmatch("#[0-9a-fA-F]{6}", text):
        raise Refused("write a colour as #rrggbb, for example #1f5a96")
    near = new_city.nearest_colour(text, ground)
    if near != text.lower() and contrast(text, ground) < 4.5:
        raise Refused(f"its contrast to {ground} is {contrast(text, ground):.1f}, and 4.5 is needed to read it; the "
                      f"nearest that has it is {near}", near)
    return text.lower()


def _ruled(kind: type, name: str) -> Callable[[str], str]:
    """Reads a text by the rules that the city file has for it."""
    hint = get_type_hints(kind, include_extras=True)[name]
    rules = get_args(hint)[1:] if get_origin(hint) else ()

    def read(text: str) -> str:
        for rule in rules:
            if not rule.holds(text):
                raise Refused(f"write {rule.asks}")
        return _some(text)
    return read


def _whole(kind: type, name: str) -> Callable[[str], int]:
    """Reads a whole number by the rules that the city file has for it."""
    rule = get_args(get_type_hints(kind, include_extras=True)[name])[1]

    def read(text: str) -> int:
        if not text.isdecimal() or not rule.holds(int(text)):
            raise Refused(f"write {rule.asks}")
        return int(text)
    return read


def _yes(text: str) -> bool:
    if text.lower() not in ("yes", "y", "no", "n"):
        raise Refused("write yes or no")
    return text.lower().startswith("y")


def _keep(file: Path, typed: dict[str, str]) -> None:
    """Write the answers given so far, whole or not at all."""
    part = file.with_name(f".{file.name}.part")
    part.write_text(json.dumps(typed, ensure_ascii=False, indent=1), encoding="utf-8")
    os.replace(part, file)
