"""The audit log in words: a sentence for each kind of deed, and what changed of it, as people say it."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Final, cast

import msgspec
from markupsafe import Markup, escape

from townsquare.accounts.roles import Permission
from townsquare.kernel.words import Tongue
from townsquare.moderation.audit import Entry
from townsquare.web.door.words import N_
from townsquare.web.manage.roles import WORDS as PERMISSIONS

SENTENCES: Final[Mapping[str, str]] = {
    "account.none": N_("%(who)s warned %(what)s."),
    "account.sensitive": N_("%(who)s covered the pictures of %(what)s."),
    "account.silence": N_("%(who)s limited %(what)s."),
    "account.disable": N_("%(who)s kept %(what)s out."),
    "account.suspend": N_("%(who)s suspended %(what)s."),
    "account.unsensitive": N_("%(who)s showed the pictures of %(what)s again."),
    "account.unsilence": N_("%(who)s took the limit off %(what)s."),
    "account.enable": N_("%(who)s let %(what)s come in again."),
    "account.unsuspend": N_("%(who)s took the suspension of %(what)s back."),
    "account.approve": N_("%(who)s let %(what)s in."),
    "account.reject": N_("%(who)s turned %(what)s away."),
    "account.create": N_("%(who)s made the account %(what)s."),
    "account.delete": N_("%(who)s deleted the account %(what)s."),
    "account.ask_delete": N_("%(who)s said that %(what)s is to be deleted before its time."),
    "account.role": N_("%(who)s gave %(what)s another role."),
    "account.grant_badge": N_("%(who)s gave %(what)s a badge."),
    "account.withdraw_badge": N_("%(who)s took a badge from %(what)s."),
    "account.reset_password": N_("%(who)s sent %(what)s a link for a new password."),
    "account.sign_out": N_("%(who)s signed %(what)s out everywhere."),
    "account.confirm": N_("%(who)s confirmed the address of %(what)s."),
    "note.create": N_("%(who)s wrote a note on %(what)s."),
    "note.delete": N_("%(who)s deleted a note on %(what)s."),
    "report.assign_to_self": N_("%(who)s took up %(what)s."),
    "report.unassign": N_("%(who)s gave up %(what)s."),
    "report.resolve": N_("%(who)s settled %(what)s."),
    "report.reopen": N_("%(who)s opened %(what)s again."),
    "report.update": N_("%(who)s changed %(what)s."),
    "case.review": N_("%(who)s reviewed %(what)s."),
    "case.decide": N_("%(who)s decided %(what)s."),
    "case.join": N_("%(who)s decided something as %(what)s was, which it is like."),
    "case.undo": N_("%(who)s took back what was decided of %(what)s."),
    "case.lift": N_("%(who)s took what was decided of %(what)s back after an appeal."),
    "case.restore": N_("%(who)s had what was decided of %(what)s hold again, for an appeal is looked at anew."),
    "case.lapse": N_("%(who)s ended what held in %(what)s, where nobody had looked."),
    "case.assign": N_("%(who)s handed over %(what)s."),
    "case.move": N_("%(who)s moved %(what)s into another queue."),
    "case.part": N_("%(who)s took something out of %(what)s, to be decided apart."),
    "case.entrust": N_("%(who)s entrusted somebody with %(what)s."),
    "case.give_back": N_("%(who)s gave back one thing of what was decided of %(what)s."),
    "case.unpart": N_("%(who)s put something back into %(what)s."),
    "case.snooze": N_("%(who)s put off %(what)s."),
    "case.golden": N_("%(who)s made a case with a known answer of %(what)s."),
    "case.open": N_("%(who)s opened a file that came with a notice in %(what)s."),
    "case.hold": N_("%(who)s had %(what)s held until people have decided."),
    "case.signal": N_("%(who)s took in what a machine said of %(what)s."),
    "case.pack": N_("%(who)s made an archive of the evidence of %(what)s."),
    "case.look": N_("%(who)s looked at what is private in %(what)s."),
    "report.look": N_("%(who)s looked at what is private in %(what)s."),
    "policy.create": N_("%(who)s wrote the policy %(what)s."),
    "policy.change": N_("%(who)s changed the policy %(what)s."),
    "policy.translate": N_("%(who)s put the policy %(what)s into another language."),
    "policy.end": N_("%(who)s ended the policy %(what)s."),
    "policy.begin": N_("%(who)s had the policy %(what)s hold again."),
    "policy.move": N_("%(who)s moved the policy %(what)s."),
    "macro.create": N_("%(who)s saved a decision for everybody at the desk: %(what)s."),
    "macro.change": N_("%(who)s changed a saved decision of the desk: %(what)s."),
    "macro.delete": N_("%(who)s took a saved decision of the desk away: %(what)s."),
    "hold.set": N_("%(who)s put %(what)s under a legal hold."),
    "hold.lift": N_("%(who)s lifted a legal hold of %(what)s."),
    "hold.look": N_("%(who)s opened what is kept because of %(what)s."),
    "desk.role": N_("%(who)s gave %(what)s another role at the desk."),
    "role.create": N_("%(who)s made the role %(what)s."),
    "role.change": N_("%(who)s changed the role %(what)s."),
    "role.reset": N_("%(who)s put the role %(what)s back to how it came."),
    "role.delete": N_("%(who)s took the role %(what)s away."),
    "settings.update": N_("%(who)s changed %(what)s."),
    "rule.add": N_("%(who)s added the rule %(what)s."),
    "rule.change": N_("%(who)s changed the rule %(what)s."),
    "rule.remove": N_("%(who)s took the rule %(what)s away."),
    "rule.move": N_("%(who)s moved the rule %(what)s."),
    "rule.translate": N_("%(who)s put the rule %(what)s into another language."),
    "announcement.create": N_("%(who)s announced something: %(what)s."),
    "announcement.update": N_("%(who)s changed the announcement %(what)s."),
    "announcement.delete": N_("%(who)s took the announcement %(what)s back."),
    "custom_emoji.put": N_("%(who)s added the emoji %(what)s."),
    "custom_emoji.update": N_("%(who)s changed the emoji %(what)s."),
    "custom_emoji.delete": N_("%(who)s took the emoji %(what)s away."),
    "invite.create": N_("%(who)s made the invitation %(what)s."),
    "invite.end": N_("%(who)s ended the invitation %(what)s."),
    "reports.warning": N_("%(who)s warned %(what)s because of clearly unfounded reports."),
    "reports.suspension": N_("%(who)s suspended %(what)s from reporting."),
    "reports.undo": N_("%(who)s let %(what)s report as before."),
    "appeals.warning": N_("%(who)s warned %(what)s because of appeals that were turned down."),
    "appeals.suspension": N_("%(who)s suspended %(what)s from appealing."),
    "appeals.undo": N_("%(who)s let %(what)s appeal as before."),
    "notices.warning": N_("%(who)s warned %(what)s because of clearly unfounded notices."),
    "notices.suspension": N_("%(who)s looks at no notices of %(what)s for a time."),
    "notices.undo": N_("%(who)s looks at the notices of %(what)s as before."),
    "notice_key.create": N_("%(who)s made a key for the notices of %(what)s."),
    "notice_key.end": N_("%(who)s ended the key for the notices of %(what)s."),
    "jury.draw": N_("%(who)s drew a jury for %(what)s by lot."),
    "jury.close": N_("%(who)s counted what the jury for %(what)s said."),
    "front.show": N_("%(who)s put %(what)s on the front page."),
    "front.hide": N_("%(who)s took %(what)s off the front page."),
    "front.move": N_("%(who)s moved %(what)s on the front page."),
    "terms.publish": N_("%(who)s published new terms."),
    "privacy.publish": N_("%(who)s published a new privacy policy."),
    "about.publish": N_("%(who)s published a new page about this place."),
    "trend.approve": N_("%(who)s let %(what)s trend."),
    "trend.reject": N_("%(who)s kept %(what)s from trending."),
    "domain_block.create": N_("%(who)s blocked the server %(what)s."),
    "domain_block.update": N_("%(who)s changed the block of the server %(what)s."),
    "domain_block.delete": N_("%(who)s ended the block of the server %(what)s."),
    "domain_allow.create": N_("%(who)s allowed the server %(what)s."),
    "domain_allow.delete": N_("%(who)s allowed the server %(what)s no more."),
    "email_domain_block.create": N_("%(who)s blocked the mail provider %(what)s."),
    "email_domain_block.delete": N_("%(who)s ended the block of the mail provider %(what)s."),
    "canonical_email_block.create": N_("%(who)s blocked the email address with the digest %(what)s."),
    "canonical_email_block.delete": N_("%(who)s ended the block of the email address with the digest %(what)s."),
    "ip_block.create": N_("%(who)s blocked the network %(what)s."),
    "ip_block.update": N_("%(who)s changed the block of the network %(what)s."),
    "ip_block.delete": N_("%(who)s ended the block of the network %(what)s."),
    "job.retry": N_("%(who)s had failed jobs tried again: %(what)s."),
    "job.discard": N_("%(who)s threw failed jobs away: %(what)s."),
    "warning_preset.create": N_("%(who)s wrote a text for warnings: %(what)s."),
    "warning_preset.update": N_("%(who)s changed a text for warnings: %(what)s."),
    "warning_preset.delete": N_("%(who)s deleted a text for warnings: %(what)s."),
}
_OTHER: Final = N_("%(who)s did something to %(what)s.")
FIELDS: Final[Mapping[str, str]] = {
    "approved_at": N_("Let in"), "suspended_at": N_("Suspended"), "limited_at": N_("Limited"),
    "sensitized_at": N_("Pictures covered"), "disabled_at": N_("Kept out"), "confirmed_at": N_("Address confirmed"),
    "resolved_at": N_("Settled"), "role": N_("Role"), "badge": N_("Badge"), "name": N_("Name"), "color": N_("Colour"),
    "rank": N_("Where it stands"), "highlighted": N_("On profiles"), "permissions": N_("May"), "text": N_("Text"),
    "hint": N_("What it means"), "position": N_("Place in the list"), "language": N_("Language"),
    "version": N_("Version"), "effective_at": N_("In force from"), "category": N_("Category"),
    "policy": N_("Policy"), "action": N_("What is done"), "account": N_("About the account"), "stage": N_("Review"),
    "few": N_("Nobody else could be asked"), "similarity": N_("How like it is"), "author": N_("Who made it"),
    "kind": N_("What kind of thing"), "id": N_("Its number"),
    "state": N_("State"), "queue": N_("Queue"), "snoozed_until": N_("Put off until"),
    "desk_role": N_("Role at the desk"), "assigned_id": N_("Looked after by"),
    "visible": N_("Listed"), "disabled": N_("Off"), "max_uses": N_("For how many people"),
    "unfounded": N_("Without reason"), "decided": N_("Decided"),
    "file": N_("File"), "notice": N_("Notice"), "email": N_("Email address"), "sender": N_("Who gives notice"),
    "pool": N_("Who could have been drawn"), "pool_digest": N_("Their digest"), "seats": N_("Jurors"),
    "seed": N_("Seed of the draw"), "due_at": N_("To be answered by"), "stands": N_("Votes that it stands"),
    "lifted": N_("Votes that it is lifted"), "verdict": N_("What the jury said"), "jury": N_("What the jury said"),
    "moderation.jury": N_("A jury for appeals"),
    "source": N_("Machine"), "score": N_("How sure it is"), "because_id": N_("Case of the last strike"),
    "expires_at": N_("Ends"), "until": N_("Until"), "sessions": N_("Sessions"), "jobs": N_("Jobs"),
    "severity": N_("What is done"), "reject_media": N_("No pictures from there"),
    "reject_reports": N_("No reports from there"), "public_comment": N_("Why, for everybody"),
    "private_comment": N_("Why, for us"), "comment": N_("Why"), "obfuscate": N_("Shown only in part"),
    "network": N_("Network"), "assigned_to": N_("Looked after by"), "rule_ids": N_("Rules"),
    "title": N_("Name of the place"), "description": N_("What it is"), "contact_email": N_("Address for letters"),
    "languages": N_("Languages"), "look.accent": N_("Colour"), "look.icon": N_("Sign of the place"),
    "look.banner": N_("Picture above the front page"), "look.picture": N_("Picture for links to this place"),
    "front.timelines": N_("Strangers may read along"), "front.welcome": N_("A welcome"),
    "front.popular": N_("Posts that many like"), "front.trends": N_("Hashtags and links that many talk about"),
    "digest.lists": N_("Lists of the digest"), "sign_up.mode": N_("Who gets in"),
    "sign_up.question": N_("The question"),
    "sign_up.closed": N_("What is said while nobody gets in"), "sign_up.minimum_age": N_("How old people must be"),
    "trends.enabled": N_("Trends"), "trends.review": N_("Trends are looked at first"),
    "moderation.show_domain_blocks": N_("Who sees which servers are blocked"),
    "allowed": N_("Hours until it is decided"), "preserve": N_("Hours for which evidence is kept"),
    "dsa_category": N_("Category"), "dsa_keyword": N_("Keyword"), "decision_ground": N_("Ground"),
    "legal_ground": N_("The law"), "second_review": N_("A second review"), "hold_meanwhile": N_("Held meanwhile"),
    "joins_from": N_("Decided as before from"), "acts_from": N_("Held when a machine is sure from"),
    "ended_at": N_("Ended"),
}  # fmt: skip
"""What is called how. What is not here is told by the program's own name for it."""
HIDDEN: Final = frozenset({"strike_id"})
"""What says nothing to people."""
VALUES: Final[Mapping[str, str]] = {
    "user": N_("Everybody"), "moderator": N_("Moderator"), "admin": N_("Admin"), "owner": N_("Owner"),
    "verified": N_("Verified person"), "public_figure": N_("Public figure"), "parody": N_("Parody"),
    "staff": N_("Staff"), "open": N_("Everybody who asks"), "approval": N_("Those whom you let in"),
    "invite": N_("Those who were invited"), "closed": N_("Nobody for now"), "all": N_("Everybody"),
    "users": N_("People of this place"), "nobody": N_("Nobody"), "silence": N_("Limited"), "suspend": N_("Suspended"),
    "noop": N_("Noted"), "sign_up_requires_approval": N_("Waits at the door"), "sign_up_block": N_("No sign-up"),
    "no_access": N_("No access"), "follows": N_("People they follow"), "popular": N_("What is popular here"),
    "announcements": N_("Announcements"),
    "place/strikes:1": N_("this place's own rule: many strikes of its author"),
}  # fmt: skip
_CLOSED: Final = frozenset(
    {"role", "rank", "badge", "severity", "sign_up.mode", "moderation.show_domain_blocks", "digest.lists", "source"}
)
"""Whose values are of a closed set: a name that somebody chose is never translated."""
_MAY: Final[Mapping[str, str]] = {
    one.name or "": word for alike in PERMISSIONS.values() for one, word in alike.items() if one in Permission
}
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_PLACES: Final[Mapping[str, str]] = {
    "account": "/manage/people/{}", "policy": "/manage/policies/{}", "case": "/desk/cases/{}",
    "role": "/manage/roles/{}",
    "announcement": "/manage/announcements/{}",
    "post": "/p/{}", "status": "/p/{}", "tag": "/tags/{}", "rule": "/manage/rules", "settings": "/manage/place",
    "document": "/manage/documents/{}", "custom_emoji": "/manage/emojis", "invite": "/manage/invites",
    "notice_key": "/manage/notice-keys", "notice_sender": "/desk/people", "macro": "/desk/macros",
    "domain_block": "/manage/blocks/servers", "email_domain_block": "/manage/blocks/providers",
    "canonical_email_block": "/manage/blocks/addresses", "ip_block": "/manage/blocks/networks", "job": "/manage/jobs",
    "jobs": "/manage/jobs",
}  # fmt: skip
_NOUNS: Final[Mapping[str, str]] = {
    "report": N_("report %(number)s"),
    "case": N_("case %(number)s"),
    "post": N_("a post"),
    "status": N_("a post"),
    "settings": N_("the settings of the place"),
    "account": N_("an account"),
    "notice_sender": N_("somebody who gives notice"),
    "rule": N_("number %(number)s"),
    "announcement": N_("number %(number)s"),
    "job": N_("one job"),
    "jobs": N_("all of a kind"),
}
_STAYING: Final = frozenset({"account", "rule", "policy"})
"""What still has its page when it has ended."""
_LONGEST: Final = 80
"""Characters of a name in a sentence."""


