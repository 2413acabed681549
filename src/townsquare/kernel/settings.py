"""Settings: defaults, then `townsquare.toml`, then the environment, then `--set key=value`; the later over the earlier.

A key is written with dots (`sign_up.mode`); its environment variable is `TOWNSQUARE_` and the key in capitals with
underscores (`TOWNSQUARE_SIGN_UP_MODE`). Lists are written with commas outside the file.
"""

import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, cast, get_args, get_origin

import msgspec

PREFIX = "TOWNSQUARE_"
RUN = "TOWNSQUARE_RUN"
"""The variable with which the command line tells the processes that it starts where the resolved settings are."""
SECRET = frozenset(
    {"database_url", "mail.password", "metrics.token", "storage.secret_access_key", "translation.api_key"}
)
HIDDEN = "(hidden)"
DEFAULT = "default"
"""The source of what nobody has said anything of."""
OWN = (
    "title", "description", "contact_email", "languages", "look.accent", "look.icon", "look.banner", "front.timelines",
    "digest.lists", "sign_up.mode", "sign_up.question", "sign_up.closed", "sign_up.minimum_age", "trends.enabled",
    "trends.review", "moderation.show_domain_blocks",
)  # fmt: skip
"""What can also be chosen on the pages of those who run the place, where neither file, environment nor command line
say anything of it."""
BOOLEAN = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


class SettingsError(Exception):
    """A wrong key or value. Its text names the key, where it stands, and what would be right."""


Count = Annotated[int, msgspec.Meta(ge=1)]


class SignUpMode(StrEnum):
    OPEN = "open"
    APPROVAL = "approval"
    INVITE = "invite"
    CLOSED = "closed"


class SignUp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    mode: SignUpMode = SignUpMode.OPEN
    confirm_email: bool = True
    minimum_age: Annotated[int, msgspec.Meta(ge=0, le=120)] = 16
    question: str = ""
    """What people are asked who want an account; empty: why they want to join."""
    closed: str = ""
    """What is said to them while nobody is let in."""


