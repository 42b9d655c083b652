"""Finds what tells who somebody is: e-mail addresses, telephone and account numbers, number plates.

Each function gives the places (start, end) it would point at. Every repetition in the patterns has
an upper bound and begins at the start of a word, so that no text costs more than its length.
"""

import re
from itertools import accumulate

Places = list[tuple[int, int]]

_MAILERS = "gmail|googlemail|gmx|web|outlook|hotmail|yahoo|t-online|posteo|mailbox|icloud|freenet|proton(?:mail)?|aol"
_ENDS = "de|com|org|net|at|ch|eu|info|fr|it|es|pl|uk|nl|ru|ua|tr|ar|io"
_AT_WORD = re.compile(r"(?<!\w)(?:at|ät|arobase|arroba|chiocciola|affenschwanz)(?!\w)", re.IGNORECASE)
_AT = r"[\[({<] ?(?:at|ät|@|arobase|arroba|chiocciola|affenschwanz) ?[\])}>]"
_DOT = r"[\[({<] ?(?:punkt|dot|point|punto|\.) ?[\])}>]"
_DIGIT = re.compile(r"[^\D0-9]")
_NAME = r"(?<![\w.+-])[\w.+%-]{1,64}+"
_HOST = r"[\w-]{1,63}"
_EMAIL = re.compile("|".join((
    rf"{_NAME}@(?:{_HOST}\.){{1,5}}[^\W\d_]{{2,24}}",
    # name (at) example punkt de, name[at]example.de; without brackets only where both words are
    # spelled out or a mail provider follows: "look at spiegel.de" is no address
    rf"{_NAME}(?: ?{_AT} ?| @ ){_HOST}(?: ?{_DOT} ?| (?:punkt|dot|point|punto) |\.){_HOST}",
    rf"{_NAME} (?:at|ät|arobase|arroba|chiocciola) {_HOST} (?:punkt|dot|point|punto) (?:{_ENDS})(?!\w)",
    rf"{_NAME} (?:at|ät) (?:{_MAILERS})\.(?:{_ENDS})(?!\w)",
)), re.IGNORECASE)

# SWIFT, IBAN Registry: the length of a country's IBANs
_IBAN_LENGTHS = {country: length for length, countries in {
    15: "NO", 16: "BE", 18: "DK FI FO FK GL NL SD", 19: "MK SI", 20: "AT BA EE KZ LT LU MN XK", 21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL", 24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST", 26: "IS TR", 27: "BI DJ FR GR IT MC MR SM", 28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
    29: "BR EG PS QA UA", 30: "JO KW MU YE", 31: "MT SC", 32: "LC", 33: "RU"}.items() for country in countries.split()}
# a look-ahead, so that a run that is none hides no other that begins inside
_IBAN = re.compile(r"(?<!\w)(?=([A-Z]{2}[0-9]{2}(?:[ \u00a0\u202f.-]?[A-Z0-9]){11,30}))", re.IGNORECASE)

_GAP = r"[ \u00a0\u202f()/.–-]"
_PHONE = re.compile(rf"(?<![\w+])(?<!\d[.,:/–-])(?:\(?\+ ?[1-9]|\(?0)(?:{_GAP}{{0,3}}\d){{5,20}}(?!\w)")
_AMERICAN = re.compile(r"(?<![\w.,/-])(?:\(\d{3}\) ?|\d{3}[-.])\d{3}[-.]\d{4}(?![\w-])")
_CALLED = re.compile(r"(?<!\w)(?:tel(?:efon(?:nummer)?)?|fon|handy(?:nummer)?|rufnummer|mobil(?:nummer)?|phone|"
                     r"whats ?app|t[ée]l[ée]phone|tel[ée]fono|тел(?:ефон)?|هاتف)"
                     r"(?:\W{1,3}(?:nr|no|number|unter|ist|is))?\W{1,3}"
                     rf"([1-9](?:{_GAP}{{0,3}}\d){{5,12}})(?!\w)", re.IGNORECASE)
