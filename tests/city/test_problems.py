"""Files that a city wrote wrongly: each is refused with the line that is wrong and what to do."""

import shutil
from pathlib import Path

import pytest

from participation.city import CityFileError, read_city
from participation.errors import Unsafe

DISTRICTS = Path(__file__).parent.parent / "cities" / "neuenfurt-districts.geojson"
GOOD = (Path(__file__).parent.parent / "cities" / "neuenfurt.toml").read_text("utf-8")


def refused(folder: Path, text: str) -> CityFileError:
    """The error of a city file with this text."""
    file = folder / "city.toml"
    file.write_text(text, "utf-8")
    shutil.copy(DISTRICTS, folder)
    with pytest.raises(CityFileError) as caught:
        read_city(file)
    return caught.value


# (what the file says, what it says instead, the words at whose first line the problem is, the message)
BROKEN = {
    "unknown key": (
        "minimum_age = 12", "minimum_age = 12\nminimun_age = 13", "minimun_age",
        "minimun_age is not known here: delete it, or write 'minimum_age'"),
    "unknown key in a list": (
        '{ key = "quai-nord", name', '{ key = "quai-nord", nam = "x", name', '"quai-nord"',
        "districts.quai-nord.nam is not known here: delete it, or write 'name'"),
    "missing": (
        'ref_prefix = "NFT"\n', "", "# Neuenfurt", "ref_prefix is missing: add two to four capital letters"),
    "missing in a table": (
        'email = "rathaus@neuenfurt.example"\n', "", "[contact]",
        "contact.email is missing: add an e-mail address"),
    "missing table": (
        "deadlines = {", "quorun = {", "# Neuenfurt", "deadlines is missing: add a table"),
    "number as text": (
        "minimum_age = 12", 'minimum_age = "12"', "minimum_age",
        "minimum_age is '12': write a whole number"),
    "truth as number": (
        "minimum_age = 12", "minimum_age = true", "minimum_age",
        "minimum_age is True: write a whole number"),
    "text as number": (
        'name = "Oberfurt"', "name = 7", "oberfurt", "districts.oberfurt.name is 7: write a text in quotes"),
    "empty text": (
        'fr = "Des idées pour notre ville au bord du gué."', 'fr = ""', "claim.fr",
        "claim.fr is '': write a text in quotes"),
    "one language only": (
        'site_name = { de = "Neuenfurt redet mit", fr = "Neuenfurt participe", ar = "شارك في نوينفورت" }',
        'site_name = "Neuenfurt"',
        "site_name", "site_name is 'Neuenfurt': write a table with a text for each language"),
    "language lacking": (
        "fr = \"À propos de « {title} » : restez aimable, s'il vous plaît. {office}\"\n", "",
        "[reasons.text]", "reasons.rude.text.fr is missing: add the text in the language 'fr'"),
    "unknown language": (
        'asks = { de = "Reicht das Geld?"', 'asks = { pl = "Tak?", de = "Reicht das Geld?"', "Reicht",
        "criteria.affordable.asks.pl is a language the file does not offer: write one of: de, fr, ar, en, it, pt"),
    "not a language": (
        '"it", "pt"]', '"Italian", "pt"]', "content_languages",
        "content_languages.5 is 'Italian': write a language tag"),
    "no language": (
        'languages = ["de", "fr", "ar"]', "languages = []", "languages =", "languages is []: write at least one"),
    "unknown placeholder": (
        '{office}"\nfr', '{ofice}"\nfr', "{ofice}",
        "reasons.rude.text.de is 'Zu „{title}“: Bitte bleiben Sie freundlich. {ofice}': write only "
        "{title}, {city}, {office} and {days} in braces, every brace closed"),
    "open brace": (
        "À propos de « {title} »", "À propos de « {title »", 'fr = "À propos', "reasons.rude.text.fr is"),
    "unknown kind": (
        'kinds = ["idea", "comment"]', 'kinds = ["idea", "comment", "vote"]', "kinds",
        "reasons.rude.kinds.3 is 'vote': write 'idea' or 'comment'"),
    "no reason left": (
        'moves = ["reject", "hide"]', 'moves = ["reject"]', "[[reasons]]",
        "reasons has none to hide an entry of the kind 'comment': add one"),
    "double key": (
        '[[fields]]\nkey = "moving"', '[[fields]] # 2\nkey = "living"', "[[fields]] # 2",
        "fields.living is there twice: delete one, or write another key than 'living'"),
    "double key in a list": (
        '"quai-nord"', '"oberfurt"', "Quai Nord", "districts.oberfurt is there twice"),
    "double language": (
        'languages = ["de", "fr", "ar"]', 'languages = ["de", "fr", "ar", "de"]', "languages =",
        "languages.4 is there twice"),
    "key with capitals": (
        '"meeting-places"', '"Meeting Places"', "Meeting Places",
        "fields.living.needs.Meeting Places.key is 'Meeting Places': write small letters"),
    "unknown field": (
        '"roads, paths" = "moving"', '"roads, paths" = "movin"', "import_fields",
        "import_fields.roads, paths is 'movin', which the file does not declare: write 'moving'"),
    "no field for the rest": (
        '"*" = "living", ', "", "import_fields",
        "import_fields.* is missing: add the field of every category not named"),
    "unknown guideline": (
        'guideline = "together"', 'guideline = "alone"', "guideline =",
        "guideline is 'alone', which the file does not declare: write one of: together"),
    "out of range": (
        "days = 30 }", "days = 0 }", "quorum", "quorum.days is 0: write a whole number from 1 to 3650"),
    "longer than the database": (
        "title_max = 80", "title_max = 900", "limits",
        "limits.title_max is 900: write a whole number from 1 to 300"),
    "least above most": (
        "body_min = 20,", "body_min = 2000,", "limits",
        "limits.body_min is 2000: write at most body_max, 1500"),
    "prefix": (
        '"NFT"', '"Neuenfurt"', "ref_prefix",
        "ref_prefix is 'Neuenfurt': write two to four capital letters"),
    "pale accent": (
        '"#1b5e4b"', '"#7fd8bd"', "accent =",
        "accent is '#7fd8bd': write a colour #rrggbb with a contrast of at least 4.5 to #ffffff"),
    "colour by name": (
        '"#7fd8bd"', '"green"', "accent_dark", "accent_dark is 'green': write a colour #rrggbb"),
    "time zone": (
        "Europe/Paris", "Europe/Neuenfurt", "time_zone",
        "time_zone is 'Europe/Neuenfurt': write a time zone such as 'Europe/Berlin'"),
    "address": (
        "https://neuenfurt.example/impressum", "neuenfurt.example", "imprint_url",
        "contact.imprint_url is 'neuenfurt.example': write an address that begins with https://"),
    "ratings": (
        "degrees = []",
        'degrees = [\n  { key = "d", name = { de = "D", fr = "D" }, asks = { de = "?", fr = "?" }, '
        'anchors = [{ de = "a", fr = "a" }] },\n]', '{ key = "d"',
        "degrees.d.anchors is [{'de': 'a', 'fr': 'a'}]: write four texts, for the ratings 0 to 3"),
    "open quote": (
        'key = "neuenfurt"', 'key = "neuenfurt', "key =", "is not TOML: Illegal character"),
    "name without a language": (
        'fr = "Neuenfurt", ar = "نوينفورت" }', 'fr = "Neuenfurt" }', "name = ",
        "name.ar is missing: add the text in the language 'ar'"),
    "name that is none": (
        'name = { de = "Neuenfurt", fr = "Neuenfurt", ar = "نوينفورت" }', "name = 5", "name = ",
        "name is 5: write a text in quotes"),
    "key written twice": (
        "minimum_age = 12", "minimum_age = 12\nminimum_age = 14", "minimum_age = 14",
        "is not TOML: Cannot overwrite a value"),
}


