"""Texts that are said again and again when somebody is warned."""

from collections.abc import Sequence

from townsquare.db.pool import Db, Tx
from townsquare.kernel.errors import Invalid, NotFound
from townsquare.kernel.ids import new_id
from townsquare.moderation import audit, store_accounts
from townsquare.moderation.audit import Deed
from townsquare.moderation.model import Actor, check_text
from townsquare.moderation.store_accounts import Preset


async def list_presets(db: Db) -> Sequence[Preset]:
    return await store_accounts.presets(db)


async def add_preset(tx: Tx, actor: Actor, title: str, text: str) -> Preset:
    """Raises Invalid."""
    if not title.strip() or not text.strip():
        raise Invalid("Validation failed: Title and text can't be blank")
    made = Preset(new_id(), title.strip(), check_text(text))
    await store_accounts.insert_preset(tx, made)
    deed = Deed(action="warning_preset.create", target=f"warning_preset:{made.id}", name=made.title, reason=made.text)
    await audit.record(tx, actor, deed)
    return made


async def remove_preset(tx: Tx, actor: Actor, preset_id: int) -> None:
    """Raises NotFound."""
    if not await store_accounts.delete_preset(tx, preset_id):
        raise NotFound("There is no such text for warnings")
    await audit.record(tx, actor, Deed(action="warning_preset.delete", target=f"warning_preset:{preset_id}"))
