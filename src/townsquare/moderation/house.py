"""What the staff do to what the place says and shows: each written down in the audit log as it is done."""

from collections.abc import Mapping
from datetime import UTC, datetime

from townsquare.accounts.model import invalid
from townsquare.accounts.profile import Picture
from townsquare.auth import store_invites
from townsquare.auth.invites import create_invite
from townsquare.auth.store_invites import Invite
from townsquare.auth.terms import Kind, publish_document
from townsquare.db.pool import Tx
from townsquare.kernel.errors import NotFound
from townsquare.kernel.settings import Settings
from townsquare.moderation import audit
from townsquare.moderation.audit import Deed
from townsquare.moderation.model import Actor
from townsquare.statuses import emojis
from townsquare.statuses.emojis import Change
from townsquare.timelines import announce, house_rules, store_place
from townsquare.timelines.announce import Times

LONGEST_DOCUMENT = 200_000


async def add_rule(tx: Tx, actor: Actor, text: str, hint: str) -> int:
    number = await house_rules.add_rule(tx, text, hint)
    await _record(tx, actor, "rule.add", f"rule:{number}", text.strip(), {"text": text, "hint": hint})
    return number


async def change_rule(tx: Tx, actor: Actor, number: int, text: str, hint: str) -> None:
    await house_rules.change_rule(tx, number, text=text, hint=hint)
    await _record(tx, actor, "rule.change", f"rule:{number}", text.strip(), {"text": text, "hint": hint})


async def remove_rule(tx: Tx, actor: Actor, number: int) -> None:
    await house_rules.remove_rule(tx, number)
    await _record(tx, actor, "rule.remove", f"rule:{number}")


async def move_rule(tx: Tx, actor: Actor, number: int, *, up: bool) -> None:
    """Change places with the one before or after it. Raises NotFound."""
    ids = [rule.id for rule in await store_place.rules(tx)]
    if number not in ids:
        raise NotFound("There is no rule with this id")
    place = ids.index(number)
    other = min(max(place + (-1 if up else 1), 0), len(ids) - 1)
    ids[place], ids[other] = ids[other], ids[place]
    for position, one in enumerate(ids, 1):
        await house_rules.change_rule(tx, one, position=position)
    await _record(tx, actor, "rule.move", f"rule:{number}", after={"position": other + 1})


async def translate_rule(tx: Tx, actor: Actor, number: int, language: str, text: str, hint: str) -> None:
    await house_rules.translate_rule(tx, number, language, text, hint)
    await _record(tx, actor, "rule.translate", f"rule:{number}", after={"language": language, "text": text})


async def publish(tx: Tx, actor: Actor, kind: Kind, body: str, start: datetime) -> int:
    """A new version of a document of the place. Raises Invalid."""
    paragraphs = [" ".join(lines.split()) for lines in body.replace("\r\n", "\n").split("\n\n")]
    said = "\n\n".join(one for one in paragraphs if one)
    if not said:
        raise invalid("body", ("ERR_BLANK", "can't be blank"))
    if len(said) > LONGEST_DOCUMENT:
        raise invalid("body", ("ERR_TOO_LONG", f"is too long (maximum is {LONGEST_DOCUMENT} characters)"))
    version = await publish_document(tx, kind, said, start)
    after = {"version": version, "effective_at": start}
    await _record(tx, actor, f"{kind}.publish", f"document:{kind}", kind, after)
    return version


async def publish_told(
    tx: Tx, actor: Actor, kind: Kind, body: str, start: datetime, settings: Settings, *, tell: bool
) -> None:
    """The same, and announced to everybody if it is to be. Raises Invalid."""
    now = datetime.now(UTC)
    await publish(tx, actor, kind, body, start)
    if tell:
        subject = {"terms": "terms", "privacy": "privacy policy", "about": "page about this place"}[kind]
        text = f"From {start:%-d %B %Y} on there is a new version of our {subject}: {settings.public_url}/{kind}"
        await say(tx, actor, text, Times(), now)


async def say(tx: Tx, actor: Actor, text: str, times: Times, now: datetime) -> int:
    """Announce something, now or later. Raises Invalid."""
    number = await announce.announce(tx, text, times, now)
    await _record(tx, actor, "announcement.create", f"announcement:{number}", after={"text": text})
    return number


async def say_anew(tx: Tx, actor: Actor, number: int, text: str, times: Times, now: datetime) -> None:
    """Raises NotFound, Invalid."""
    await announce.change(tx, number, text, times, now)
    await _record(tx, actor, "announcement.update", f"announcement:{number}", after={"text": text})


async def unsay(tx: Tx, actor: Actor, number: int) -> None:
    """Raises NotFound."""
    await announce.remove(tx, number)
    await _record(tx, actor, "announcement.delete", f"announcement:{number}")


async def put_emoji(tx: Tx, actor: Actor, shortcode: str, picture: Picture, category: str) -> None:
    """Raises Invalid."""
    await emojis.put_emojis(tx, [(shortcode, picture)], category)
    await _emoji(tx, actor, "put", shortcode, {"category": category})


async def change_emoji(tx: Tx, actor: Actor, shortcode: str, change: Change, after: Mapping[str, object]) -> None:
    """Raises NotFound, Invalid."""
    await emojis.change_emoji(tx, shortcode, change)
    await _emoji(tx, actor, "update", shortcode, after)


async def remove_emoji(tx: Tx, actor: Actor, shortcode: str) -> None:
    """Raises NotFound."""
    await emojis.remove_emoji(tx, shortcode)
    await _emoji(tx, actor, "delete", shortcode)


async def _emoji(tx: Tx, actor: Actor, what: str, shortcode: str, after: Mapping[str, object] | None = None) -> None:
    await _record(tx, actor, f"custom_emoji.{what}", f"custom_emoji:{shortcode}", f":{shortcode}:", after)


async def invite(tx: Tx, actor: Actor, *, max_uses: int | None, expires_at: datetime | None, now: datetime) -> Invite:
    """Raises Invalid."""
    made = await create_invite(tx, actor.id, max_uses=max_uses, expires_at=expires_at, now=now)
    after = {"max_uses": max_uses, "expires_at": expires_at}
    await _record(tx, actor, "invite.create", f"invite:{made.code}", after=after)
    return made


async def end_invite(tx: Tx, actor: Actor, code: str) -> None:
    """Of whomever it is. Raises NotFound."""
    found = await store_invites.by_code(tx, code)
    if found is None or not await store_invites.delete(tx, found.account_id, code):
        raise NotFound("There is no such invitation")
    await _record(tx, actor, "invite.end", f"invite:{code}")


async def _record(
    tx: Tx, actor: Actor, action: str, target: str, name: str = "", after: Mapping[str, object] | None = None
) -> None:
    await audit.record(tx, actor, Deed(action=action, target=target, name=name, after=after or {}))