@pytest.mark.parametrize(("good", "bad", "where", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_a_wrong_file_is_refused_with_its_line_and_a_remedy(
        tmp_path: Path, good: str, bad: str, where: str, message: str) -> None:
    assert good in GOOD
    text = GOOD.replace(good, bad, 1)
    line = next(number for number, line in enumerate(text.split("\n"), 1) if where in line)
    error = refused(tmp_path, text)
    assert f"city.toml: line {line}: {message}" in str(error)


def test_all_problems_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = GOOD.replace('"NFT"', '"n"').replace("days = 30 }", "days = -1 }", 1)
    text = text.replace(', fr = "Habiter"', "")
    error = refused(tmp_path, text)
    lines = [line for line, _ in error.problems]
    assert len(lines) == 3 and lines == sorted(line for line in lines if line)
    assert (error.line, error.what) == error.problems[0]
    assert str(error).count("city.toml: line ") == 3


def test_a_problem_inside_a_long_text_does_not_move_the_lines_after_it(tmp_path: Path) -> None:
    text = GOOD.replace('address = """\n', 'address = """\nkey = 1\n[[fields]]\n{ x\n')
    text = text.replace('"affordable"', '"A"')
    error = refused(tmp_path, text)
    assert error.line and text.split("\n")[error.line - 1] == 'key = "A"'


def test_a_file_that_is_not_there_or_not_utf8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CityFileError, match="name a city file in CITY_FILE"):
        read_city(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes('key = "a"\nname = "Mün"'.encode("latin-1"))
    with pytest.raises(Unsafe, match="line 2: is not UTF-8"):
        read_city(tmp_path / "latin.toml")
