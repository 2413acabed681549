"""A digest as a message, as plain text and as HTML. Pure.

The HTML is of the kind that mail programs keep: tables, and styles in each element, for many take away the
sheet. What stands in the sheet all the same (dark colours, narrow screens) is comfort. Nothing is fetched from
anywhere: the message tells nobody that it was opened, and is whole where pictures are blocked.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from itertools import islice
from typing import Final

import msgspec
from markupsafe import Markup

from townsquare.auth.letters import ends_by, host_of, message_of
from townsquare.kernel.colours import OURS, shades
from townsquare.kernel.settings import Settings
from townsquare.kernel.words import N_, Tongue, Words
from townsquare.kernel.words.zones import zone_of
from townsquare.timelines.digest_model import Every, Told, since
from townsquare.timelines.wording import cut

NAMED: Final = 3
"""People whom the subject names."""
GLANCE: Final = 100
"""Characters that lists of messages show beside the subject."""

SUBJECTS: Final = {"day": N_("Today at %(place)s"), "week": N_("This week at %(place)s")}
SUBJECTS_NAMING: Final = {"day": N_("Today at %(place)s: %(names)s"), "week": N_("This week at %(place)s: %(names)s")}
WHY: Final = {
    "day": N_("You get this once a day, because you asked for it."),
    "week": N_("You get this once a week, because you asked for it."),
}
ANNOUNCED: Final = N_("Announced")
FOLLOWED: Final = N_("From people you follow")
POPULAR: Final = N_("Popular on the square")
READ: Final = N_("Read the post")
OPEN: Final = N_("Go to the square")
CHANGE: Final = N_("Choose what and when")
END: Final = N_("No more of these")
PICTURES: Final = N_("With pictures")
FILM: Final = N_("With a film")
SOUND: Final = N_("With sound")
POLL: Final = N_("With a poll")
WARNING: Final = N_("Behind a warning")


class Digest(msgspec.Struct, frozen=True, kw_only=True):
    """What is told, and to whom. `end`: the address by which no more come."""

    tongue: Tongue
    zone: str
    due_at: datetime
    sent_at: datetime
    every: Every
    to: str
    account_id: int
    followed: Sequence[Told]
    popular: Sequence[Told]
    announced: Sequence[str]
    end: str

    @property
    def posts(self) -> list[Told]:
        return [*self.followed, *self.popular]

    @property
    def sections(self) -> list[tuple[str, Sequence[Told]]]:
        named = ((FOLLOWED, self.followed), (POPULAR, self.popular))
        return [(self.tongue.say(name), posts) for name, posts in named if posts]

    @property
    def when(self) -> str:
        """The day, or the days."""
        zone = zone_of(self.zone)
        last = self.tongue.day(self.sent_at, zone)
        if self.every == "day":
            return last
        return self.tongue.say(N_("%(first)s to %(last)s"), first=self.tongue.day(self._first, zone), last=last)

    @property
    def _first(self) -> datetime:
        return since(self.due_at, self.every)


def write(digest: Digest, settings: Settings) -> EmailMessage:
    """The message."""
    name = f"digest.{digest.account_id}.{digest.due_at.timestamp():.3f}"
    plain, html = _plain(digest, settings), _html(digest, settings)
    message = message_of(subject(digest, settings), digest.to, plain, html, settings, digest.sent_at, name=name)
    message["List-Id"] = f"<digest.{host_of(settings)}>"
    message["Content-Language"] = digest.tongue.code
    ends_by(message, digest.end)
    return message


def subject(digest: Digest, settings: Settings) -> str:
    """Of the place, and of whom there is something in it."""
    names = [*islice(dict.fromkeys(cut(one.account.name, 30) for one in digest.posts), NAMED)]
    if not names:
        return digest.tongue.say(SUBJECTS[digest.every], place=settings.title)
    return digest.tongue.say(SUBJECTS_NAMING[digest.every], place=settings.title, names=digest.tongue.join(names))


def has(post: Told, tongue: Tongue) -> list[str]:
    """What else the post has: it is not in the message."""
    kinds = {one.type for one in post.media_attachments}
    found = [(PICTURES, "image" in kinds), (FILM, bool(kinds & {"video", "gifv"})), (SOUND, "audio" in kinds)]
    found += [(POLL, post.poll not in (None, msgspec.Raw(b"null"))), (WARNING, bool(post.spoiler_text))]
    return [tongue.say(name) for name, there in found if there]


def counts(post: Told, tongue: Tongue) -> list[str]:
    """What others made of it."""
    found = [
        Words.plural("%(num)s favourite", "%(num)s favourites", post.favourites_count),
        Words.plural("%(num)s echo", "%(num)s echoes", post.reblogs_count),
        Words.plural("%(num)s answer", "%(num)s answers", post.replies_count),
    ]
    return [tongue.say(one) for one in found if one.values["num"]]


def _plain(digest: Digest, settings: Settings) -> str:
    say = digest.tongue.say
    parts = [f"{settings.title}\n{digest.when}"]
    if digest.announced:
        parts += [_heading(say(ANNOUNCED)), *digest.announced]
    for name, posts in digest.sections:
        parts += [_heading(name), *(_plain_post(one, digest) for one in posts)]
    more = [(OPEN, f"{settings.public_url}/home"), (CHANGE, _choices(settings)), (END, digest.end)]
    parts += ["-- \n" + say(WHY[digest.every]), *(f"{say(name)}:\n{link}" for name, link in more)]
    return "\n\n".join(parts) + "\n"


def _heading(text: str) -> str:
    return f"{text}\n{'=' * len(text)}"


def _plain_post(post: Told, digest: Digest) -> str:
    more = " · ".join([*has(post, digest.tongue), *counts(post, digest.tongue)])
    lines = [f"{post.account.name} (@{post.account.acct})", post.text, more, post.url or post.uri]
    return "\n".join(line for line in lines if line)


def _choices(settings: Settings) -> str:
    return f"{settings.public_url}/settings/notifications#digest"


def _html(digest: Digest, settings: Settings) -> str:
    say = digest.tongue.say
    looks = _looks(settings.look.accent)
    return str(
        _PAGE.format(
            **looks,
            code=digest.tongue.code,
            direction=digest.tongue.direction,
            style=_STYLE % looks,
            subject=subject(digest, settings),
            glance=cut(next((one.text for one in digest.posts), "") or " ".join(digest.announced), GLANCE),
            place=settings.title,
            home=f"{settings.public_url}/home",
            when=digest.when,
            parts=_joined(_html_parts(digest, looks)),
            open=say(OPEN),
            why=say(WHY[digest.every]),
            choices=_choices(settings),
            change=say(CHANGE),
            end=digest.end,
            ends=say(END),
        )
    )


def _looks(accent: str) -> Mapping[str, str]:
    """What stands in many of the elements, in the place's own colour where it has one."""
    made = shades(accent) if accent else OURS
    return _SHARED | {name: getattr(made, name) for name in _COLOURS}


