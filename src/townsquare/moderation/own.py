"""The place's own settings: chosen on its pages, in force at once in all processes, each change in the audit log.

What a file, the environment or the command line say goes before them: who runs the machine has the last word.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
import structlog

from townsquare.accounts.model import invalid
from townsquare.db.pool import Db, Tx
from townsquare.kernel.domains import Domains, in_force
from townsquare.kernel.errors import DATABASE_LOST, Forbidden, Invalid
from townsquare.kernel.settings import OWN, Settings
from townsquare.kernel.settings_sources import SettingsError, become, own_values, value_of
from townsquare.kernel.words import Words
from townsquare.moderation import audit
from townsquare.moderation import store_own as store
from townsquare.moderation.audit import Deed
from townsquare.moderation.model import Actor

DOMAINS: Final = "domains"
"""The key of what `townsquare domain` has said: no setting that pages can choose."""
SOURCE: Final = "the pages of the place"
LONGEST: Final[Mapping[str, int]] = {
    "title": 60, "description": 500, "contact_email": 254, "sign_up.question": 300, "sign_up.closed": 1000,
    "front.welcome": 2000,
}  # fmt: skip

log = structlog.get_logger("settings")


class Own:
    """The settings of this process. `settings` is one object, which changes in place when something is chosen anew."""

    def __init__(self, base: Settings, said: Mapping[str, str], begin_anew: Callable[[], None] = lambda: None) -> None:
        """`begin_anew`: called when the place has another address, of which pages and streams are made at the start."""
        self._begin_anew = begin_anew
        self._base = base
        self.said: Mapping[str, str] = {key: source for key, source in said.items() if key in OWN}
        """The keys of OWN that cannot be chosen here, and where they are said."""
        self.settings = msgspec.structs.replace(base)
        self.domains: Domains | None = None
        self._loading: asyncio.Task[None] | None = None

    async def load(self, db: Db) -> None:
        """Be as the database says. What cannot be understood (of another version, for example) is passed over."""
        values: dict[str, object] = {}
        chosen = await store.everything(db)
        for key, value in chosen.items():
            if key in OWN and key not in self.said:
                try:
                    values |= own_values({key: value}, SOURCE)
                except SettingsError as error:
                    log.warning("a setting of the place is passed over", key=key, error=str(error))
        become(self.settings, self._base, values)
        self.domains = msgspec.convert(chosen[DOMAINS], Domains) if DOMAINS in chosen else None
        addresses = in_force(self._base, self.domains)
        for field, value in zip(("public_url", "former_urls", "next_url"), addresses, strict=True):
            msgspec.structs.force_setattr(self.settings, field, value)

    def hear(self, db: Db) -> None:
        """Something was chosen anew by another process."""
        self._loading = asyncio.create_task(self._load_again(db))

    async def _load_again(self, db: Db) -> None:
        before = self.settings.public_url
        try:
            await self.load(db)
        except DATABASE_LOST as error:
            log.warning("the settings of the place were not read; they are when the database is back", error=str(error))
        if self.settings.public_url != before:
            log.info("the address has changed: this process begins anew", before=before, now=self.settings.public_url)
            self._begin_anew()


async def at_its_domain(db: Db, settings: Settings) -> Settings:
    """Settings as they were given, at the address that the place has been taken to: for commands."""
    chosen = await store.everything(db)
    said = msgspec.convert(chosen[DOMAINS], Domains) if DOMAINS in chosen else None
    now, former, following = in_force(settings, said)
    return msgspec.structs.replace(settings, public_url=now, former_urls=former, next_url=following)


async def choose(tx: Tx, actor: Actor, own: Own, values: Mapping[str, object]) -> None:
    """Have these values from now on; the caller loads them when it has committed. Raises Invalid, Forbidden."""
    if any(key in own.said for key in values):
        raise Forbidden("This is set where the service was started, and can be changed there only")
    checked = _checked(values)
    before = {key: value_of(own.settings, key) for key in checked}
    changed = {key: value for key, value in checked.items() if value != before[key]}
    if not changed:
        return
    await store.put(tx, list(changed), [msgspec.json.encode(value).decode() for value in changed.values()])
    await store.notify(tx)
    was = {key: before[key] for key in changed}
    await audit.record(tx, actor, Deed(action="settings.update", target="settings", before=was, after=changed))


def _checked(values: Mapping[str, Any]) -> Mapping[str, object]:
    try:
        checked = own_values(values, SOURCE)
    except SettingsError as error:
        raise Invalid(Words("Validation failed: %(error)s", error=str(error))) from error
    for key, most in LONGEST.items():
        if len(str(checked.get(key, ""))) > most:
            words = Words("is too long (maximum is %(num)s characters)", num=most)
            raise invalid(key.rpartition(".")[2], ("ERR_TOO_LONG", words))
    if not str(checked.get("title", "x")).strip():
        raise invalid("title", ("ERR_BLANK", Words("can't be blank")))
    return checked
