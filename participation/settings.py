"""The operator's settings: read once from the environment, frozen, refused when unsafe.

Each setting is declared once below with its default and its help; the README's table and the
tests are made from this declaration. A site is in production as soon as `PUBLIC_URL` names a host
other people can reach; then no secret may be missing, short or a default.
"""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from dataclasses import field as declared
from pathlib import Path
from urllib.parse import urlsplit

from participation.errors import Unsafe

HOUSE = Path(__file__).resolve().parent
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
SHORTEST_SECRET = 32
LONGEST_RECEIVER = 300
NO_TILES = "off"
BUILT_IN = "built-in"  # the key of this site's own pool among the receivers


def _setting(help: str, default: str = "", secret: bool = False) -> str:
    return declared(default=default, metadata={"help": help, "secret": secret})


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment, by the names of its variables in lower case."""

    database_url: str = _setting("SQLAlchemy address; empty: SQLite in DATA_DIR")
    redis_url: str = _setting("Redis or Valkey; empty: one is started in DATA_DIR by `participation run`")
    secret_key: str = _setting("signs sessions, codes and secret links; at least 32 characters", secret=True)
    mail_url: str = _setting("smtp://user:password@host:587 or file:///folder; empty: files in DATA_DIR/mail",
                             secret=True)
    public_url: str = _setting("the address people type in; another host than this machine means production",
                               "http://127.0.0.1:8000")
    city_file: str = _setting("the city's own file", str(HOUSE / "cities" / "mainz.toml"))
    pool_url: str = _setting("where records are delivered: addresses, by spaces; `built-in` is this site's own pool, "
                             "and what counts when it is empty")
    pool_secret: str = _setting("signs deliveries (Standard Webhooks); at least 32 characters", secret=True)
    pool_secret_old: str = _setting("the secret before, while both sides change to a new one: signs and verifies "
                                    "beside it", secret=True)
    pool_allow_private: str = _setting("`yes` allows POOL_URL to name an address inside a private network")
    local_url: str = _setting("where this machine reaches the site itself; empty: PUBLIC_URL")
    translate_url: str = _setting("a LibreTranslate-compatible service that translates what is public; empty: no "
                                  "machine translates")
    translate_key: str = _setting("its key, where it asks for one", secret=True)
    export_dir: str = _setting("folder of the nightly export; empty: DATA_DIR/export")
    tiles_url: str = _setting(
        "tiles of the maps: an address with {z}, {x} and {y}; `off` draws the districts alone and asks no other host",
        "https://sgx.geodatenzentrum.de/wmts_basemapde/tile/1.0.0/de_basemapde_web_raster_farbe/default/"
        "GLOBAL_WEBMERCATOR/{z}/{y}/{x}.png")
    tiles_attribution: str = _setting("what the tiles' licence wants to be said on each map",
                                      "© basemap.de / BKG, CC BY 4.0")
    offline_page: str = _setting("`no` takes the service worker and what it keeps off people's browsers again")
    data_dir: str = _setting("folder for everything that is kept in files", "var")

    @property
    def production(self) -> bool:
        """Whether others than this machine's users can reach the site."""
        return (urlsplit(self.public_url).hostname or "") not in LOOPBACK

    @property
    def keeps_offline(self) -> bool:
        """Whether browsers keep a page for when there is no connection."""
        return self.offline_page != "no"

    @property
    def data(self) -> Path:
        """DATA_DIR as an absolute path."""
        return Path(self.data_dir).resolve()

    @property
    def database(self) -> str:
        """The database's address, with the embedded default."""
        return self.database_url or f"sqlite:///{self.data / 'participation.sqlite'}"

    @property
    def redis(self) -> str:
        """Redis' address, with the embedded default's socket."""
        return self.redis_url or f"unix://{self.data / 'redis.sock'}"

    @property
    def mail(self) -> str:
        """Where mail goes, with the embedded default's folder."""
        return self.mail_url or f"file://{self.data / 'mail'}"

    @property
    def tile_host(self) -> str:
        """The origin that the maps' tiles come from, as https://tiles.example; "" where there are none."""
        url = urlsplit(self.tiles_url)
        return "" if self.tiles_url == NO_TILES else f"{url.scheme}://{url.netloc}"

    @property
    def receivers(self) -> tuple[str, ...]:
        """Who records are delivered to: addresses, or `built-in` for this site's own pool."""
        return tuple(dict.fromkeys(self.pool_url.split())) or (BUILT_IN,)

    @property
    def pool_secrets(self) -> tuple[str, ...]:
        """What deliveries are signed and verified with: the secret, and the one before while both count."""
        return tuple(secret for secret in (self.pool_secret, self.pool_secret_old) if secret)

    def address_of(self, receiver: str) -> str:
        """Where a receiver listens; the pool built in is reached over HTTP like any other."""
        own = f"{(self.local_url or self.public_url).rstrip('/')}/api/v1/pool/inbox"
        return own if receiver == BUILT_IN else receiver

    @property
    def export(self) -> Path:
        """EXPORT_DIR, with the embedded default's folder."""
        return Path(self.export_dir).resolve() if self.export_dir else self.data / "export"


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings from an environment; secrets that are missing on one machine are made and kept.

    Raises Unsafe, naming every variable at fault, when production lacks a secret or a real address.
    """
    given = {f.name: environ[f.name.upper()].strip() for f in fields(Settings) if environ.get(f.name.upper())}
    settings = Settings(**given)
    if problems := _wrong_receivers(settings) + _wrong_tiles(settings) + _wrong_translator(settings):
        raise Unsafe("unsafe_settings", what="The site does not start like this:\n- " + "\n- ".join(problems))
    if settings.production:
        _refuse_unsafe(settings)
        return settings
    made = {name: given.get(name) or _kept_secret(settings.data / name) for name in ("secret_key", "pool_secret")}
    return Settings(**given | made)


def _refuse_unsafe(settings: Settings) -> None:
    problems = [
        f"{name.upper()} must be set to at least {SHORTEST_SECRET} characters that nobody can guess"
        for name in ("secret_key", "pool_secret")
        if len(getattr(settings, name)) < SHORTEST_SECRET or len(set(getattr(settings, name))) < 8
    ]
    if settings.pool_secret_old and len(settings.pool_secret_old) < SHORTEST_SECRET:
        problems.append(f"POOL_SECRET_OLD must be empty or have at least {SHORTEST_SECRET} characters")
    if not settings.public_url.startswith("https://"):
        problems.append("PUBLIC_URL must begin with https:// when others can reach the site")
    if not settings.mail_url.startswith(("smtp://", "smtps://")):
        problems.append("MAIL_URL must name a mail server, as smtp://user:password@host:587")
    if not settings.redis_url:
        problems.append("REDIS_URL must name a Redis or Valkey server")
    if problems:
        raise Unsafe("unsafe_settings", what="The site does not start like this:\n- " + "\n- ".join(problems))


def _wrong_receivers(settings: Settings) -> list[str]:
    """What is wrong with the addresses in POOL_URL; each problem says what to do."""
    problems = []
    for receiver in settings.receivers:
        url = urlsplit(receiver)
        if receiver == BUILT_IN:
            continue
        if url.scheme not in ("http", "https") or not url.hostname or len(receiver) > LONGEST_RECEIVER:
            problems.append(f"POOL_URL must hold `{BUILT_IN}` or addresses that begin with https://, of at most "
                            f"{LONGEST_RECEIVER} characters")
        elif url.username or url.password:
            problems.append("POOL_URL must not hold a name or a password: what is delivered is signed with POOL_SECRET")
        elif settings.production and url.scheme == "http" and url.hostname not in LOOPBACK:
            problems.append("POOL_URL must begin with https:// when it names another machine")
    return problems


def _wrong_tiles(settings: Settings) -> list[str]:
    """What is wrong with TILES_URL, which stands in the pages' policy, too."""
    if settings.tiles_url == NO_TILES:
        return []
    safe = re.fullmatch(r"(https?)://([a-z0-9.-]+|\[[0-9a-f:]+\])(:\d+)?/[^\s'\";,]*", settings.tiles_url)
    if not safe or not all(part in settings.tiles_url for part in ("{z}", "{x}", "{y}")):
        return [f"TILES_URL must be `{NO_TILES}` or an address that begins with https:// and has "
                "{z}, {x} and {y} in it"]
    if settings.production and safe[1] == "http" and urlsplit(settings.tiles_url).hostname not in LOOPBACK:
        return ["TILES_URL must begin with https:// when others can reach the site"]
    return []


