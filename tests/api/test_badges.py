"""Badges that the staff gives people."""

from tests.support.square import Square
from townsquare.accounts.badges import grant_badge, withdraw_badge
from townsquare.kernel.ids import AccountId


async def test_badges_stand_on_the_profile_and_beside_each_post(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben", role="moderator")
    post = await ann.say("Hello")
    settings = square.services.settings
    async with square.db.transaction() as tx:
        for badge in ("parody", "verified"):
            assert await grant_badge(tx, AccountId(ann.id), badge, settings=settings)
        assert not await grant_badge(tx, AccountId(ann.id), "parody", settings=settings)
        await grant_badge(tx, AccountId(ben.id), "public_figure", settings=settings)
    roles = (await ben.get(f"/api/v1/accounts/{ann.id}"))["roles"]
    assert [role["name"] for role in roles] == ["Verified person", "Parody"]
    assert roles[0].keys() == {"id", "name", "color"}
    assert (await ben.get(f"/api/v1/statuses/{post['id']}"))["account"]["roles"] == roles
    assert [role["name"] for role in (await ann.get(f"/api/v1/accounts/{ben.id}"))["roles"]] == [
        "Moderator",
        "Public figure",
    ]

    await ann.patch("/api/v1/accounts/update_credentials", display_name="Ann")
    assert (await ben.get(f"/api/v1/accounts/{ann.id}"))["roles"] == roles, "a change of the profile leaves them"
    async with square.db.transaction() as tx:
        assert await withdraw_badge(tx, AccountId(ann.id), "parody", settings=settings)
        assert not await withdraw_badge(tx, AccountId(ann.id), "staff", settings=settings)
    assert [role["name"] for role in (await ben.get(f"/api/v1/accounts/{ann.id}"))["roles"]] == ["Verified person"]
