"""Settings: defaults, then `townsquare.toml`, then the environment, then `--set key=value`; the later over the earlier.

A key is written with dots (`sign_up.mode`); its environment variable is `TOWNSQUARE_` and the key in capitals with
underscores (`TOWNSQUARE_SIGN_UP_MODE`). Lists are written with commas outside the file.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

import msgspec

PREFIX = "TOWNSQUARE_"
SECRET = frozenset({"database_url", "mail.password", "metrics.token", "storage.secret_access_key"})


class SettingsError(Exception):
    """A wrong key or value. Its text names the key, where it stands, and what would be right."""


class SignUpMode(StrEnum):
    OPEN = "open"
    APPROVAL = "approval"
    INVITE = "invite"
    CLOSED = "closed"


class SignUp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    mode: SignUpMode = SignUpMode.OPEN
    confirm_email: bool = True
    minimum_age: int = 16


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    enabled: bool = True
    status_characters: int = 1000
    media_attachments: int = 4
    image_bytes: int = 16 * 1024 * 1024
    body_bytes: int = 1024 * 1024
    per_account: int = 1500
    """Requests in five minutes by one signed-in account."""
    per_address: int = 300
    """Requests in five minutes by one address without a token."""


class Auth(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    password_grant: bool = False
    session_days: int = 90


class Mail(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    host: str = ""
    """Empty: messages are written to the log instead of sent."""
    port: int = 587
    username: str = ""
    password: str = ""
    sender: str = ""
    tls: str = "starttls"
    """`starttls`, `tls` or `none`."""


class Storage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    url: str = ""
    """Empty: the folder `media` in the data folder. Else `s3://bucket/prefix`, `gs://…`, `az://…`."""
    endpoint: str = ""
    region: str = ""
    access_key_id: str = ""
    secret_access_key: str = ""


class Metrics(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    token: str = ""
    """With it `/metrics` can be read from anywhere; without it from this machine only."""


class Web(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    """Addresses and networks whose `X-Forwarded-For` is believed."""


class Home(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    push_bound: int = 20_000
    """An author with more local followers than this is pulled in when a timeline is read."""
    length: int = 800
    """Posts that a home timeline keeps."""
    dormant_days: int = 30
    """After so many days without a visit no more posts are pushed; they are fetched on return."""


class Database(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    binaries: str = ""
    """Folder that holds `initdb`, `pg_ctl` and `postgres`; empty: searched for."""
    connections: int = 8
    """Connections of each process."""


class Log(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    level: str = "info"
    format: str = "auto"
    """`json`, `text`, or `auto`: text on a terminal, JSON elsewhere."""
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
    sign_up: SignUp = SignUp()
    limits: Limits = Limits()
    auth: Auth = Auth()
    mail: Mail = Mail()
    storage: Storage = Storage()
    metrics: Metrics = Metrics()
    web: Web = Web()
    home: Home = Home()
    database: Database = Database()
    log: Log = Log()

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
            return "(hidden)"
        if isinstance(self.value, tuple | list):
            return ", ".join(str(item) for item in cast("Iterable[object]", self.value))
        return str(self.value).lower() if isinstance(self.value, bool) else str(self.value)


class Loaded(msgspec.Struct, frozen=True):
    settings: Settings
    all: list[Setting]


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
    defaults = {key: Setting(key, _value_at(settings, key), "default") for key in known}
    return Loaded(settings, list((defaults | chosen).values()))


def _leaves(shape: type[msgspec.Struct], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for field in msgspec.structs.fields(shape):
        key = prefix + field.name
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            yield from _leaves(field.type, key + ".")
        else:
            yield key, field.type


def _from_file(file: Path | None) -> Iterator[Setting]:
    if file is None or not file.exists():
        return
    try:
        tree = tomllib.loads(file.read_text(encoding="utf-8"))
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
        if variable.startswith(PREFIX):
            yield Setting(by_variable.get(variable, variable), value, f"environment ({variable})")


def _from_options(options: Iterable[str]) -> Iterator[Setting]:
    for option in options:
        key, equals, value = option.partition("=")
        if not equals:
            raise SettingsError(f"--set {option}: write it as key=value, for example --set sign_up.mode=approval")
        yield Setting(key.strip(), value, "command line")


def _convert(setting: Setting, shape: Any) -> object:
    value = setting.value
    if isinstance(value, str) and shape not in (str, SignUpMode):
        value = [part.strip() for part in value.split(",") if part.strip()] if shape == tuple[str, ...] else value
        value = value.lower() if shape is bool and isinstance(value, str) else value
    try:
        return msgspec.convert(value, shape, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{setting.key} = {setting.value!r} ({setting.source}) is wrong: {error}") from error


def _nest(chosen: Mapping[str, Setting]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for key, setting in chosen.items():
        *path, name = key.split(".")
        branch = tree
        for part in path:
            branch = branch.setdefault(part, {})
        branch[name] = setting.value
    return tree


def _value_at(settings: Settings, key: str) -> object:
    value: object = settings
    for part in key.split("."):
        value = getattr(value, part)
    return value


def _unknown(setting: Setting, known: Mapping[str, Any]) -> str:
    last = setting.key.rpartition(".")[2].lower().removeprefix(PREFIX.lower())
    near = [key for key in known if last and key.replace(".", "_").endswith(last)]
    hint = f" Did you mean {near[0]}?" if near else " `townsquare settings` prints all that there are."
    return f"{setting.key} ({setting.source}) is not a setting.{hint}"


def _check_url(settings: Settings, chosen: Mapping[str, Setting]) -> None:
    url = settings.public_url
    if url and (not url.startswith(("http://", "https://")) or not settings.domain or url.count("/") > 2):
        source = chosen["public_url"].source
        raise SettingsError(f"public_url = {url!r} ({source}) is wrong: write it as https://example.org, without a path")