def _wrong_translator(settings: Settings) -> list[str]:
    """What is wrong with TRANSLATE_URL. It may lie inside a private network, and what it gets is public, but a key is
    not said in the open."""
    url = urlsplit(settings.translate_url)
    if not settings.translate_url:
        return []
    if url.scheme not in ("http", "https") or not url.hostname or url.query or url.fragment or len(
            settings.translate_url) > LONGEST_RECEIVER:
        return [f"TRANSLATE_URL must be an address that begins with https://, of at most {LONGEST_RECEIVER} "
                "characters, without ? and #"]
    if url.username or url.password:
        return ["TRANSLATE_URL must not hold a name or a password: set TRANSLATE_KEY"]
    if settings.translate_key and url.scheme == "http" and url.hostname not in LOOPBACK:
        return ["TRANSLATE_URL must begin with https:// when TRANSLATE_KEY is set and it names another machine"]
    return []


def _kept_secret(file: Path) -> str:
    """A secret of this machine, made on first use; the folder and the file are for their owner alone."""
    if file.exists() and len(kept := file.read_text().strip()) >= SHORTEST_SECRET:
        return kept
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = secrets.token_urlsafe(48)
    try:
        with open(file, "x", opener=lambda path, flags: os.open(path, flags, 0o600)) as handle:
            handle.write(made)
    except FileExistsError:  # another process of the same start was faster: its secret counts
        return file.read_text().strip()
    return made
