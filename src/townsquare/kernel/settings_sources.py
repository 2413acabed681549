"""From where settings are read: defaults, then `townsquare.toml`, then the environment, then `--set key=value`.

The later goes over the earlier. A key is written with dots (`sign_up.mode`); its environment variable is `TOWNSQUARE_`
and the key in capitals with underscores (`TOWNSQUARE_SIGN_UP_MODE`). Lists are written with commas outside the file.
"""

import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast, get_args, get_origin

import msgspec

from townsquare.kernel.settings import OWN, Settings

PREFIX = "TOWNSQUARE_"
RUN = "TOWNSQUARE_RUN"
"""The variable with which the command line tells the processes that it starts where the resolved settings are."""
SECRET = frozenset(
    {
        "archive.source",
        "database_url",
        "mail.fallback.password",
        "mail.password",
        "metrics.token",
        "storage.fallback.secret_access_key",
        "storage.secret_access_key",
        "translation.api_key",
    }
)
HIDDEN = "(hidden)"
DEFAULT = "default"
"""The source of what nobody has said anything of."""
BOOLEAN = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


class SettingsError(Exception):
    """A wrong key or value. Its text names the key, where it stands, and what would be right."""


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
