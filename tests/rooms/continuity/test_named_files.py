"""What becomes of a file that stands on one host alone: it stays where something names it, and else it goes."""

from pathlib import Path

from tests.support.square import Square
from townsquare.continuity.standby.store_files import named

ICON = Path(__file__).parents[3] / "src" / "townsquare" / "web" / "static" / "icon-192.png"
NOBODYS = f"attachments/00/00/{'0' * 32}/original.png"


async def test_every_file_that_the_service_has_written_is_named(square: Square) -> None:
    ann = await square.person("ann")
    files = {"file": ("one.png", ICON.read_bytes(), "image/png")}
    await ann.request("POST", "/api/v2/media", files=files)
    await ann.request("PATCH", "/api/v1/accounts/update_credentials", files={"avatar": files["file"]})
    await square.settle()
    there = square.files()
    assert {key.partition("/")[0] for key in there} == {"attachments", "avatars"}
    assert await named(square.db, [*there, NOBODYS]) == set(there)


async def test_evidence_is_named_by_what_keeps_it_and_not_by_what_it_was_made_of(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    files = {"file": ("one.png", ICON.read_bytes(), "image/png")}
    made = (await ann.request("POST", "/api/v2/media", files=files)).json()
    post = await ann.say("look", media_ids=[made["id"]])
    copies = [f"evidence/7/{key}.sealed" for key in square.files()]
    assert await named(square.db, copies) == set()
    await ben.post("/api/v1/reports", account_id=str(ann.id), status_ids=[post["id"]])
    await square.settle()
    kept = [key for key in square.files() if key.startswith("evidence/")]
    assert kept
    assert await named(square.db, kept) == set(kept)
