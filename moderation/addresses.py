"""Finds streets with house numbers: where somebody lives or can be found.

Numbers are rarer than words, so each number is taken in turn and its neighbours are asked whether
they make a street of it: a word before it (Musterstraße 12a, ul. Długa 5), an article before a name
(Am Rosengarten 7) or a word behind it (12 rue de la Gare, 5 High Street).
"""

import re

Places = list[tuple[int, int]]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# a house number: 7, 12a, 12 a, 12-14, 3/5; not 2026, 30er, 2,5, 8:30 or § 5
_NUMBER = re.compile(r"(?<![\w,:/§+-])(?<![§#] )(?<![^r]\.)([1-9]\d{0,3})(?: ?[a-h](?!\w))?"
                     r"(?: ?[/–-] ?[1-9]\d{0,2}(?: ?[a-h](?!\w))?)?(?![\w%°²€:])(?![.,]\d)")
_NUMBERED = re.compile(r"(?:[Hh]aus)? ?(?:[Nn]r\.?|[Nn]ummer):? ?\Z")
_YEAR = re.compile(r"(?:1[789]|20|21)\d\d")
# What is counted or measured is no house: a unit, or a noun right behind ("in der Gaustraße 3 Bäume"),
_COUNTED = re.compile(r"[ \u00a0]?(?:[€%°x×*]|(?:k?m|cm|mm|m²|qm|ha|t|kg|km/h|h|min|mal|uhr|jahre?n?|tage?n?|meter|"
                      r"euro|mio|mrd|von|auf \d|spuren|neue?n?|weitere[rn]?|große?n?|kleine?n?)(?!\w)|\.\d|[A-ZÄÖÜ]\w)")
# unless the noun ends the sentence like a town ("Gaustraße 3 Mainz"), without a plural's ending.
_TOWN = re.compile(r"[ \u00a0][A-ZÄÖÜ]\w+(?<!e)(?<!e[lnrs])(?<![lr]n)(?<!s)(?<!hr)(?=[.,;!?)\n]|\Z)")
_WORD = re.compile(r"[^\s\0(„“\"'«»]\S*")
_LISTED = re.compile(r"\. ?[A-ZÄÖÜ]")  # 2. Kaiserstraße 3. Am Wall: items of a list

_WAYS = ("straße", "strasse", "str.", "str", "weg", "allee", "platz", "gasse", "gaß", "ring", "ufer", "damm",
         "chaussee", "twiete", "pfad", "stieg", "steig", "markt", "wall",
         "graben", "promenade", "bleiche", "straat", "laan", "gracht")
# Kinds of ways and places, which are no names of one; behind them stands a count or a road's number.
_KINDS = re.compile(
    r"(?:einbahn|fahrrad|spiel|neben|\w*verkehrs|bundes|landes|kreis|staats|wohn|durchgangs|stich|vorfahrts?|zubringer|"
    r"anlieger|sammel|erschließungs)(?:straße|strasse|str\.?)|(?:(?:fahr|lasten|\w+schnell)?rad|(?:geh-?|fuß)*(?:rad|geh|fuß)"
    r"|um|aus|hin|rück|heim|\w*arbeits|schul|wander|reit|halb)weg|(?:\w*(?:park|spiel|stell|sport|sitz|bolz|steh|lade|halte|"
    r"schlaf|liege|camping|rast|bau|kita|arbeits|ausbildungs|grill|abstell)|treff|fest)platz|hering|(?:bahn|bus|bürger)steig|"
    r"(?:an|auf|ein|aus|ab|um)stieg|(?:super|wochen|bau|floh|\w*weihnachts|arbeits|bio|getränke|drogerie|wohnungs)markt|"
    r"trampelpfad|straßengraben")
_BOTH = re.compile(r"(?:Groß|Klein|Ober|Unter|Hinter|Vorder|Mittler|Alt|Neu|Lang|Kurz)er? \w+"
                   r"|[A-ZÄÖÜ]\w+er landstr(?:aße|\.)")
_NOT_NAMES = _set("""der die das den dem des ein eine einer einem einen diese dieser diesem diesen jede jeder jedem
    keine keiner mein meine meiner unser unsere unserer auf in im an am zum zur vom von bei und oder für ca circa
    mindestens maximal um etwa the this that a an""")
_BEFORE_NAMES = _set("am an im in auf zum zur unter hinter vor beim")
_ARTICLES = _set("der dem den die das")
# After a preposition these are no streets: Am Montag 12, Im Jahr 30, In der Linie 6, Am Kreisel 3
_NO_STREETS = _set("""montag dienstag mittwoch donnerstag freitag samstag sonntag wochenende januar februar märz april
    mai juni juli august september oktober november dezember frühjahr frühling sommer herbst winter jahr jahre jahren
    tag tagen monat woche zeitraum alter bereich abschnitt linie linien bus bussen bahn tram haus teil punkt phase
    klasse seite kapitel artikel paragraph nummer nr gleis umkreis zone block tor halle abstand durchschnitt schnitt
    maximum minimum stock ausfahrt autobahn kilometer uhrzeit stadtteil bezirk ortsbezirk wahlkreis stufe schritt
    variante foto bild anhang anlage absatz satz abs ende anfang schluss vergleich kreisel kreuzung ampel einmündung
    knoten tempo stelle straße strasse platz weg brücke höhe stunde minute buslinie straßenbahnlinie route radroute
    etage fall gruppe schule kita hälfte radweg gehweg seiten gegend nähe größe version beispiel innenstadt altstadt
    stadt land deutschland eg og ug""")
