"""Hints for moderators: what is seen, what is left alone, and that no text is too much."""


import pytest

from moderation.looking import KEYS, MASKED, Found, look, passages

RUDE = {"de": ["Idiot", "Arsch", "Vollidiot", "Fick dich"], "en": ["idiot", "moron", "son of a bitch"],
        "fr": ["connard"],
        "tr": ["salak"], "uk": ["дебіл"], "ru": ["мудак"], "ar": ["حقير"], "pl": ["kretyn"]}


def see(text: str, declared: str = "de", guessed: str | None = None, new_author: bool = True) -> list[Found]:
    return look("", text, declared, new_author=new_author, rude=RUDE, guessed=guessed)


def only(key: str, text: str, declared: str = "de", guessed: str | None = None) -> list[str]:
    return [one.passage for one in see(text, declared, guessed) if one.key == key]


@pytest.mark.parametrize(("text", "passage"), [
    ("Schreibt an erika.muster@example.org, bitte.", "erika.muster@example.org"),
    ("Write to <erika@mail.example.co.uk>!", "erika@mail.example.co.uk"),
    ("erika (at) example punkt de", "erika (at) example punkt de"),
    ("erika[at]example.de ist da", "erika[at]example.de"),
    ("erika(at)example(dot)org", "erika(at)example(dot)org"),
    ("mail me: erika at example dot com", "erika at example dot com"),
    ("erika.m ät gmx.de", "erika.m ät gmx.de"),
    ("erika at gmail.com please", "erika at gmail.com"),
    ("Erika@Müller-Bau.de", "Erika@Müller-Bau.de"),
    ("escribe a erika arroba ejemplo punto es", "erika arroba ejemplo punto es"),
])
def test_emails(text: str, passage: str) -> None:
    assert only("email", text) == [passage]
    assert not only("links", text)


@pytest.mark.parametrize("text", [
    "@all: wir treffen uns", "Look at spiegel.de for more", "Meet me at the dot on the map", "5 Bäume @ 200 Euro",
    "Er hat example.de gelesen", "Ich bin at Home", "Treffpunkt: Punkt 12", "@idiotenfrei", "a@b", "Folgt @stadt.mainz",
    "The bus stops at mainz.de",
])
def test_no_emails(text: str) -> None:
    assert not only("email", text)


@pytest.mark.parametrize(("text", "passage"), [
    ("Ruft an: 06131/123456.", "06131/123456"), ("Tel.: 06131 12-3456", "06131 12-3456"),
    ("(06131) 12 34 56 abends", "(06131) 12 34 56"), ("0 61 31 / 12 34 56", "0 61 31 / 12 34 56"),
    ("+49 6131 123456", "+49 6131 123456"), ("+49 (0)6131 123456", "+49 (0)6131 123456"),
    ("0049 6131 123456", "0049 6131 123456"), ("0171 1234567", "0171 1234567"), ("01711234567", "01711234567"),
    ("Mobil 0171/12 34 567, gern abends", "0171/12 34 567"), ("069 12345678", "069 12345678"),
    ("0800 1234567 kostenlos", "0800 1234567"), ("call +44 20 7946 0958 now", "+44 20 7946 0958"),
    ("call 020 7946 0958", "020 7946 0958"), ("(555) 123-4567", "(555) 123-4567"), ("555-123-4567", "555-123-4567"),
    ("01 23 45 67 89 à Dijon", "01 23 45 67 89"), ("Telefon: 123456", "123456"),
    ("phone number 555 0123", "555 0123"),
    ("+380 44 123 45 67", "+380 44 123 45 67"), ("0532 123 45 67", "0532 123 45 67"),
    ("٠١٧١ ١٢٣٤٥٦٧", "٠١٧١ ١٢٣٤٥٦٧"), ("06131 123456 ab 2026", "06131 123456"),
    ("+39 06 1234 5678", "+39 06 1234 5678"),
])
def test_phones(text: str, passage: str) -> None:
    assert only("phone", text) == [passage]


