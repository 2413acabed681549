"""Jobs that were given up: looked at by a person, who has them tried again or thrown away."""

from collections.abc import Sequence

from townsquare.db.pool import Tx
from townsquare.jobs import store_failed
from townsquare.jobs.events import CHANNELS
from townsquare.kernel.errors import Conflict
from townsquare.moderation import audit
from townsquare.moderation.audit import Deed
from townsquare.moderation.model import Actor


async def retry(tx: Tx, actor: Actor, ids: Sequence[int], name: str = "") -> int:
    """How many are tried again. Raises Conflict where there are none."""
    queues = await store_failed.retry(tx, ids)
    if not queues:
        raise Conflict("There is nothing of this kind any more")
    for queue, channel in CHANNELS.items():
        if queue in queues:
            tx.tell(channel)
    await audit.record(tx, actor, _deed("retry", ids, name, len(queues)))
    return len(queues)


async def discard(tx: Tx, actor: Actor, ids: Sequence[int], name: str = "") -> int:
    """How many are thrown away. Raises Conflict where there are none."""
    number = await store_failed.discard(tx, ids)
    if not number:
        raise Conflict("There is nothing of this kind any more")
    await audit.record(tx, actor, _deed("discard", ids, name, number))
    return number


def _deed(what: str, ids: Sequence[int], name: str, number: int) -> Deed:
    target = f"job:{ids[0]}" if len(ids) == 1 else "jobs"
    return Deed(action=f"job.{what}", target=target, name=name, after={"jobs": number})