_KEYWORD = re.compile(r"(?:\b(?:Via|(?<=in )via|[Vv]iale|[Pp]iazza|[Cc]orso|[Cc]alle|[Aa]venida|[Aa]vda\.?|[Pp]laza|"
                      r"[Pp]aseo|[Rr]ua|[Uu]lica|[Aa]leja|[Pp]lac|[Уу]лица|[Вв]улиця|[Пп]роспект|[Шш]оссе|شارع)"
                      r"|\b(?:[Uu]l|[Aa]l|[Уу]л|[Вв]ул|[Пп]росп)\.|C/) ?"
                      r"(?:(?:de|del|della|dei|la|las|los|d[ae]|do) ){0,2}(?!\d)[^\W\d_a-zа-я][\w'’.-]{1,30}"
                      r"(?: (?:del? |y )?[^\W\d_a-zа-я][\w'’.-]{0,30}){0,2},? ?(?:(?:n[°º.]|No:?|д\.|буд\.|رقم) ?)?\Z")
_TURKISH = re.compile(r"[A-ZÇĞİÖŞÜ]\w{1,30} "
                      r"(?:Caddesi|Cad\.|Sokak|Sokağı|Sok\.|Sk\.|Bulvarı|Mahallesi|Mah\.) ?(?:No ?[:.]? ?)?\Z")
_BEHIND = re.compile(r",? (?:(?:bis |ter )?(?:rue|avenue|boulevard|bd|place|chemin|impasse|allée|quai|route|cours) "
                     r"(?:(?:de|du|des|la|le|les) ){0,2}(?:d['’]|l['’])?[A-ZÉÈÀÂÎÔ][\w'’-]{1,30}"
                     r"|(?!(?:Bike|Bicycle|Cycle|Bus|Car|Traffic|Parking)\w* Lanes?\b)(?:[A-Z][\w'’.-]{1,30} ){1,3}"
                     r"(?:Street|St\b\.?|Road|Rd\b\.?|Avenue|Ave\b\.?|Lane|Drive|Square|Court|Way|Close|Crescent|"
                     r"Terrace|Gardens)(?!\w))")


def addresses(text: str) -> Places:
    """The places (start, end) of streets with house numbers."""
    found: Places = []
    for number in _NUMBER.finditer(text):
        if _YEAR.fullmatch(number[1]):
            continue
        start, end = number.span()
        if behind := _BEHIND.match(text, end):
            found.append((start, behind.end()))
            continue
        if text[start - 2:start - 1].isdecimal():  # numbers in a row
            continue
        left = text[max(0, start - 60):start].rpartition("\n")[2]
        begin = _street(left) if not _is_count(text, end) else -1
        if begin >= 0 and (not found or start - len(left) + begin >= found[-1][1]):
            found.append((start - len(left) + begin, end))
    return found


def _is_count(text: str, end: int) -> bool:
    """Whether the number counts or measures what comes behind it, rather than a house of a place."""
    if text[end - 2].isspace() and _LISTED.match(text, end):
        return True
    return bool(_COUNTED.match(text, end)) and not _TOWN.match(text, end)


def _street(left: str) -> int:
    """Where in the text before a number its street begins; -1 where it is none."""
    if left[-1:] not in (" ", "\u00a0", "."):
        return -1
    left = _NUMBERED.sub("", left)
    words = [(m[0], m.start()) for m in _WORD.finditer(left)][-4:]
    if not words:
        return -1
    name, at = words[-1]
    low = name.lower()
    before, before_at = words[-2] if len(words) > 1 else ("", 0)
    if low.endswith(_WAYS) and name[:1].isupper():
        way = next(way for way in _WAYS if low.endswith(way))
        if low == way or "-" in low:  # Mainzer Straße, Kaiser-Wilhelm-Ring
            begin = at if "-" in low else before_at if _names(before) else -1
        else:  # Gaustraße, Kleine Langgasse
            begin = -1 if _KINDS.fullmatch(low) else before_at if _BOTH.fullmatch(f"{before} {low}") else at
        if begin >= 0:
            return begin
    for n in (2, 3):  # Am Rosengarten, An der Goldgrube
        first, first_at = words[-n] if len(words) >= n else ("", 0)
        if (first[:1].isupper() and first.lower() in _BEFORE_NAMES and name[:1].isupper() and low.isalpha()
                and low not in _NO_STREETS and (n == 2 or before.lower() in _ARTICLES)):
            return first_at
    m = _KEYWORD.search(left) or _TURKISH.search(left)
    return m.start() if m else -1


def _names(word: str) -> bool:
    """Whether a word can be the first of a street's name: Mainzer Straße, but not Diese Straße."""
    return word[:1].isupper() and word.lower() not in _NOT_NAMES and word[-1:].isalpha()