@pytest.mark.parametrize("text", [
    "2026", "2025/2026 und 2027-2028", "am 01.02.2026", "01.04. - 30.09.", "01.04.2026 – 30.09.2026",
    "01/02/2026-03/04/2026",
    "08:00-18:00 Uhr", "08.00 - 18.00 Uhr", "Mo-Fr 08-18 Uhr", "55116 Mainz", "01067 Dresden", "01067-01099 Dresden",
    "Az. 0123/2026", "Vorlage 0456/2025", "Drucksache 1234/2026", "BV 4 Beschluß 04.06.2007", "Az.: 02-1600-40/15",
    "1.000.000 Euro", "100 000 Euro", "0,50 €", "3.500.000,00 EUR", "+100.000.000 Euro", "die 0815-Lösung",
    "Musterstraße 12-14", "50.0012, 8.2711", "49.9928617,8.2472526", "TOP 8.1", "§ 45 Abs. 1 StVO", "mobil 2025-2030",
    "https://example.org/a/0613112345678.html", "Linien 50 51 52 53 54", "12 Bäume, 300 Stühle", "030 Grad", "007",
    "1 2 3 4 5 6 7 8 9 10 11", "in 2026 2027 2028", "24/7", "Tel. 115", "110 oder 112", "ISBN 978-3-16-148410-0",
    "the 10-12 year olds", "$1,000,000", "9-5 on weekdays", "12.30-14.00 h",
])
def test_no_phones(text: str) -> None:
    assert not only("phone", text)


@pytest.mark.parametrize(("text", "passage"), [
    ("Spenden: DE89 3704 0044 0532 0130 00.", "DE89 3704 0044 0532 0130 00"),
    ("DE89370400440532013000", "DE89370400440532013000"),
    ("de89 3704 0044 0532 0130 00", "de89 3704 0044 0532 0130 00"),
    ("IBAN GB29 NWBK 6016 1331 9268 19", "GB29 NWBK 6016 1331 9268 19"),
    ("IBAN: FR14 2004 1010 0505 0001 3M02 606 BIC X", "FR14 2004 1010 0505 0001 3M02 606"),
    ("NL91ABNA0417164300", "NL91ABNA0417164300"), ("AB12 DE89 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 00"),
    ("DE89-3704-0044-0532-0130-00", "DE89-3704-0044-0532-0130-00"),
])
def test_ibans(text: str, passage: str) -> None:
    assert only("iban", text) == [passage]
    assert not only("phone", text)


@pytest.mark.parametrize("text", [
    "DE88 3704 0044 0532 0130 00", "DE89 3704 0044", "XX89 3704 0044 0532 0130 00", "IBAN",
    "DE89370400440532013000999",
])
def test_no_ibans(text: str) -> None:
    assert not only("iban", text)


@pytest.mark.parametrize(("text", "passage"), [
    ("Der Wagen MZ-AB 123 parkt", "MZ-AB 123"), ("MZ AB 1234", "MZ AB 1234"), ("MZ AB 123E", "MZ AB 123E"),
    ("MZ-AB 123 H steht", "MZ-AB 123 H"), ("M-X 1234", "M-X 1234"), ("WI-XY12", "WI-XY12"), ("BÜS-A 12.", "BÜS-A 12"),
    ("HH – AB 77", "HH – AB 77"), ("Kennzeichen: mz-ab 123", "mz-ab 123"), ("licence plate MZ AB 12", "MZ AB 12"),
    ("MZ:AB 123", "MZ:AB 123"),
])
def test_plates(text: str, passage: str) -> None:
    assert only("plate", text) == [passage]