_MONEY = re.compile(r"\s?(?:€|\$|£|%|EUR|Euro|Mio|Mill|[,:]\d)")
_GROUP = re.compile(r"\d+")
_YEAR = re.compile(r"(?:19|20)\d\d")

# Kraftfahrt-Bundesamt, list of the distinguishing signs of districts (with those given out again since 2012),
# needed because "LED AN 100" and "EU DS 2018" have the shape of a plate
_DISTRICTS = frozenset(re.findall(r"\w+", """
A AA AB ABG ABI AC AE AH AIB AIC AK AL ALF ALS ALZ AM AN ANA ANG ANK AP APD ARN ART AS ASL ASZ AT AU AUR AW AZ AZE AÖ
B BA BAD BAR BB BBG BC BCH BD BE BED BER BF BGD BGL BH BI BID BIN BIR BIT BIW BK BKS BL BLB BLK BM BN BNA BO BOG BOH
BOR BOT BRA BRB BRG BRK BRL BRV BS BSB BSK BT BTF BUL BW BZ BZA BÖ BÜD BÜR BÜS BÜZ C CA CAS CB CE CHA CLP CLZ CO COC
COE CR CUX CW D DA DAH DAN DAU DB DBR DD DE DEG DEL DGF DH DI DIL DIN DIZ DKB DL DLG DM DN DO DON DU DUD DW DZ DÜW E
EA EB EBE EBN EBS ECK ED EE EF EG EH EI EIC EIH EIL EIN EIS EL EM EMD EMS EN ER ERB ERH ERK ERZ ES ESB ESW EU EUT EW
F FB FD FDB FDS FEU FF FFB FG FH FI FKB FL FLÖ FN FO FOR FR FRG FRI FRW FS FT FTL FW FZ FÜ FÜS G GA GAN GAP GC GD GDB
GE GEL GEM GEO GER GF GG GHA GHC GI GK GL GLA GM GMN GN GNT GOA GOH GP GR GRA GRH GRI GRM GRZ GS GT GTH GUB GUN GV GVM
GW GZ GÖ GÜ H HA HAB HAL HAM HAS HB HBN HBS HC HCH HD HDH HDL HE HEB HEF HEI HEL HER HET HF HG HGN HGW HH HHM HI HIG
HIP HK HL HM HMÜ HN HO HOG HOH HOL HOM HOR HOT HP HR HRO HS HSK HST HU HV HVL HWI HX HY HZ HÖS HÜN IGB IK IL ILL IN
IS IZ J JB JE JL JÜL K KA KAR KB KC KE KEH KEL KEM KF KG KH KI KIB KK KL KLE KLZ KM KN KO KR KRU KS KT KU KUS KW KY
KYF KÖN KÖT KÖZ KÜN L LA LAN LAU LB LBS LBZ LC LD LDK LDS LEO LER LEV LF LG LH LI LIB LIF LIN LIP LL LM LN LOS LP LR
LRO LSZ LU LUP LWL LÖ LÖB LÜN M MA MAB MAI MAK MAL MB MC MD ME MED MEG MEI MEK MEL MER MET MG MGH MGN MH MHL MI MIL
MK MKK ML MM MN MO MOD MOL MON MOS MQ MR MS MSE MSH MSP MST MTK MTL MVL MW MY MYK MZ MZG MÜ MÜB MÜL MÜN MÜR N NAB NAI
NAU NB ND NDH NE NEA NEB NEC NEN NES NEU NEW NF NH NI NK NL NM NMB NMS NOH NOL NOM NOR NP NR NRÜ NT NU NVP NW NWM NY
NZ NÖ OA OAL OB OBB OBG OC OCH OD OE OF OG OH OHA OHV OHZ OK OL OP OPR OS OSL OTW OVI OVL OVP OZ P PA PAF PAN PAR PB
PCH PE PEG PER PF PI PIR PL PLÖ PM PN PR PRÜ PS PW PZ QFT QLB R RA RC RD RDG RE REG REH REI RG RH RI RID RIE RL RM RN
RO ROD ROF ROH ROK ROL ROS ROT ROW RP RS RSL RT RU RV RW RZ RÜD RÜG S SAB SAD SAL SAN SAW SB SBG SBK SC SCZ SDH SDL
SDT SE SEB SEE SEF SEL SFB SFT SG SGH SHA SHG SHK SHL SI SIG SIM SK SL SLE SLF SLK SLN SLS SLZ SLÜ SM SN SO SOB SOG
SOK SON SP SPB SPN SR SRB SRO ST STA STB STD STE STL STO SU SUL SW SWA SY SZ SZB SÄK SÖM SÜW TBB TDO TE TET TF TG TIR
TO TP TR TS TT TUT TÖL TÜ UE UEM UFF UH UL UM UN USI V VAI VB VEC VER VG VIB VIE VIT VK VOF VOH VS W WA WAF WAK WAN WAR
WAT WB WBS WDA WE WEB WEG WEL WEM WEN WER WES WF WG WHV WI WIL WIN WIS WIT WIZ WK WL WLG WM WMS WN WND WO WOB WOH WOL
WOR WOS WR WRN WS WSF WST WSW WT WTL WTM WUG WUN WUR WW WZ WZL WÜ WÜM Z ZE ZEL ZI ZIG ZIR ZP ZR ZW ZZ"""))
_DAYS = frozenset(("MO", "DI", "MI", "DO", "FR", "SA", "SO"))
# HJ, KZ, NS, SA and SS are not given out; the law (FZV, annex 1) allows eight characters in all
_PLATE = re.compile(r"(?<![\w-])([A-ZÄÖÜ]{1,3})([ \u00a0]?[-–:][ \u00a0]?|[ \u00a0])"
                    r"(?!HJ|KZ|NS|SA|SS)([A-Z]{1,2})[ \u00a0-]?([1-9]\d{0,3})(?:[ \u00a0]?[EH](?!\w))?"
                    r"(?!\w|[.,:/–-]\d|[ \u00a0]?(?:€|%|(?:Uhr|km|m)(?!\w)))")
