"""What is chosen on the pages of the place holds at once, unless who started the service said otherwise."""

import msgspec
import pytest

from tests.support.square import SETTINGS
from townsquare.db.pool import Database
from townsquare.kernel.errors import Forbidden, Invalid
from townsquare.kernel.settings import SignUpMode
from townsquare.moderation import audit, store_own
from townsquare.moderation.model import OPERATOR
from townsquare.moderation.own import Own, choose


async def test_what_is_chosen_holds_in_whatever_has_the_settings_in_hand(db: Database) -> None:
    own = Own(SETTINGS, {})
    held, sign_up = own.settings, own.settings.sign_up
    async with db.transaction() as tx:
        await choose(tx, OPERATOR, own, {"title": "Alder & Brook", "sign_up.mode": "invite", "languages": ["de", "en"]})
    await own.load(db)
    assert (held.title, held.sign_up.mode, held.languages) == ("Alder & Brook", SignUpMode.INVITE, ("de", "en"))
    assert held.sign_up.confirm_email == sign_up.confirm_email
    assert SETTINGS.title == "Townsquare"
    entry = (await audit.history(db, "settings"))[0]
    assert entry.action == "settings.update"
    assert entry.before == {"title": "Townsquare", "sign_up.mode": "open", "languages": ["en"]}


async def test_what_the_machine_says_goes_first_and_cannot_be_chosen(db: Database) -> None:
    free = Own(SETTINGS, {})
    async with db.transaction() as tx:
        await choose(tx, OPERATOR, free, {"title": "Chosen"})
    bound = Own(msgspec.structs.replace(SETTINGS, title="Said"), {"title": "environment (TOWNSQUARE_TITLE)"})
    await bound.load(db)
    assert bound.settings.title == "Said"
    with pytest.raises(Forbidden, match="where the service was started"):
        async with db.transaction() as tx:
            await choose(tx, OPERATOR, bound, {"title": "Chosen again"})


@pytest.mark.parametrize(
    ("key", "value", "field"),
    [
        ("title", "   ", "title"),
        ("title", "x" * 61, "title"),
        ("sign_up.closed", "x" * 1001, "closed"),
    ],
)
async def test_what_is_wrong_is_said_of_its_field(db: Database, key: str, value: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        async with db.transaction() as tx:
            await choose(tx, OPERATOR, Own(SETTINGS, {}), {key: value})
    assert refused.value.details is not None
    assert list(refused.value.details) == [field]


async def test_nonsense_is_refused_and_never_read(db: Database) -> None:
    own = Own(SETTINGS, {})
    for values in ({"sign_up.mode": "ajar"}, {"look.accent": "green"}, {"sign_up.minimum_age": -1}):
        with pytest.raises(Invalid):
            async with db.transaction() as tx:
                await choose(tx, OPERATOR, own, values)
    async with db.transaction() as tx:
        await store_own.put(tx, ["sign_up.mode", "of.another.version", "title"], ['"ajar"', "1", '"Fine"'])
    await own.load(db)
    assert (own.settings.title, own.settings.sign_up.mode) == ("Fine", SignUpMode.OPEN)