class Look(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`icon` and `banner` are names of files in the store; empty: those that come with the program."""

    accent: Annotated[str, msgspec.Meta(pattern="^(#[0-9a-f]{6})?$")] = ""
    """The colour of what can be pressed; empty: the program's own."""
    icon: str = ""
    banner: str = ""


class Front(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    timelines: bool = True
    """Strangers may read what everybody here writes, as a list; single posts can be read either way."""


class Digest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    lists: tuple[Literal["follows", "popular", "announcements"], ...] = ("follows", "popular", "announcements")
    """Of what people can have themselves told by the day or the week; empty: there are no such messages."""


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    enabled: bool = True
    status_characters: Count = 1000
    media_attachments: Annotated[int, msgspec.Meta(ge=0)] = 4
    poll_options: Annotated[int, msgspec.Meta(ge=2)] = 4
    poll_option_characters: Count = 50
    poll_shortest: Count = 300
    poll_longest: Count = 2_629_746
    """Seconds."""
    image_bytes: Count = 16 * 1024 * 1024
    image_pixels: Count = 50_000_000
    video_bytes: Count = 100 * 1024 * 1024
    video_pixels: Count = 4096 * 2304
    """Of a frame, as it is sent; larger ones than 1920x1080 are made smaller."""
    video_frame_rate: Count = 240
    """Frames a second, as they are sent; what is over 60 is left out."""
    video_seconds: Count = 15 * 60
    audio_bytes: Count = 100 * 1024 * 1024
    audio_seconds: Count = 3 * 60 * 60
    media_tracks: Count = 16
    """Of a file: pictures, sound, subtitles, whatever else cameras put in."""
    media_in_work: Count = 10
    """Files of one account that are waiting or being worked on."""
    body_bytes: Count = 1024 * 1024
    per_account: Count = 1500
    """Requests in five minutes by one signed-in account."""
    per_address: Count = 300
    """Requests in five minutes by one address without a token."""
    pictures_per_account: Count = 60
    """Pictures that one account may send in five minutes: each takes a second or more of a processor."""

    def body(self, pictures: int, media: int) -> int:
        """Bytes of a request that may bring so many files."""
        return self.body_bytes + pictures * self.image_bytes + media * max(self.video_bytes, self.audio_bytes)


class Auth(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    password_grant: bool = False
    session_days: Count = 90


class Mail(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    host: str = ""
    """Empty: messages are written to the log instead of sent."""
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 587
    username: str = ""
    password: str = ""
    sender: str = ""
    tls: Literal["starttls", "tls", "none"] = "starttls"


class Storage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    url: str = ""
    """Empty: the folder `media` in the data folder. Else `s3://bucket/prefix`, `gs://…`, `az://…`."""
    endpoint: str = ""
    region: str = ""
    access_key_id: str = ""
    secret_access_key: str = ""
    signed: bool = False
    """Whoever asks for a file is sent to the store, with an address that holds for an hour."""
    public_url: str = ""
    """Whoever asks for a file is sent there: where the store, or a network of caches, gives files out to everybody."""


class Metrics(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    token: str = ""
    """With it `/metrics` can be read from anywhere; without it from this machine only."""


class Push(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    private_networks: tuple[str, ...] = ()
    """Networks of one's own in which push services may be; else only the open Internet is reached."""


class Web(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    """Addresses and networks whose `X-Forwarded-For` is believed."""


class Moderation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    show_domain_blocks: Literal["all", "users", "nobody"] = "all"
    """Who may see which other servers are limited or suspended here, and what is said of it in public."""


class Federation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    limited: bool = False
    """Nothing to do with servers that are not allowed by name."""


class Home(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    push_bound: Count = 20_000
    """An author with more local followers than this, or a hashtag, is pulled in when a timeline is read."""
    length: Count = 800
    """Posts that a home timeline keeps."""
    dormant_days: Count = 30
    """After so many days without a visit no more posts are pushed; they are fetched on return."""


class Outside(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    allow: tuple[str, ...] = ()
    """Networks of one's own that pages may be fetched from, beside the open Internet."""
    cards: bool = True
    """Links in posts are looked at, and shown with title and picture."""


class Translation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    url: str = ""
    """Of a LibreTranslate, without `/translate`; empty: nothing is translated."""
    api_key: str = ""


class Trends(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    enabled: bool = True
    review: bool = True
    """Nothing trends before the staff have looked at it: hashtag, link or its publisher, post or its author."""
    accounts: Count = 5
    """So many people of a day make a trend."""


class Database(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    binaries: str = ""
    """Folder that holds `initdb`, `pg_ctl` and `postgres`; empty: searched for."""
    connections: Count = 8
    """Connections of each process."""


class Log(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "text"] = "auto"
    """`auto`: text on a terminal, JSON elsewhere."""
    requests: bool = False
    """A line for each request, not only for the failed ones."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that an operator can choose."""

    public_url: str = ""
    """Where people reach the service; empty: where it listens."""
    database_url: str = ""
    """Empty: PostgreSQL is run in the data folder."""
    title: str = "Townsquare"
    description: str = "A town square of our own."
    contact_email: str = ""
    languages: tuple[str, ...] = ("en",)
    look: Look = Look()
    front: Front = Front()
    digest: Digest = Digest()
    sign_up: SignUp = SignUp()
    limits: Limits = Limits()
    auth: Auth = Auth()
    mail: Mail = Mail()
    storage: Storage = Storage()
    metrics: Metrics = Metrics()
    web: Web = Web()
    push: Push = Push()
    home: Home = Home()
    outside: Outside = Outside()
    translation: Translation = Translation()
    trends: Trends = Trends()
    moderation: Moderation = Moderation()
    federation: Federation = Federation()
    database: Database = Database()
    log: Log = Log()
    development: bool = False
    """There are pages for those who work on the program: /styleguide."""

    @property
    def domain(self) -> str:
        """Host, with a port that is not the scheme's own: the part after the @ in a handle."""
        return self.public_url.partition("://")[2].partition("/")[0]


class Setting(msgspec.Struct, frozen=True):
    key: str
    value: object
    source: str

    @property
    def shown(self) -> str:
        """The value as text, with secrets hidden."""
        if self.key in SECRET and self.value:
            return HIDDEN
        if isinstance(self.value, tuple | list):
            return ", ".join(str(item) for item in cast("Iterable[object]", self.value))
        return str(self.value).lower() if isinstance(self.value, bool) else str(self.value)


class Loaded(msgspec.Struct, frozen=True):
    settings: Settings
    all: list[Setting]

    @property
    def said(self) -> Mapping[str, str]:
        """The keys that a source says something of, and which one does."""
        return {one.key: one.source for one in self.all if one.source != DEFAULT}


class Resolved(msgspec.Struct, frozen=True):
    """Settings of a start, every blank filled in. `said`: see `Loaded`."""

    settings: Settings
    said: Mapping[str, str] = {}


def load(file: Path | None, environ: Mapping[str, str], options: Iterable[str]) -> Loaded:
    """Settings from their three sources. `options` are `key=value` texts. Raises SettingsError."""
    known = dict(_leaves(Settings))
    chosen: dict[str, Setting] = {}
    for given in (_from_file(file), _from_environment(environ, known), _from_options(options)):
        for setting in given:
            if setting.key not in known:
                raise SettingsError(_unknown(setting, known))
            chosen[setting.key] = msgspec.structs.replace(setting, value=_convert(setting, known[setting.key]))
    settings = msgspec.convert(_nest(chosen), Settings)
    _check_url(settings, chosen)
    defaults = {key: Setting(key, value_of(settings, key), DEFAULT) for key in known}
    return Loaded(settings, list((defaults | chosen).values()))


def override(settings: Settings, options: Iterable[str]) -> Settings:
    """The settings of a service that runs, with `key=value` texts over them. Raises SettingsError."""
    known = dict(_leaves(Settings))
    chosen = {key: Setting(key, value_of(settings, key), "the running service") for key in known}
    for setting in _from_options(options):
        if setting.key not in known:
            raise SettingsError(_unknown(setting, known))
        chosen[setting.key] = msgspec.structs.replace(setting, value=_convert(setting, known[setting.key]))
    changed = msgspec.convert(_nest(chosen), Settings)
    _check_url(changed, chosen)
    return changed


def own_values(values: Mapping[str, object], source: str) -> dict[str, object]:
    """Values of OWN, checked. Raises SettingsError for one that cannot be, and KeyError for another key."""
    known = {key: shape for key, shape in _leaves(Settings) if key in OWN}
    return {key: _convert(Setting(key, value, source), known[key]) for key, value in values.items()}


def become(settings: Settings, base: Settings, values: Mapping[str, object]) -> None:
    """Change settings in place to what `base` is with other values, so that whoever has them in hand sees it too.

    Everything that is made of settings when a process starts holds the same object: pages, methods, effects.
    """
    chosen = {key: Setting(key, value_of(base, key), DEFAULT) for key, _ in _leaves(Settings)}
    chosen |= {key: Setting(key, value, DEFAULT) for key, value in values.items()}
    changed = msgspec.convert(_nest(chosen), Settings)
    for field in {key.partition(".")[0] for key in OWN}:
        msgspec.structs.force_setattr(settings, field, getattr(changed, field))


def dump_resolved(settings: Settings, file: Path, said: Mapping[str, str] = MappingProxyType({})) -> None:
    """Write settings with every blank filled in for the processes of one start; readable by nobody else.

    `said`: see `Loaded`.
    """
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_bytes(msgspec.json.encode(Resolved(settings, said)))
    fresh.rename(file)


def load_resolved(environ: Mapping[str, str]) -> Resolved:
    """What `dump_resolved` wrote, from the file that the environment names. Raises SettingsError."""
    file = environ.get(RUN, "")
    if not file:
        raise SettingsError(f"{RUN} is not set: start with `townsquare up`, `townsquare web` or `townsquare work`")
    try:
        return msgspec.json.decode(Path(file).read_bytes(), type=Resolved)
    except (OSError, msgspec.DecodeError) as error:
        raise SettingsError(f"{RUN} = {file!r} cannot be read: {error}") from error


def _leaves(shape: type[msgspec.Struct], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for field in msgspec.structs.fields(shape):
        key, inner = prefix + field.name, field.type
        if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            yield from _leaves(inner, key + ".")
        else:
            yield key, inner


def _from_file(file: Path | None) -> Iterator[Setting]:
    if file is None or not file.exists():
        return
    try:
        tree = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} is not valid TOML: {error}") from error
    yield from _flatten(tree, str(file))


def _flatten(tree: Mapping[str, Any], source: str, prefix: str = "") -> Iterator[Setting]:
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _flatten(cast("dict[str, Any]", value), source, f"{prefix}{name}.")
        else:
            yield Setting(prefix + name, value, source)


def _from_environment(environ: Mapping[str, str], known: Mapping[str, Any]) -> Iterator[Setting]:
    by_variable = {PREFIX + key.upper().replace(".", "_"): key for key in known}
    for variable, value in environ.items():
        if variable.startswith(PREFIX) and variable != RUN:
            yield Setting(by_variable.get(variable, variable), value, f"environment ({variable})")


def _from_options(options: Iterable[str]) -> Iterator[Setting]:
    for option in options:
        key, equals, value = option.partition("=")
        if not equals:
            raise SettingsError(f"--set {option}: write it as key=value, for example --set sign_up.mode=approval")
        yield Setting(key.strip(), value, "command line")


def _convert(setting: Setting, shape: Any) -> object:
    value = setting.value
    if isinstance(value, str) and get_origin(shape) is tuple:
        value = [part.strip() for part in value.split(",") if part.strip()]
    elif isinstance(value, str) and shape is bool:
        value = BOOLEAN.get(value.strip().lower(), value)
    try:
        return msgspec.convert(value, shape, strict=False)
    except msgspec.ValidationError as error:
        given = HIDDEN if setting.key in SECRET else repr(setting.value)
        raise SettingsError(
            f"{setting.key} = {given} ({setting.source}) is wrong: {_expected(shape, error)}"
        ) from error


def _expected(shape: Any, error: msgspec.ValidationError) -> str:
    if shape is bool:
        return "write true or false"
    choices = list(shape) if isinstance(shape, type) and issubclass(shape, StrEnum) else get_args(shape)
    if choices and all(isinstance(choice, str) for choice in choices):
        return "choose " + " or ".join([", ".join(choices[:-1]), choices[-1]])
    said = str(error).replace("Expected `int`, got `str`", "write a whole number")
    return said.replace("Expected `int` >=", "write a number of at least").replace(
        "Expected `int` <=", "write a number of at most"
    )


def _nest(chosen: Mapping[str, Setting]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for key, setting in chosen.items():
        *path, name = key.split(".")
        branch = tree
        for part in path:
            branch = branch.setdefault(part, {})
        branch[name] = setting.value
    return tree


def value_of(settings: Settings, key: str) -> object:
    """What a key stands at."""
    value: object = settings
    for part in key.split("."):
        value = getattr(value, part)
    return value


def _unknown(setting: Setting, known: Mapping[str, Any]) -> str:
    written = setting.key.lower().removeprefix(PREFIX.lower())
    flat = {key.replace(".", "_"): key for key in known}
    inside = [key for key in known if key.startswith(written + ".")]
    near = inside or [flat[name] for name in get_close_matches(written.replace(".", "_"), flat, n=1)]
    near += [key for key in known if key.rpartition(".")[2] == written]
    hint = f"Did you mean {near[0]}?" if near else "`townsquare settings` prints all that there are."
    return f"{setting.key} ({setting.source}) is not a setting. {hint}"


def _check_url(settings: Settings, chosen: Mapping[str, Setting]) -> None:
    url = settings.public_url
    scheme = url.partition("://")[0]
    if url and (scheme not in ("http", "https") or url != f"{scheme}://{settings.domain}" or not settings.domain):
        source = chosen["public_url"].source
        raise SettingsError(
            f"public_url = {url!r} ({source}) is wrong: write it as https://example.org, without a path or a last /"
        )