class Changed(msgspec.Struct, frozen=True):
    """What of something is another: as it was and as it is. Of lists only what went and came."""

    words: str
    was: Sequence[str]
    now: Sequence[str]


class Line(msgspec.Struct, frozen=True):
    """An entry as people read it."""

    number: int
    entry: Entry
    at: datetime
    sentence: Markup
    changed: Sequence[Changed]

    @property
    def told(self) -> bool:
        """Whether the sentence says what was done."""
        return self.entry.action in SENTENCES


class Covered(msgspec.Struct, frozen=True):
    """An entry that is not for the reader: all that they are told is where it stands in the chain."""

    number: int
    digest: str


def line_of(number: int, entry: Entry, tongue: Tongue, zone: tzinfo | None) -> Line:
    """The entry in the reader's language and zone."""
    names = [*entry.before, *(name for name in entry.after if name not in entry.before)]
    changed = [
        _changed(name, entry.before.get(name), entry.after.get(name), tongue, zone)
        for name in names
        if name not in HIDDEN
    ]
    return Line(number, entry, datetime.fromisoformat(entry.at), _sentence(entry, tongue), changed)


def _sentence(entry: Entry, tongue: Tongue) -> Markup:
    said = escape(tongue.say(SENTENCES.get(entry.action, _OTHER)))
    return said % {"who": _who(entry, tongue), "what": _what(entry, tongue)}