@pytest.mark.parametrize("text", [
    "A 60", "B 40", "A60 und B9", "LED 100", "DIN A4", "DIN A 4", "DIN EN 1176", "DIN-Norm 18040", "BAB A 562",
    "HH S 3",
    "MO-FR 8-16 Uhr", "MO-SA 10", "ÖPNV 2030", "CO2", "PM 10", "EU DSGVO 2018", "ADFC B 12", "U-S 3", "StVO 45",
    "ISO AB 9001",
    "QX-AB 123", "am 5. Mai", "TOP 8", "IN A 60", "K U 4", "MZ-AB 01", "ABCD-EF 123", "II. WK 1939-45",
    "BW NRW", "RB 75",
    "ICE 1234", "RE-X 1.5", "WLAN G 5", "SUV E 10",
])
def test_no_plates(text: str) -> None:
    assert not only("plate", text)


@pytest.mark.parametrize(("text", "passage"), [
    ("Ich wohne Musterstraße 12a, ganz oben.", "Musterstraße 12a"), ("Am Rosengarten 7", "Am Rosengarten 7"),
    ("Gaustr. 3", "Gaustr. 3"), ("Gaustr.3", "Gaustr.3"),
    ("Gaustraße Nr. 3", "Gaustraße Nr. 3"), ("Gaustraße Hausnummer 12", "Gaustraße Hausnummer 12"),
    ("in der Mainzer Straße 12 wohnt", "Mainzer Straße 12"),
    ("Kaiser-Wilhelm-Ring 5", "Kaiser-Wilhelm-Ring 5"), ("Haus Grootestrasse 77 - 81 sieht", "Grootestrasse 77 - 81"),
    ("Höhe Kaiserstraße 59. Hier", "Kaiserstraße 59"), ("(Auf dem Heidgen 86)", "Auf dem Heidgen 86"),
    ("Häuser Bernhardstraße 4 und 7", "Bernhardstraße 4"), ("Rheinallee 3, 55116 Mainz", "Rheinallee 3"),
    ("Musterstraße 12 Mainz", "Musterstraße 12"), ("Venloer Str. 1031", "Venloer Str. 1031"),
    ("Domplatz 1", "Domplatz 1"),
    ("12 rue de la Gare", "12 rue de la Gare"), ("5, avenue d'Italie", "5, avenue d'Italie"),
    ("5 High Street", "5 High Street"), ("He lives at 221b Baker Street, London", "221b Baker Street"),
    ("10 Downing St, London", "10 Downing St"), ("Via Roma 12", "Via Roma 12"), ("Calle Mayor 5", "Calle Mayor 5"),
    ("ul. Długa 5", "ul. Długa 5"), ("вул. Шевченка 5", "вул. Шевченка 5"),
    ("Atatürk Cad. No: 5", "Atatürk Cad. No: 5"),
    ("Große Bleiche 46", "Große Bleiche 46"), ("Kleine Langgasse 1, Mainz", "Kleine Langgasse 1"),
    ("Kostheimer Landstraße 11", "Kostheimer Landstraße 11"), ("(Mainzer Straße 3)", "Mainzer Straße 3"),
    ("Kalverstraat 92", "Kalverstraat 92"), ("abito in via Roma 12", "via Roma 12"),
    ("Waldstraße 4", "Waldstraße 4"),
    ("Konradweg 5", "Konradweg 5"), ("An der Goldgrube 12 b", "An der Goldgrube 12 b"),
])
def test_addresses(text: str, passage: str) -> None:
    assert only("address", text) == [passage]


