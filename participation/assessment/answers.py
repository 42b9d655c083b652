"""The answer back: what the CDO office says publicly about an idea in the pool, the move it comes with, and what comes
with the move: the statement in other languages, the next promised date, the benefit reached at the end."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from participation import translations
from participation.assessment import promises
from participation.assessment.model import Outcome
from participation.assessment.translating import STATEMENT, STEP, want
from participation.city import City
from participation.errors import Conflict, Invalid, refuse
from participation.ideas.actions import decide
from participation.ideas.journey import IDEA
from participation.ideas.model import Idea, IdeaStep
from participation.people.model import Person
from participation.people.rights import Right
from participation.pool.items import staged
from participation.text import plain
from participation.translations import CITY, STAFF

MET = ("fully", "partly", "not")
END = "complete"  # the move with which the benefit that was reached is recorded


@dataclass(frozen=True, slots=True)
class Written:
    """A public answer as the office wrote it. `texts` are the statement and its translations by language; `outcome`
    None: whoever sent it, as an older program, does not know of recording the benefit."""

    move: str
    language: str  # of the statement
    texts: Mapping[str, str] = field(default_factory=dict)
    promised_on: date | None = None
    outcome: str | None = None
    met: str = ""

    @property
    def statement(self) -> str:
        """The statement itself."""
        return self.texts.get(self.language, "")

    def cleaned(self) -> "Written":
        """The same, with texts as they are stored."""
        texts = {tag: text for tag, words in self.texts.items() if (text := plain(words))}
        return replace(self, texts=texts, outcome=None if self.outcome is None else plain(self.outcome))

    def problems(self, city: City, now: datetime) -> list[Invalid]:
        """Everything that would refuse a cleaned answer wherever the idea stands, named as on the form."""
        most = city.limits.statement_max
        named = [("statement" if tag == self.language else f"statement_{tag}", text)
                 for tag, text in self.texts.items()] + [("outcome", self.outcome or "")]
        found = [Invalid(name, "too_long", limit=most, length=len(text)) for name, text in named if len(text) > most]
        found += [Invalid(f"statement_{tag}", "not_offered") for tag in self.texts
                  if tag not in (self.language, *city.languages)]
        if "statement" in IDEA.move(self.move).needs and not self.statement:
            found.append(Invalid("statement", "required"))
        if any(self.texts.values()) and self.language not in city.languages:
            found.append(Invalid("statement_language", "not_offered"))
        if goes_on(self.move) and (problem := promises.day_problem(city, self.promised_on, now, "promised_on")):
            found.append(problem)
        if self.move == END and self.outcome is not None:
            found += [] if self.outcome else [Invalid("outcome", "required")]
            if self.met not in MET:
                found.append(Invalid("met", "not_offered" if self.met else "required"))
        return found


def answer(session: Session, city: City, officer: Person, idea: Idea, move: str, statement: str,
           statement_language: str, now: datetime, promised_on: date | None = None) -> IdeaStep:
    """Move an idea on from the pool's desk, with the public answer. Raises what `publish` raises."""
    return publish(session, city, officer, idea,
                   Written(move, statement_language, {statement_language: statement}, promised_on), now)


def next_by(city: City, move: str, now: datetime) -> date | None:
    """By when the next answer is promised where nobody was asked for a day; None where none is owed any more."""
    return promises.usual(city, now) if goes_on(move) else None


def publish(session: Session, city: City, officer: Person, idea: Idea, written: Written, now: datetime) -> IdeaStep:
    """Make the move and say publicly what was written. A promise is kept by it, the next one made; languages without a
    text are wanted from now on.

    Raises what `decide` raises, Invalid for everything that is missing or wrong, and Conflict for a move that is
    not the desk's.
    """
    desks_move(written.move)
    written = written.cleaned()
    if IDEA.begins(written.move, idea):  # else it has moved on, which is said first
        refuse(written.problems(city, now))
    step = decide(session, city, officer, idea, written.move, now, statement=written.statement,
                  statement_language=written.language)
    staged(session, idea)
    promises.keep(session, step)
    if written.promised_on is not None and goes_on(written.move):
        promises.promise(session, idea.id, written.promised_on, now, step.id)
    outcome = written.outcome or "" if written.move == END else ""
    if outcome:
        session.add(Outcome(step_id=step.id, idea_id=idea.id, benefit=outcome, met=written.met))
    made = ready_made(city, idea.title, written)
    for tag in city.languages:
        text, origin = (written.texts[tag], STAFF) if tag in written.texts else (made.get(tag, ""), CITY)
        if text and tag != written.language:
            translations.keep(session, STEP, step.id, STATEMENT, tag, text, step.statement, origin,
                              officer.id if origin == STAFF else None, now)
    want(session, city, step, now, outcome)
    return step


def desks_move(key: str) -> None:
    """Raises Conflict for a move that is not the desk's."""
    if IDEA.move(key).right is not Right.IDEA_ANSWER:
        raise Conflict("unknown_move")


def goes_on(key: str) -> bool:
    """Whether the office owes a next answer after this move."""
    return IDEA.state(IDEA.move(key).to).waits_for == "pool"


def filled_in(city: City, key: str, title: str) -> dict[str, str]:
    """A ready-made answer of the city file in every language of the site; {} for a key that it does not have."""
    found = next((each for each in city.answers if each.key == key), None)
    return {tag: plain(found.text.in_(tag).format(title=title, city=city.name.in_(tag),
                                                 office=city.contact.office.in_(tag)))
            for tag in city.languages} if found else {}


def ready_made(city: City, title: str, written: Written) -> dict[str, str]:
    """The city's own texts in all languages, where the statement is one of them and was left as it is."""
    texts = (filled_in(city, each.key, title) for each in city.answers if each.move == written.move)
    return next((found for found in texts if found.get(written.language) == written.statement), {})
