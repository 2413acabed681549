"""What the whole place blocks: other servers, mail providers, single addresses, networks. Each really acts."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest

from tests.api.test_admin_accounts import sign_up, staff
from tests.rooms.accounts.people import entity, stranger
from tests.support.square import SETTINGS, Person, Square, town
from townsquare.accounts.faces import face_path
from townsquare.db.pool import Database
from townsquare.kernel.errors import Forbidden
from townsquare.kernel.ids import AccountId
from townsquare.kernel.settings import Federation, Moderation
from townsquare.moderation import timed
from townsquare.policies.blocks import Barred, Change, canonical_hash, wrong_provider

V1 = "/api/v1/admin"


async def admin(square: Square) -> Person:
    return await staff(square, "adm", "admin")


async def test_a_suspended_server_is_gone_with_all_below_it_until_the_block_is_lifted(square: Square) -> None:
    adm = await admin(square)
    far, below = await stranger(square.db, "far"), await stranger(square.db, "low", "sub.far.example")
    other = await stranger(square.db, "other", "notfar.example")
    await square.db.execute("UPDATE accounts SET suspended_at = now() - interval '1 day' WHERE id = $1", below)
    block = await adm.post(f"{V1}/domain_blocks", domain="FAR.example", severity="suspend", public_comment="Spam")
    await square.settle()
    later = await stranger(square.db, "later")
    await square.settle()
    assert [await suspended(square, one) for one in (far, below, later, other)] == [True, True, True, False]
    assert block["domain"] == "far.example"
    assert (await adm.delete(f"{V1}/domain_blocks/{block['id']}"))["id"] == block["id"]
    await square.settle()
    assert [await suspended(square, one) for one in (far, below, later)] == [False, True, False], "one was, by itself"


async def suspended(square: Square, account_id: AccountId) -> bool:
    return (await entity(square.db, account_id)).get("suspended", False)


async def test_a_limited_server_and_its_pictures(square: Square) -> None:
    adm = await admin(square)
    far = await stranger(square.db, "far", avatar_url="https://far.example/a.png")
    block = await adm.post(f"{V1}/domain_blocks", domain="far.example")
    assert (block["severity"], block["reject_media"], block["obfuscate"]) == ("silence", False, False)
    await square.settle()
    assert (await entity(square.db, far))["limited"] is True
    changed = await adm.put(f"{V1}/domain_blocks/{block['id']}", severity="noop", reject_media=True)
    await square.settle()
    assert (changed["severity"], changed["reject_media"]) == ("noop", True)
    shown = await entity(square.db, far)
    assert "limited" not in shown
    assert shown["avatar"] == f"https://town.example/{face_path(far)}"
    assert [one["id"] for one in await adm.get(f"{V1}/domain_blocks")] == [block["id"]]
    assert (await adm.get(f"{V1}/domain_blocks/{block['id']}"))["severity"] == "noop"


@pytest.mark.parametrize(
    ("domain", "said"),
    [
        ("", "can't be blank"),
        ("no domain", "not a valid domain"),
        ("town.example", "another server's"),
        ("far.example", "already been taken"),
    ],
)
async def test_domains_that_cannot_be_blocked(square: Square, domain: str, said: str) -> None:
    adm = await admin(square)
    await adm.post(f"{V1}/domain_blocks", domain="far.example")
    refused = await adm.request("POST", f"{V1}/domain_blocks", json={"domain": domain})
    assert refused.status_code == 422
    assert said in refused.json()["error"]


async def test_everybody_may_see_whom_the_place_blocks_if_the_setting_says_so(db: Database, tmp_path: Path) -> None:
    path = "/api/v1/instance/domain_blocks"
    wanted: list[tuple[Literal["all", "users", "nobody"], int, int]]
    wanted = [("all", 200, 200), ("users", 401, 200), ("nobody", 404, 404)]
    for shown_to, nobody, person in wanted:
        settings = msgspec.structs.replace(SETTINGS, moderation=Moderation(show_domain_blocks=shown_to))
        async with town(db, tmp_path, settings) as square:
            adm = await staff(square, f"adm_{shown_to}", "admin")
            if shown_to == "all":
                await adm.post(f"{V1}/domain_blocks", domain="spam.example", severity="suspend", obfuscate=True)
                await adm.post(f"{V1}/domain_blocks", domain="loud.example", public_comment="Loud")
                await adm.post(f"{V1}/domain_blocks", domain="seen.example", severity="noop")
                shown = (await square.http.get(path)).json()
                assert [(one["domain"], one["severity"]) for one in shown] == [
                    ("spam.****ple", "suspend"),
                    ("loud.example", "silence"),
                ]
                assert shown[1]["comment"] == "Loud"
            assert (await square.http.get(path)).status_code == nobody
            assert (await adm.request("GET", path)).status_code == person


async def test_servers_are_allowed_by_name(square: Square) -> None:
    adm = await admin(square)
    made = await adm.post(f"{V1}/domain_allows", domain="near.example")
    assert (await adm.post(f"{V1}/domain_allows", domain="near.example"))["id"] == made["id"]
    assert [one["domain"] for one in await adm.get(f"{V1}/domain_allows")] == ["near.example"]
    assert (await adm.get(f"{V1}/domain_allows/{made['id']}"))["domain"] == "near.example"
    await adm.delete(f"{V1}/domain_allows/{made['id']}")
    assert await adm.get(f"{V1}/domain_allows") == []


async def test_limited_federation_is_told(db: Database, tmp_path: Path) -> None:
    settings = msgspec.structs.replace(SETTINGS, federation=Federation(limited=True))
    async with town(db, tmp_path, settings) as square:
        assert (await square.http.get("/api/v2/instance")).json()["configuration"]["limited_federation"] is True


async def test_a_blocked_mail_provider_lets_nobody_sign_up_and_is_counted(square: Square) -> None:
    adm = await admin(square)
    block = await adm.post(f"{V1}/email_domain_blocks", domain="mail.example")
    assert [(one["accounts"], one["uses"]) for one in block["history"]] == [("0", "0")] * 7
    for email in ("a@mail.example", "b@sub.mail.example"):
        refused = await sign_up(square, email=email)
        assert refused.status_code == 422
        assert refused.json()["details"]["email"][0]["error"] == "ERR_BLOCKED"
    assert (await sign_up(square, email="a@othermail.example")).status_code == 200
    shown = await adm.get(f"{V1}/email_domain_blocks/{block['id']}")
    assert (shown["history"][0]["accounts"], shown["history"][0]["uses"]) == ("1", "2")
    assert (await adm.request("POST", f"{V1}/email_domain_blocks", json={"domain": "mail.example"})).status_code == 422
    await adm.delete(f"{V1}/email_domain_blocks/{block['id']}")
    assert await adm.get(f"{V1}/email_domain_blocks") == []
    assert (await sign_up(square, username="two", email="a@mail.example")).status_code == 200


@pytest.mark.parametrize("email", ["  new@Spam.example ", "new@sub.spam.example", "new@bücher.example"])
async def test_a_blocked_provider_is_known_however_it_is_written(square: Square, email: str) -> None:
    adm = await admin(square)
    for domain in ("spam.example", "bücher.example"):
        await adm.post(f"{V1}/email_domain_blocks", domain=domain)
    refused = await sign_up(square, email=email)
    assert refused.json()["details"]["email"][0]["error"] == "ERR_BLOCKED"


async def test_a_domain_whose_mail_goes_to_a_blocked_provider_is_blocked_too(square: Square) -> None:
    adm, now, asked = await admin(square), datetime.now(UTC), list[str]()

    async def servers(domain: str) -> list[str]:
        asked.append(domain)
        return {"throw.example": ["mx1.spam.example"], "nice.example": ["mail.other.example"]}.get(domain, [])

    async def wrong(domain: str) -> str | None:
        found = await wrong_provider(square.db, f"new@{domain}", "198.51.100.7", now, servers)
        return found and found[0]

    assert (await wrong("throw.example"), asked) == (None, []), "nothing is blocked, so nothing is asked for"
    block = await adm.post(f"{V1}/email_domain_blocks", domain="spam.example")
    assert [await wrong(f"{one}.example") for one in ("throw", "nice", "none")] == ["ERR_BLOCKED", None, None]
    assert asked == ["throw.example", "nice.example", "none.example"]
    assert (await adm.get(f"{V1}/email_domain_blocks/{block['id']}"))["history"][0]["uses"] == "1"


async def test_a_single_address_of_mail_is_known_by_its_digest_only(square: Square) -> None:
    adm = await admin(square)
    block = await adm.post(f"{V1}/canonical_email_blocks", email="Some.One+tag@mail.example")
    assert block["canonical_email_hash"] == canonical_hash("someone@mail.example")
    assert (await adm.post(f"{V1}/canonical_email_blocks/test", email="s.omeone@MAIL.example")) == [block]
    assert (await adm.get(f"{V1}/canonical_email_blocks/{block['id']}")) == block
    refused = await sign_up(square, email="someone@mail.example")
    assert refused.json()["details"]["email"][0]["error"] == "ERR_TAKEN"
    again = {"canonical_email_hash": block["canonical_email_hash"]}
    refused = await adm.request("POST", f"{V1}/canonical_email_blocks", json=again)
    assert refused.json() == {"error": "Validation failed: Canonical email hash has already been taken"}
    for given in ({}, {"email": "nonsense"}, {"canonical_email_hash": "f00"}):
        assert (await adm.request("POST", f"{V1}/canonical_email_blocks", json=given)).status_code == 422
    assert (await adm.request("POST", f"{V1}/canonical_email_blocks/test", json={})).status_code == 422
    await adm.delete(f"{V1}/canonical_email_blocks/{block['id']}")
    assert await adm.get(f"{V1}/canonical_email_blocks") == []


async def test_networks_from_which_nobody_signs_up_or_somebody_looks_first(square: Square) -> None:
    adm = await admin(square)
    block = await adm.post(f"{V1}/ip_blocks", ip="127.0.0.1", severity="sign_up_requires_approval", comment="Bots")
    assert (block["ip"], block["comment"], block["expires_at"]) == ("127.0.0.1/32", "Bots", None)
    assert (await sign_up(square)).status_code == 200
    assert [one["username"] for one in await adm.get(f"{V1}/accounts", pending=True)] == ["newcomer"]
    (pending,) = await adm.get(f"{V1}/accounts", ip="127.0.0.0/8", pending=True)
    assert pending["ip"] == "127.0.0.1", "known from the sign-up"
    changed = await adm.put(f"{V1}/ip_blocks/{block['id']}", severity="sign_up_block", expires_in=3600)
    assert (changed["severity"], changed["ip"]) == ("sign_up_block", "127.0.0.1/32")
    assert changed["expires_at"] is not None
    refused = await sign_up(square, username="second")
    assert (refused.status_code, refused.json()) == (403, {"error": "Nobody can sign up from your network"})
    await adm.delete(f"{V1}/ip_blocks/{block['id']}")
    assert (await sign_up(square, username="second", email="second@mail.example")).status_code == 200


async def test_a_closed_network_is_let_in_nowhere(square: Square) -> None:
    adm = await admin(square)
    own = await adm.request("POST", f"{V1}/ip_blocks", json={"ip": "127.0.0.0/8", "severity": "no_access"})
    assert own.status_code == 403, "it is one's own"
    block = await adm.post(f"{V1}/ip_blocks", ip="198.51.100.0/24", severity="no_access")
    await square.services.barred.load(square.db)
    elsewhere = {"x-forwarded-for": "198.51.100.9"}
    for path in ("/api/v1/instance", "/", "/.well-known/nodeinfo"):
        assert (await square.http.get(path)).status_code == 200
        assert (await square.http.get(path, headers=elsewhere)).status_code == 403
    await adm.delete(f"{V1}/ip_blocks/{block['id']}")
    await square.services.barred.load(square.db)
    assert (await square.http.get("/", headers=elsewhere)).status_code == 200


def test_a_process_that_hears_of_a_closed_network_lets_nobody_in() -> None:
    barred = Barred()
    barred.hear(msgspec.json.encode(Change("2001:db8::/32", closed=True)).decode())
    with pytest.raises(Forbidden, match="closed to your network"):
        barred.check("2001:db8::1")
    barred.check("192.0.2.1")
    barred.hear(msgspec.json.encode(Change("2001:db8::/32", closed=False)).decode())
    barred.check("2001:db8::1")


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"severity": "no_access", "ip": "nowhere"},
        {"severity": "never"},
        {"severity": "no_access", "expires_in": -1},
    ],
)
async def test_networks_that_cannot_be_blocked(square: Square, given: dict[str, Any]) -> None:
    adm = await admin(square)
    assert (await adm.request("POST", f"{V1}/ip_blocks", json={"ip": "192.0.2.1"} | given)).status_code == 422


async def test_a_network_is_blocked_once(square: Square) -> None:
    adm = await admin(square)
    first = await adm.post(f"{V1}/ip_blocks", ip="192.0.2.1", severity="sign_up_block")
    second = await adm.post(f"{V1}/ip_blocks", ip="192.0.2.2", severity="sign_up_block")
    again = {"ip": "192.0.2.1/32", "severity": "no_access"}
    assert (await adm.request("POST", f"{V1}/ip_blocks", json=again)).status_code == 422
    assert (await adm.request("PUT", f"{V1}/ip_blocks/{second['id']}", json=again)).status_code == 422
    assert [one["id"] for one in await adm.get(f"{V1}/ip_blocks")] == [second["id"], first["id"]]
    assert (await adm.get(f"{V1}/ip_blocks/{first['id']}"))["ip"] == "192.0.2.1/32"


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("domain_blocks", {"domain": "far.example"}),
        ("email_domain_blocks", {"domain": "spam.example"}),
        ("canonical_email_blocks", {"email": "bad@spam.example"}),
        ("ip_blocks", {"ip": "192.0.2.0/24", "severity": "sign_up_block"}),
    ],
)
async def test_every_block_can_be_for_a_while(square: Square, kind: str, given: dict[str, Any]) -> None:
    mod = await admin(square)
    path = f"/api/v1/admin/{kind}"
    for wrong in (-1, 10**12):
        assert (await mod.request("POST", path, json=given | {"expires_in": wrong})).status_code == 422
    made = await mod.post(path, **given, expires_in=3600)
    left = datetime.fromisoformat(made["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=59) < left <= timedelta(hours=1)
    assert [one["expires_at"] for one in await mod.get(path)] == [made["expires_at"]]
    if kind in ("domain_blocks", "ip_blocks"):
        kept = await mod.put(f"{path}/{made['id']}", severity="sign_up_block" if kind == "ip_blocks" else "suspend")
        assert kept["expires_at"] == made["expires_at"], "what is not said stays"
        assert (await mod.put(f"{path}/{made['id']}", expires_in=0))["expires_at"] is None
        assert [one["expires_at"] for one in await mod.get(path)] == [None]
    await square.db.execute(
        "WITH a AS (UPDATE place_domain_blocks SET expires_at = now()), "
        "b AS (UPDATE email_domain_blocks SET expires_at = now()), "
        "c AS (UPDATE canonical_email_blocks SET expires_at = now()) UPDATE ip_blocks SET expires_at = now()"
    )
    await timed.end_timed(square.db)
    assert await mod.get(path) == []