@pytest.mark.parametrize("text", [
    "Straße 2026", "Kaiserstraße 2026", "in der Gaustraße 3 Bäume pflanzen", "Gaustraße 30 km/h",
    "Gaustraße 5 Minuten zu Fuß",
    "Rheinallee 30er Zone", "auf Platz 1", "Radweg 2 m breit", "Parkplatz 12", "Bahnsteig 3", "Einbahnstraße 2",
    "Bundesstraße 9",
    "Landesstraße 413", "Im Jahr 30", "Im Januar 17", "Am Montag 12 Uhr", "Am Samstag 8-12", "In der Linie 6",
    "Im Alter 6",
    "Im Bus 70", "Diese Straße 5", "Am Ende 2 Bänke", "der Supermarkt 5 Minuten weiter", "mehr Wege 2.0",
    "A 60", "Tempo 30",
    "Spielplatz 3", "Das kostet auf dem Weg 5 €", "Die Straße 2,5 m breiter", "Im Abschnitt 4", "2 Bike Lanes",
    "3 Main Lanes",
    "100 New trees", "via Zug 5", "Gustavsburger Weg: 12 Bäume", "Nordstraße\n12 Bäume", "la calle a las 15",
    "Der Ring 3",
    "recorriendo el Paseo de las Delicias a las 1500 horas", "1. Bonner Straße 2. Kaiserstraße 3. Am Wall",
    "Gaustraße 5 Minuten.", "Gaustraße 3 Bäume", "Behindertenparkplatz 3", "Geh- und Radweg 5", "Am Rhein 2 Bänke",
])
def test_no_addresses(text: str) -> None:
    assert not only("address", text)


@pytest.mark.parametrize(("text", "passage"), [
    ("siehe https://example.org/a?b=1.", "https://example.org/a?b=1"), ("www.example.org!", "www.example.org"),
    ("Kauft bei example-shop.com", "example-shop.com"), ("buy at best.shop/deal now", "best.shop/deal"),
    ("(http://example.org)", "http://example.org"), ("Müller-Bau.de", "Müller-Bau.de"), ("EXAMPLE.DE", "EXAMPLE.DE"),
])
def test_links_of_new_authors(text: str, passage: str) -> None:
    assert only("links", text) == [passage]
    assert not [one for one in see(text, new_author=False) if one.key == "links"]


@pytest.mark.parametrize("text", ["Das ist gemacht.Es geht", "z.B. hier", "usw.das", "3.5 m", "Ende.Und", "e.V.",
                                  "Str.12", "done.it is", "v2.0", "…", "www", "http:"])
def test_no_links(text: str) -> None:
    assert not only("links", text)


@pytest.mark.parametrize(("text", "passage"), [
    ("HIER MUSS ENDLICH ETWAS GESCHEHEN, DENN SO KANN ES DOCH NICHT MEHR WEITERGEHEN MIT DEN AUTOS", ""),
    ("THIS STREET IS A DISGRACE AND NOBODY IN THE WHOLE TOWN HALL SEEMS TO CARE ABOUT IT", ""),
    ("So geht es nicht. DAS IST EINE SCHANDE für alle.", "DAS IST EINE SCHANDE"),
    ("Please STOP THIS MADNESS NOW or else", "STOP THIS MADNESS NOW"), ("Kinder!!!", "Kinder!!!"),
    ("why ????", "why ????"),
    ("لماذا؟؟؟", "لماذا؟؟؟"), ("ХВАТИТ ЭТО ТЕРПЕТЬ каждый день", "ХВАТИТ ЭТО ТЕРПЕТЬ"),
])
def test_shouting(text: str, passage: str) -> None:
    assert only("shouting", text) == [passage]


@pytest.mark.parametrize("text", [
    "ÖPNV, LED und WLAN für alle", "ÖPNV LED WLAN ADFC VCD BUND", "Hallo!! Wie geht das??", "MZ!", "OK", "NEIN",
    "GANZ WICHTIG",
    "Der ADFC und der VCD fordern ein Konzept für den ÖPNV, die SPD und die CDU auch. LED gehört dazu, WLAN ebenso.",
    "هذا شارع خطير جدا ويجب تغييره في اسرع وقت ممكن لان الاطفال يلعبون هنا كل يوم بعد المدرسة",
    "这条街道对孩子来说太危险了" * 8,
    "ქუჩა ძალიან საშიშია ბავშვებისთვის და უნდა შეიცვალოს რაც შეიძლება მალე ყველასთვის", "What?! Really?!",
])
def test_no_shouting(text: str) -> None:
    assert not only("shouting", text)


