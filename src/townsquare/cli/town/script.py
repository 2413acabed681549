"""Reads what was written for the town: its people, and their posts with all answers.

A post begins with a line that says when, who and what else; an answer says how long after the post above it:

    ~ Sat-3 09:02 ines | picture: stall; A cheese stall with a green awning
    Paul and his kingdom.
    > 44m paul_m
    My mother has asked for a print.

`Sat-3` is the Saturday three weeks ago, `2d 18:20` a time two days ago, `3h` three hours ago. A second `>` answers an
answer. Further words: `cw: …`, `lang: pt`, `only: followers`, `pin`.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from importlib import resources
from typing import Final, Literal

import msgspec

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}
_POST: Final = re.compile(r"~ (?P<when>\S+(?: \d\d:\d\d)?) (?P<author>\w+)(?: \| (?P<rest>.*))?")
_ANSWER: Final = re.compile(r"(?P<depth>>+) (?P<after>\d+)(?P<unit>[mhd]) (?P<author>\w+)(?: \| (?P<rest>.*))?")


class Look(msgspec.Struct, frozen=True):
    """How somebody is drawn; see faces.py."""

    shirt: str
    skin: int = 0
    hair: str = "short"
    colour: str = "brown"
    glasses: bool = False
    beard: bool = False
    emblem: str = ""


class Villager(msgspec.Struct, frozen=True):
    username: str
    name: str
    note: str
    look: Look
    fields: Sequence[tuple[str, str]] = ()
    bot: bool = False
    locked: bool = False


class Line(msgspec.Struct, frozen=True):
    """One post. `answers` is the place in the script of the post that it answers, -1 for none."""

    author: str
    at: datetime
    text: str
    answers: int = -1
    warning: str = ""
    picture: str = ""
    alt: str = ""
    language: str = "en"
    visibility: Literal["public", "private"] = "public"
    pin: bool = False


class _Folk(msgspec.Struct, frozen=True):
    person: Sequence[Villager]


def people() -> Sequence[Villager]:
    """Those who live in the town."""
    text = (resources.files("townsquare.cli.town") / "people.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), _Folk).person


def lines(now: datetime) -> list[Line]:
    """All posts as they are said up to now, oldest first; each after the one that it answers."""
    folder = resources.files("townsquare.cli.town") / "posts"
    script: list[Line] = []
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        script += parse(file.read_text(encoding="utf-8"), now, first=len(script))
    return _by_time(script)


def _by_time(script: Sequence[Line]) -> list[Line]:
    order = sorted(range(len(script)), key=lambda place: (script[place].at, place))
    moved = {old: new for new, old in enumerate(order)}
    return [msgspec.structs.replace(script[old], answers=moved.get(script[old].answers, -1)) for old in order]


def parse(text: str, now: datetime, *, first: int = 0) -> list[Line]:
    """The posts of one file; `first` is the place of its first one in the whole script."""
    script: list[Line] = []
    above: list[int] = []
    for head, body in _pieces(text):
        answer = _ANSWER.fullmatch(head)
        if answer is not None:
            del above[len(answer["depth"]) :]
            parent = script[above[-1]]
            at = parent.at + timedelta(**{UNITS[answer["unit"]]: int(answer["after"])})
            line = _line(answer["author"], at, body, answer["rest"])
            line = msgspec.structs.replace(line, answers=first + above[-1], visibility=parent.visibility)
        else:
            post = _POST.fullmatch(head)
            if post is None:
                raise ValueError(f"not the head of a post: {head}")
            above.clear()
            line = _line(post["author"], moment(post["when"], now), body, post["rest"])
        above.append(len(script))
        script.append(line)
    return script


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """Each head with the text below it."""
    head, body = "", list[str]()
    for row in [*text.splitlines(), "~"]:
        if row.startswith(("~", ">")):
            if head:
                yield head, "\n".join(body).strip()
            head, body = row, []
        else:
            body.append(row)


def _line(author: str, at: datetime, text: str, rest: str | None) -> Line:
    words: Mapping[str, str] = dict(_word(word) for word in (rest or "").split(" | ") if word)
    picture, _, alt = words.get("picture", "").partition("; ")
    return Line(
        author=author,
        at=at,
        text=text,
        warning=words.get("cw", ""),
        picture=picture,
        alt=alt,
        language=words.get("lang", "en"),
        visibility="private" if words.get("only") == "followers" else "public",
        pin="pin" in words,
    )


def _word(word: str) -> tuple[str, str]:
    name, _, value = word.partition(": ")
    return name, value


def moment(when: str, now: datetime) -> datetime:
    """`Sat-3 09:02`, `2d 18:20` or `3h` as a time before now."""
    day, _, clock = when.partition(" ")
    if day.endswith("h"):
        return now - timedelta(hours=int(day[:-1]))
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    hours, minutes = (int(part) for part in clock.split(":"))
    if day.endswith("d"):
        begun = midnight - timedelta(days=int(day[:-1]))
    else:
        name, _, weeks = day.partition("-")
        monday = midnight - timedelta(days=midnight.weekday())
        begun = monday + timedelta(days=DAYS.index(name), weeks=-int(weeks))
    return begun + timedelta(hours=hours, minutes=minutes)
