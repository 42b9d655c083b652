"""Machine translation, off unless the operator names a service: what becomes public is wanted in the languages of the
site that the service can do, one task for each, and kept marked as machine-made. It never replaces a person's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation import translations
from participation.assessment.translating import STATEMENT, STEP
from participation.errors import NotThere
from participation.ideas.model import Idea, IdeaStep
from participation.jobs import House, Outgoing
from participation.outbox import BULK, Event, happened
from participation.settings import Settings
from participation.translating import service
from participation.translating.model import TranslationService
from participation.translating.things import TITLE_MAX, keep, thing
from participation.translations import MACHINE, Translation, base_of, understood

ASKED_AGAIN = timedelta(hours=1)
LONGEST = 10_000  # characters of all parts; longer texts, which come only from elsewhere, are left to people


@dataclass(frozen=True, slots=True)
class Source:
    """Something public that is to be translated: its parts and their language."""

    kind: str
    id: int
    language: str
    texts: Mapping[str, str]


@dataclass
class Asking:
    """The question what the service can do, and what is wanted then."""

    settings: Settings
    source: Source
    targets: service.Targets = field(default_factory=dict)

    def send(self) -> None:
        """Ask."""
        self.targets = service.languages(self.settings)

    def record(self, session: Session, house: House) -> bool:
        """Remember the answer for an hour, and want what can be done."""
        session.merge(TranslationService(url=self.settings.translate_url, targets=self.targets, asked_at=house.now))
        _want(session, house, self.source, self.targets)
        return True


@dataclass
class Job:
    """One text on its way into one language."""

    settings: Settings
    source: Source
    language: str
    made: Mapping[str, str] = field(default_factory=dict)

    def send(self) -> None:
        """Let the service translate it."""
        self.made = service.translate(self.settings, self.source.texts, base_of(self.source.language), self.language)

    def record(self, session: Session, house: House) -> bool:
        """Keep what it made, unless the text is another one by now or a person was faster."""
        if _source(session, self.source.kind, self.source.id) == self.source and _open(session, self.source,
                                                                                        self.language):
            _keep(session, self.source, self.language, self.made, house.now)
        return True


def wanted(session: Session, event: Event, house: House) -> Outgoing | None:
    """Follower of whatever makes an idea or a comment public, or changes what is."""
    kind = event.kind.partition(".")[0]
    return _wanted(session, house, kind, event.about[f"{kind}_id"])


def answered(session: Session, event: Event, house: House) -> Outgoing | None:
    """Follower of the steps by which the city answers: its statement is wanted in the other languages."""
    return _wanted(session, house, STEP, event.about["step_id"])


def translated(session: Session, event: Event, house: House) -> Outgoing | None:
    """Follower of translation.wanted: one text into one language. Nothing when it is there, by a person or made from
    today's text, when the original is public no more, and when the service was taken out of the settings."""
    row = session.get(Translation, event.about["translation_id"])
    source = _source(session, row.kind, row.thing_id) if row is not None and house.settings.translate_url else None
    if row is None or source is None or not _open(session, source, row.language):
        return None
    return Job(house.settings, source, row.language)


def _wanted(session: Session, house: House, kind: str, number: int) -> Outgoing | None:
    source = _source(session, kind, number) if house.settings.translate_url else None
    if source is None:
        return None
    known = session.get(TranslationService, house.settings.translate_url)
    if known is None or house.now - known.asked_at > ASKED_AGAIN:
        return Asking(house.settings, source)
    _want(session, house, source, known.targets)
    return None


def _source(session: Session, kind: str, number: int) -> Source | None:
    """What is to be translated as it stands now; None for what is not public, has no words or too many."""
    if kind == STEP:
        step = session.get(IdeaStep, number)
        if step is None or step.undone or not session.get_one(Idea, step.idea_id).public:
            return None
        found = Source(STEP, step.id, step.statement_language, {STATEMENT: step.statement} if step.statement else {})
    else:
        try:
            of = thing(session, kind, number)
        except NotThere:
            return None
        if not of.public:
            return None
        found = Source(of.kind, of.id, of.language, of.texts)
    return found if found.language and 0 < sum(map(len, found.texts.values())) <= LONGEST else None


def _want(session: Session, house: House, source: Source, targets: service.Targets) -> None:
    """One event for each language of the site that the service can do and that is not there yet. Plain language is
    for people to write."""
    can = targets.get(base_of(source.language), ())
    tags = [tag for tag in house.city.languages if tag in can and tag in understood(tag, source.language)]
    [part, original] = next(iter(source.texts.items()))
    translations.want(session, source.kind, source.id, part, original, tags, house.now)
    for row in session.scalars(select(Translation).where(
            Translation.kind == source.kind, Translation.thing_id == source.id, Translation.part == part,
            Translation.language.in_(tags)).order_by(Translation.id)).all():
        if _open(session, source, row.language):
            happened(session, "translation.wanted", house.now, rank=BULK, translation_id=row.id)


def _open(session: Session, source: Source, language: str) -> bool:
    """Whether a machine may translate this: nobody has, and what a machine made was made from another text."""
    there = translations.origin_of(session, source.kind, source.id, language)
    fits = translations.fitting(session, source.kind, source.id, source.texts).get(language, {})
    return not there or (there == MACHINE and not all(part in fits for part in source.texts))


def _keep(session: Session, source: Source, language: str, made: Mapping[str, str], now: datetime) -> None:
    if source.kind == STEP:
        translations.keep(session, STEP, source.id, STATEMENT, language, made[STATEMENT], source.texts[STATEMENT],
                          MACHINE, None, now)
        return
    texts = {part: " ".join(text.split())[:TITLE_MAX] if part == "title" else text for part, text in made.items()}
    keep(session, thing(session, source.kind, source.id), language, texts, MACHINE, None, now)
