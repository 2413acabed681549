"""Notifications that nobody got, and a box that nobody writes in, for the style guide. The reader is Nora."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from townsquare.web.composer.box import Asked, Compose
from townsquare.web.door.entities import Person, people_of, post_of
from townsquare.web.door.visitor import Visitor
from townsquare.web.feeds.articles import feed
from townsquare.web.reading.notifications import Lost as Severed
from townsquare.web.reading.notifications import Reported, Told, Warned
from townsquare.web.styleguide import samples

WHEN: Final = datetime(2026, 1, 6, 8, 15, tzinfo=UTC)


def told(visitor: Visitor) -> Sequence[Told]:
    """One of each kind that looks different; the first are new."""
    nora, line, lengthy, amira = people_of(map(samples.encoded, samples.PEOPLE))
    mine = post_of(samples.status(70, "Does anybody know why the fountain runs again?"))
    answer = feed(visitor, [samples.status(71, "Somebody turned a key.", by=samples.AMIRA, in_reply_to_id="1070")])
    reported = Reported("1", "spam", "This is not honey.", line)
    lost = Severed(type="domain_block", target_name="far.example", followers_count=12, following_count=3)
    warned = Warned("none", "Please keep to one language in one post.")
    return (
        Told(key="1", kind="mention", at=WHEN, fresh=True, people=[amira], number=1, article=answer),
        Told(key="2", kind="favourite", at=WHEN, fresh=True, people=[line, lengthy, amira], number=12, post=mine),
        Told(key="3", kind="reblog", at=WHEN, fresh=False, people=[line, amira], number=2, post=mine),
        _of("follow", lengthy),
        _of("follow_request", amira),
        Told(key="4", kind="poll", at=WHEN, fresh=False, people=[nora], number=1, post=mine),
        Told(key="5", kind="admin.report", at=WHEN, fresh=False, people=[amira], number=1, report=reported),
        Told(key="notice", kind="admin.notice", at=WHEN, fresh=False, people=[], number=1),
        Told(key="6", kind="severed_relationships", at=WHEN, fresh=False, people=[], number=1, lost=lost),
        Told(key="7", kind="moderation_warning", at=WHEN, fresh=False, people=[], number=1, warning=warned),
    )


def _of(kind: str, person: Person) -> Told:
    return Told(key=kind, kind=kind, at=WHEN, fresh=False, people=[person], number=1)


def boxes() -> Sequence[Compose]:
    """Before anything is written; and with all that a post can have, and something that is not in order."""
    answered = samples.status(72, "Benches are for sitting.", by=samples.BOT)
    kept = post_of(samples.status(73, "", media_attachments=[samples.picture(731), samples.picture(732)]))
    everything = Compose(
        text="A longer text, which was " + "typed and typed " * 12,
        warning="The end of the film",
        sensitive=True,
        visibility="private",
        quotes="1072",
        quoted=post_of(answered),
        poll=Asked(["Green", "Blue"]),
        at="2026-01-07T08:15",
        kept=kept.media_attachments,
        problem="The post that you answer is gone, or you may not see it",
        undescribed=True,
        draft="guide-full",
    )
    return Compose(draft="guide"), everything