_SAID = re.compile(r"(?:kennzeichen|nummernschild|number plate|licen[cs]e plate|registration)\W{1,3}(?:\w{1,8}\W{1,2})?"
                   r"([A-ZÄÖÜ]{1,3}[ :–-]{1,3}[A-Z]{1,2}[ -]?[1-9]\d{0,3}[EH]?)(?!\w)", re.IGNORECASE)


def plain_digits(text: str) -> str:
    """The text with the digits of every script as 0 to 9, so that a number is found in Arabic, too; places stay."""
    return _DIGIT.sub(lambda digit: str(int(digit[0])), text)


def all_places(text: str) -> Places:
    """Everything that this module finds, in the order of the text; no character belongs to two of them."""
    rest = plain_digits(text)
    found: Places = []
    for finder in (emails, ibans, phones, plates):
        for start, end in finder(rest):
            found.append((start, end))
            rest = rest[:start] + "\0" * (end - start) + rest[end:]
    return sorted(found)


def emails(text: str) -> Places:
    """E-mail addresses, also those written so that machines should not read them."""
    return [m.span() for m in _EMAIL.finditer(text)] if "@" in text or _AT_WORD.search(text) else []


def ibans(text: str) -> Places:
    """Account numbers: the length is the country's and the check digits are right (ISO 13616, mod 97 = 1)."""
    found: Places = []
    for m in _IBAN.finditer(text):
        if found and m.start() < found[-1][1]:
            continue
        length = _IBAN_LENGTHS.get(m[1][:2].upper(), 0)
        ends = [n for n, c in enumerate(m[1], 1) if c.isalnum()]
        if not length or len(ends) < length:
            continue
        end = m.start() + ends[length - 1]
        number = "".join(c for c in m[1][:ends[length - 1]] if c.isalnum()).upper()
        if not text[end:end + 1].isalnum() and int("".join(str(int(c, 36)) for c in number[4:] + number[:4])) % 97 == 1:
            found.append((m.start(), end))
    return found