def _html_parts(digest: Digest, looks: Mapping[str, str]) -> Iterator[Markup]:
    if digest.announced:
        yield _HEADING.format(digest.tongue.say(ANNOUNCED), **looks)
        yield from (_ANNOUNCED.format(_lines(one), **looks) for one in digest.announced)
    for name, posts in digest.sections:
        yield _HEADING.format(name, **looks)
        yield from (_html_post(one, digest.tongue, looks, zone=digest.zone) for one in posts)


def _html_post(post: Told, tongue: Tongue, looks: Mapping[str, str], zone: str) -> Markup:
    more = [*has(post, tongue), *counts(post, tongue)]
    return _POST.format(
        **looks,
        link=post.url or post.uri,
        name=cut(post.account.name, 60),
        acct=post.account.acct,
        when=tongue.moment(post.created_at, zone_of(zone)),
        text=_lines(post.text),
        more=_MORE.format(" · ".join(more)) if more else "",
        read=tongue.say(READ),
    )


def _lines(text: str) -> Markup:
    return Markup("<br>").join(text.split("\n"))


def _joined(parts: Iterable[Markup]) -> Markup:
    return Markup("\n").join(parts)


_STYLE: Final = Markup("""\
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (max-width: 480px) {
  .room { padding-left: 16px !important; padding-right: 16px !important; }
  .edge { padding: 0 !important; }
}
@media (prefers-color-scheme: dark) {
  .paper { background: #171614 !important; }
  .sheet { background: #1f1e1b !important; border-color: #37332d !important; }
  .ink, .ink a { color: #f1ede4 !important; }
  .quiet, .quiet a { color: #b0a899 !important; }
  .line { border-color: #37332d !important; }
  .quiet a.accent { color: %(dark)s !important; }
  .wash { background: %(wash_dark)s !important; color: #f1ede4 !important; border-color: %(dark)s !important; }
  .press { background: %(dark)s !important; color: %(on_dark)s !important; border-color: %(dark)s !important; }
}
""")
_SHARED: Final = {
    "sans": Markup("font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',Arial,sans-serif;"),
    "serif": Markup("font-family:'Iowan Old Style',Palatino,'Noto Serif',Georgia,serif;"),
    "room": Markup("padding-left:32px;padding-right:32px;"),
}
_COLOURS: Final = ("light", "dark", "on_light", "on_dark", "wash_light", "wash_dark")
_PAGE: Final = Markup(
    """\
<!doctype html>
<html lang="{code}" dir="{direction}">
<head>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{subject}</title>
<style>
{style}</style>
</head>
<body class="paper" style="margin:0;padding:0;background:#faf7f0;">
<div style="display:none;max-height:0;overflow:hidden;">{glance}</div>
<table role="presentation" class="paper" width="100%" cellpadding="0" cellspacing="0" border="0" \
style="background:#faf7f0;">
<tr><td class="edge" align="center" style="padding:24px 12px;">
<table role="presentation" class="sheet" width="600" cellpadding="0" cellspacing="0" border="0" \
style="width:100%;max-width:600px;background:#ffffff;border:1px solid #e2dbcc;border-radius:14px;text-align:start;">
<tr><td class="room" style="{room}padding-top:28px;padding-bottom:4px;">
<h1 class="ink" style="margin:0;{serif}font-size:26px;line-height:1.25;font-weight:600;color:#211e19;">\
<a href="{home}" style="color:inherit;text-decoration:none;">{place}</a></h1>
<p class="quiet" style="margin:4px 0 0;{sans}font-size:14px;line-height:1.5;color:#5f594e;">{when}</p>
</td></tr>
{parts}
<tr><td class="room" style="{room}padding-top:24px;padding-bottom:32px;">
<a class="press" href="{home}" style="display:inline-block;padding:12px 24px;border-radius:999px;background:{light};\
color:{on_light};{sans}font-size:16px;line-height:20px;font-weight:600;text-decoration:none;">{open}</a>
</td></tr>
</table>
<table role="presentation" width="600" cellpadding="0" cellspacing="0" border="0" \
style="width:100%;max-width:600px;text-align:start;">
<tr><td class="room quiet" style="{room}padding-top:16px;padding-bottom:24px;{sans}font-size:14px;line-height:1.6;\
color:#5f594e;">{why}<br>
<a href="{choices}" style="color:#5f594e;">{change}</a> &nbsp;·&nbsp; <a href="{end}" style="color:#5f594e;">\
{ends}</a></td></tr>
</table>
</td></tr>
</table>
</body>
</html>
"""
)
_HEADING: Final = Markup(
    """\
<tr><td class="room" style="{room}padding-top:24px;padding-bottom:4px;">
<h2 class="ink" style="margin:0;{serif}font-size:19px;line-height:1.3;font-weight:600;color:#211e19;">{}</h2>
</td></tr>"""
)
_ANNOUNCED: Final = Markup(
    """\
<tr><td class="room" style="{room}padding-top:8px;padding-bottom:8px;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td class="wash" dir="auto" \
style="padding:14px 16px;border-radius:8px;background:{wash_light};{sans}font-size:16px;line-height:1.5;color:#211e19;\
overflow-wrap:anywhere;">{}</td></tr></table>
</td></tr>"""
)
_POST: Final = Markup(
    """\
<tr><td class="room" style="{room}padding-top:0;padding-bottom:0;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td class="line" \
style="padding:14px 0 16px;border-bottom:1px solid #e2dbcc;{sans}">
<p class="ink" style="margin:0;font-size:16px;line-height:1.4;color:#211e19;"><strong><bdi>{name}</bdi></strong> \
<span class="quiet" dir="ltr" style="font-size:14px;color:#5f594e;overflow-wrap:anywhere;">@{acct}</span></p>
<p class="ink" dir="auto" style="margin:4px 0 0;font-size:16px;line-height:1.5;color:#211e19;overflow-wrap:anywhere;">\
{text}</p>
{more}
<p class="quiet" style="margin:8px 0 0;font-size:14px;line-height:1.5;color:#5f594e;">{when} &nbsp;·&nbsp; \
<a class="accent" href="{link}" style="color:{light};font-weight:600;">{read}</a></p>
</td></tr></table>
</td></tr>"""
)
_MORE: Final = Markup(
    """<p class="quiet" style="margin:8px 0 0;font-size:14px;line-height:1.5;color:#5f594e;">{}</p>"""
)
