"""The guess at the language an idea is written in."""

import pytest

from participation.city import City
from participation.ideas.guessing import guess

OFFERED = ("de", "en", "fr", "tr", "uk", "ar", "ru", "it")

WRITTEN = (
    ("de", "Auf dem Platz fehlen Bänke, auf denen man im Schatten sitzen kann."),
    ("de", "Bitte stellt am Bahnhof mehr Fahrradständer auf."),
    ("en", "Please put more bicycle racks in front of the railway station."),
    ("en", "The playground needs a fence towards the busy street."),
    ("fr", "Il faudrait davantage d'arbres le long de cette rue."),
    ("fr", "Les horaires de la bibliothèque devraient être plus larges."),
    ("tr", "Meydandaki duraklara ağaç dikilmesini ve gölgelik yapılmasını istiyorum."),
    ("uk", "На майдані потрібно більше лавок, щоб люди могли відпочити в тіні."),
    ("ar", "نحتاج إلى المزيد من الأشجار والمقاعد في الساحة."),
    ("ar", "يجب أن تفتح المكتبة أبوابها يوم الأحد أيضا."),
)


@pytest.mark.parametrize(("language", "text"), WRITTEN)
def test_ten_sentences(language: str, text: str) -> None:
    assert guess(text, OFFERED, "xx") == language


@pytest.mark.parametrize(("language", "text"), WRITTEN)
def test_among_all_languages_of_the_city(city: City, language: str, text: str) -> None:
    assert guess(text, city.content_languages, "xx") == language


def test_what_is_short_or_unclear_is_left_to_the_page() -> None:
    assert guess("Mehr Bänke", OFFERED, "en") == "en"
    assert guess("", OFFERED, "fr") == "fr"
    assert guess("12345 67890 !!! --- 12345 67890", OFFERED, "de") == "de"


def test_a_language_that_is_not_offered_is_never_the_answer() -> None:
    for text in ("Na placu brakuje ławek, na których można usiąść w cieniu.", WRITTEN[0][1]):
        assert guess(text, ("en", "fr"), "xx") in ("en", "fr", "xx")


def test_a_regional_tag_answers_for_its_language() -> None:
    assert guess(WRITTEN[1][1], ("en", "de-AT"), "en") == "de-AT"
    assert guess(WRITTEN[1][1], ("en", "de-CH", "de-AT"), "en") == "de-CH"  # the first that is offered
