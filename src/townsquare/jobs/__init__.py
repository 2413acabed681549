"""Side effects as jobs: an event is written in the transaction of what happened, and its effects run afterwards.

    # statuses/events.py
    class StatusPosted(Event, frozen=True): account_id: int; status_id: int
    # statuses/post.py, in the writer's transaction
    await emit(tx, StatusPosted(author, id))
    # effects.py has the one table of what follows from what
    effects = {StatusPosted: [partial(push, db), partial(index, db)]}

An effect is an async function of a batch of events of one kind, `async def push(db, events: Sequence[StatusPosted])`;
what it needs besides the events is bound to it in effects.py. It may run twice for an event (after a crash), so it
must be idempotent: `ON CONFLICT DO NOTHING`, counts counted and not added.
"""

from townsquare.jobs.events import CHANNELS, Event, emit, job_of, read
from townsquare.jobs.worker import HANDS, Bell, Effect, Effects, every, run

__all__ = ["CHANNELS", "HANDS", "Bell", "Effect", "Effects", "Event", "emit", "every", "job_of", "read", "run"]