def _who(entry: Entry, tongue: Tongue) -> Markup:
    if entry.actor_id:
        return Markup('<a href="/manage/people/{}"><bdi>{}</bdi></a>').format(entry.actor_id, entry.actor)
    terminal = entry.actor.startswith("operator")
    return escape(tongue.say(N_("Somebody at the terminal") if terminal else N_("The place itself")))


def _what(entry: Entry, tongue: Tongue) -> Markup:
    kind, _, number = entry.target.partition(":")
    name = entry.name if len(entry.name) <= _LONGEST else entry.name[: _LONGEST - 1] + "…"
    noun = _NOUNS.get(kind)
    called = Markup("<bdi>{}</bdi>").format(name or number) if name or noun is None else _said(noun, number, tongue)
    to = _PLACES.get(kind)
    gone = entry.action.endswith((".delete", ".end", ".remove", ".reject")) and kind not in _STAYING
    if to is None or (gone and "{}" in to):
        return called
    return Markup('<a href="{}">{}</a>').format(to.format(number), called)


def _said(noun: str, number: str, tongue: Tongue) -> Markup:
    return escape(tongue.say(noun, number=number) if "%(number)s" in noun else tongue.say(noun))


def _changed(name: str, was: object, now: object, tongue: Tongue, zone: tzinfo | None) -> Changed:
    before, after = _list(was), _list(now)
    if before or after:
        went, came = [one for one in before if one not in after], [one for one in after if one not in before]
    else:
        went, came = ([] if value in (None, "", []) else [value] for value in (was, now))
    return Changed(
        FIELDS.get(name, name),
        [_value(name, one, tongue, zone) for one in went],
        [_value(name, one, tongue, zone) for one in came],
    )


def _list(value: object) -> list[object]:
    held = cast("list[object] | str | float | None", value)
    return held if isinstance(held, list) else []


def _value(name: str, value: object, tongue: Tongue, zone: tzinfo | None) -> str:
    if isinstance(value, bool):
        return tongue.say(N_("yes") if value else N_("no"))
    text = str(value)
    if name == "permissions":
        return tongue.say(_MAY.get(text, text))
    if name in _CLOSED and text in VALUES:
        return tongue.say(VALUES[text])
    if name.startswith("look.") and "/" in text:
        return tongue.say(N_("a picture"))
    if _MOMENT.fullmatch(text):
        return tongue.moment(datetime.fromisoformat(text), zone)
    return text