def phones(text: str) -> Places:
    """Telephone numbers: international, German with area code, mobile; others where they are called so."""
    found: Places = []
    at = 0
    while m := _PHONE.search(text, at):
        length = _dialled(m[0])
        if length and not _MONEY.match(text, m.start() + length):
            found.append((m.start(), m.start() + length))
            at = m.start() + length
        else:
            first = _GROUP.search(text, m.start())
            at = first.end() if first else m.end()
    found += [m.span() for m in _AMERICAN.finditer(text)]
    found += [m.span(1) for m in _CALLED.finditer(text)
              if not all(_YEAR.fullmatch(g) for g in _GROUP.findall(m[1])) and not _MONEY.match(text, m.end())]
    return _apart(found)


def plates(text: str) -> Places:
    """German number plates: district, one or two letters, up to four digits, E or H."""
    found = []
    for m in _PLATE.finditer(text):
        district, gap, letters, digits = m.groups()
        if district not in _DISTRICTS or len(district + letters + digits) > 8:
            continue
        if {district, letters} <= _DAYS:  # MO-FR 8 to 16
            continue
        # Roads (A 60, B 40), lines (S 3, U 4) and norms (DIN A4, DIN EN 1176) come after a word in
        # capitals; a plate without its hyphen is one only with two letters.
        if gap.isspace() and (len(letters) == 1 or district == "DIN"):
            continue
        if len(district + letters) == 2 and len(digits) < 2:
            continue
        found.append(m.span())
    return _apart(found + [m.span(1) for m in _SAID.finditer(text)])


def _dialled(run: str) -> int:
    """How much of a run of digits and gaps is a telephone number, from its beginning; 0 for nothing."""
    spans = [m.span() for m in _GROUP.finditer(run)][:9]
    groups = [run[start:end] for start, end in spans]
    lengths = list(accumulate(map(len, groups)))
    for n in range(len(groups), 0, -1):
        if lengths[n - 1] <= 17 and _dials(groups[:n], lengths[n - 1], "+" in run[:3]):
            return spans[n - 1][1]
    return 0


def _dials(groups: list[str], digits: int, plus: bool) -> bool:
    """Whether groups of digits are dialled: not a date, hours, postal codes, a file number or a price."""
    first = groups[0]
    if plus:  # ITU-T E.164: fifteen digits at most
        return 8 <= digits <= 16
    if first.startswith("00"):
        return digits >= 10 and (first == "00" or len(first) >= 4) and not first.startswith("000")
    if digits > 13:
        return False
    if len(groups) == 1:
        return digits >= 9
    if len(first) == 1:  # 0 61 31 / 12 34 56, as old letterheads have it
        return digits >= 9 and len(groups[1]) >= 2 and groups[1][0] != "0" and max(map(len, groups)) <= 4
    if len(first) == 2:  # 01 23 45 67 89 in France, 06 1234 5678 in Rome; but 01.04.2026 – 30.09.2026
        pairs = len(groups) == 5 and all(len(g) == 2 for g in groups)
        return pairs or (digits >= 9 and all(len(g) >= 3 and not _YEAR.fullmatch(g) for g in groups[1:]))
    if len(first) == len(groups[1]) == 5 and groups[1][0] == "0":  # 01067-01099 are postal codes
        return False
    return len(first) <= 6 and digits >= 8 and not (len(groups) == 2 and _YEAR.fullmatch(groups[1]))


def _apart(found: Places) -> Places:
    """In the order of the text, without those that lie in another."""
    out: Places = []
    for start, end in sorted(found, key=lambda place: (place[0], -place[1])):
        if not out or start >= out[-1][1]:
            out.append((start, end))
    return out
