"""Each supplier taken away: people post, join and are looked after all the same, and nothing becomes open by it.

What is taken away is an address at which nobody listens. See docs/suppliers.md.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiosmtplib
import msgspec
import pytest

from tests.api.test_media import sent
from tests.api.test_registration import app_token, join
from tests.rooms.moderation.cases.desk import removed
from tests.support.push_service import PushService
from tests.support.seaweed import free_ports
from tests.support.square import SETTINGS, Square, town
from townsquare.auth.events import SendMail
from townsquare.db.pool import Database
from townsquare.effects import effects
from townsquare.jobs import Event, read
from townsquare.kernel.errors import Refused
from townsquare.kernel.settings import Bucket, Mail, Outside, Push, Settings, Storage, Translation

NOBODY = free_ports(1)[0]
NOWHERE = f"http://127.0.0.1:{NOBODY}"
LOST_BUCKET = Bucket("s3://pictures/x", NOWHERE, "here", "key", "secret")
LOST_MAIL = Mail("127.0.0.1", NOBODY, tls="none")


def without(supplier: str, folder: Path) -> Settings:
    """The settings of a place that counts on a supplier which is gone."""
    changed: Mapping[str, Any] = {
        "mail": {"mail": LOST_MAIL},
        "first store": {
            "storage": Storage(**msgspec.structs.asdict(LOST_BUCKET), fallback=Bucket(str(folder / "media")))
        },
        "second store": {"storage": Storage(str(folder / "media"), fallback=LOST_BUCKET)},
        "translation": {"translation": Translation(url=NOWHERE), "outside": Outside(("127.0.0.1",), cards=False)},
        "pages that are linked": {"outside": Outside(("127.0.0.1",), cards=True)},
        "push services": {"push": Push(private_networks=("127.0.0.1",))},
    }[supplier]
    return msgspec.structs.replace(SETTINGS, **changed)


async def settle(square: Square) -> list[str]:
    """Run what follows, as far as it goes: the kinds of what has to be tried again."""
    waiting: list[str] = []
    table = {kind.__name__: (kind, called) for kind, called in effects(square.services).items()}
    while records := await square.db.records("DELETE FROM jobs WHERE due_at <= now() RETURNING kind, payload, id"):
        for record in sorted(records, key=lambda one: one["id"]):
            kind, called = table.get(record["kind"], (Event, ()))
            for effect in called:
                try:
                    await effect([read(square.db.keys, kind, record["payload"])])
                except (aiosmtplib.SMTPException, OSError, Refused):
                    waiting.append(record["kind"])
    return waiting


@pytest.mark.parametrize(
    "supplier", ["mail", "first store", "second store", "translation", "pages that are linked", "push services"]
)
async def test_life_goes_on_without(db: Database, tmp_path: Path, supplier: str) -> None:
    async with town(db, tmp_path, without(supplier, tmp_path)) as square:
        ann, ben = await square.person("ann"), await square.person("ben")
        if supplier == "push services":
            gone = PushService()
            gone.port = NOBODY
            alerts = {"alerts": {"mention": True}}
            await ann.post("/api/v1/push/subscription", subscription=gone.subscription(), data=alerts)
        await ben.post(f"/api/v1/accounts/{ann.id}/follow")
        picture = await sent(ann, description="A tram")
        said = await ann.post(
            "/api/v1/statuses", status=f"A tram, see {NOWHERE}/trams", media_ids=[picture["id"]], language="en"
        )
        answer = await ben.post("/api/v1/statuses", status="@ann where?", in_reply_to_id=said["id"])
        await settle(square)
        assert await ben.home() == [answer["id"], said["id"]]
        assert [one["type"] for one in await ann.get("/api/v1/notifications")] == ["mention", "follow"]
        assert (await square.http.get(picture["url"].removeprefix(SETTINGS.public_url))).status_code == 200

        joined = (await join(square, await app_token(square), username="eve", email="eve@town.example")).json()
        waiting = await settle(square)
        assert (SendMail.__name__ in waiting) == (supplier == "mail")
        hers = {"authorization": f"Bearer {joined['access_token']}"}
        early = await square.http.post("/api/v1/statuses", json={"status": "Hello"}, headers=hers)
        assert (early.status_code, "confirmed" in early.json()["error"]) == (403, True)

        await ben.post("/api/v1/reports", account_id=ann.id, status_ids=[said["id"]], category="spam")
        await settle(square)
        waits = await square.db.value("SELECT case_id FROM case_items WHERE item_id = $1 AND open", int(said["id"]))
        await removed(square.db, waits, datetime.now(UTC))
        await settle(square)
        assert (await ben.request("GET", f"/api/v1/statuses/{said['id']}")).status_code == 404
        shown = await square.http.get(picture["url"].removeprefix(SETTINGS.public_url))
        assert shown.status_code == (503 if supplier.endswith("store") else 404), "nobody knows what the other has"