@pytest.mark.parametrize(("declared", "guessed", "hint"), [
    ("de", "en", True), ("de", "de", False), ("de", None, False), ("de-AT", "de", False), ("zh-Hant", "zh", False),
    ("DE", "de", False), ("uk", "ru", True),
])
def test_language(declared: str, guessed: str | None, hint: bool) -> None:
    assert only("language", "Ein Text", declared, guessed) == ([""] if hint else [])


@pytest.mark.parametrize(("text", "declared", "passage"), [
    ("Du Idiot!", "de", "Idiot"), ("lauter IDIOTEN hier", "de", "IDIOTEN"), ("diese Idiotinnen", "de", "Idiotinnen"),
    ("1d10t", "de", "1d10t"), ("ein i-d-i-o-t", "de", "i-d-i-o-t"), ("i d i o t", "en", "i d i o t"),
    ("idiooot", "en", "idiooot"),
    ("id*ot", "en", "id*ot"), ("Idiot*innen", "de", "Idiot"), ("Idioten-Politik", "de", "Idioten"),
    ("@rsch", "de", "@rsch"),
    ("Fick dich!", "de", "Fick dich"), ("you son of a bitch", "en", "son of a bitch"), ("morons", "en", "morons"),
    ("quels connards", "fr", "connards"), ("salaklar", "tr", "salaklar"), ("Дебіли", "uk", "Дебіли"),
    ("мудаки", "ru", "мудаки"),
    ("الحقير", "ar", "الحقير"), ("kretyni", "pl", "kretyni"), ("id!ot", "en", "id!ot"),
    ("_Idiot_", "de", "_Idiot_"[1:-1]),
    ("Vollidiot", "de", "Vollidiot"), ("ÍDIOT", "en", "ÍDIOT"), ("m0r0n", "en", "m0r0n"),
    ("حقـــير", "ar", "حقـــير"),
])
def test_rude(text: str, declared: str, passage: str) -> None:
    assert only("rude", text, declared) == [passage]


@pytest.mark.parametrize(("text", "declared"), [
    ("Der Marschweg und Barsche", "de"), ("idiosynkratisch, Idiotikon", "de"), ("Fick", "de"),
    ("Bürger*innen und Radfahrer:innen", "de"),
    ("moronic acid oxymoron", "en"), ("moron", "fr"), ("10 100 1d 10t", "de"), ("a b c d e", "en"),
    ("****", "en"), ("f***", "en"),
    ("", "de"), ("Idiot", "nl"), ("son of a baker", "en"), ("Marsch!", "de"),
])
def test_not_rude(text: str, declared: str) -> None:
    assert not only("rude", text, declared)


def test_rude_in_the_declared_and_the_guessed_language() -> None:
    assert only("rude", "connard, moron", "de") == []
    assert only("rude", "connard, moron", "de", "fr") == ["connard"]
    assert only("rude", "connard, moron", "en-GB", "fr") == ["connard", "moron"]


def test_what_is_found_stands_in_the_text_and_in_order() -> None:
    found = look("Anruf 06131/123456", "Von a@example.org, Gaustr. 3 und Gaustr. 31, MZ-AB 12!!! a@example.org", "de",
                 new_author=False, rude=RUDE, guessed="en")
    assert [(one.key, one.passage) for one in found] == [
        ("email", "a@example.org"), ("phone", "06131/123456"), ("plate", "MZ-AB 12"), ("address", "Gaustr. 3"),
        ("address", "Gaustr. 31"), ("shouting", "!!!"), ("language", "")]
    assert passages(found) == ["a@example.org", "06131/123456", "Gaustr. 31", "Gaustr. 3", "MZ-AB 12"]
    assert set(KEYS) > MASKED
