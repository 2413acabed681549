"""How a thread is laid out for reading: pure, by who answered what alone.

Whoever posted it goes on first: the author's own answers to themselves are one text. Then the others' answers, each
with what was said to it. A conversation of two stays where it stands, one post below the other; only where it parts
into several does it move in, at most LEVELS times. What does not fit is counted and led to, never dropped. So a page
has a bounded length, however many answers there are and however deep they go.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from townsquare.statuses.read import Key
from townsquare.statuses.store_thread import ThreadPost

LEVELS: Final = 3
"""How often answers move in."""
WIDE: Final = 3
"""How many answers to an answer are shown."""
BRANCH: Final = 12
"""How many lines an answer has with all that is shown of what was said to it."""
ROOM: Final = 50
"""Lines from which on no further answer begins on a page."""
ABOVE: Final = 20
"""How many posts are shown above one that answers, the first of the thread besides."""

Known = Mapping[int, ThreadPost]


class Line(msgspec.Struct, frozen=True):
    """A post in its place; or, where `folded`, that so many answers to this post are not shown here."""

    key: Key
    level: int = 0
    joined: bool = False
    """The next line answers this one, and stands right below it."""
    folded: int = 0
    part: int = 0
    """Which part of the author's own thread it answers, 0 for the post that the page is about."""
    lost: bool = False
    """What it answers is gone."""


class Way(msgspec.Struct, frozen=True):
    """What stands above a post, the first of the thread first; after that one `skipped` more were left out."""

    keys: Sequence[Key] = ()
    skipped: int = 0
    lost: bool = False
    """What the first of these answers is gone."""


class Branches(msgspec.Struct, frozen=True):
    """One page of what stands below a post. `next`: the answer after which the next page goes on, or 0."""

    lines: Sequence[Line] = ()
    next: int = 0


class Tree(msgspec.Struct, frozen=True):
    """A thread: its posts, and the answers to each, the author's own first, then by time."""

    known: Known
    answers: Mapping[int, Sequence[ThreadPost]]


def tree_of(known: Known) -> Tree:
    """Of the posts of a thread by id; the first answers 0."""
    answers: dict[int, list[ThreadPost]] = {}
    for post in known.values():
        answers.setdefault(post.in_reply_to_id, []).append(post)
    for number, below in answers.items():
        author = known[number].author_id if number in known else 0
        below.sort(key=lambda post: (post.author_id != author, post.status_id))
    return Tree(known, answers)


def way_to(tree: Tree, status_id: int) -> Way:
    """What a post answers, and what that answers, up to the first."""
    chain: list[Key] = []
    here = tree.known.get(status_id)
    while here is not None and here.in_reply_to_id:
        here = tree.known.get(here.in_reply_to_id)
        if here is not None:
            chain.append(_key(here))
    chain.reverse()
    if len(chain) <= ABOVE + 1:
        return Way(chain, lost=here is None)
    return Way([chain[0], *chain[-ABOVE:]], skipped=len(chain) - ABOVE - 1, lost=here is None)


def branches_of(tree: Tree, status_id: int, after: int = 0) -> Branches:
    """What was said to a post. `after`: the answer with which the page before this one ended."""
    focus = tree.known.get(status_id)
    if focus is None:
        return Branches()
    own, rest = _own(tree, focus)
    tops = _tops(tree, focus, own, rest)
    begin = next((place + 1 for place, top in enumerate(tops) if top.key.id == after), 0)
    lines = [] if begin else _told(tree, own, rest)
    last = 0
    for top in tops[begin:]:
        if len(lines) >= ROOM:
            return Branches(lines, last)
        _grow(tree, top, lines, len(lines) + BRANCH)
        last = top.key.id
    return Branches(lines)


def _own(tree: Tree, focus: ThreadPost) -> tuple[list[ThreadPost], bool]:
    """How the author goes on, and whether there is more of it than is shown."""
    own: list[ThreadPost] = []
    here = focus
    while len(own) <= ROOM:
        here = next(iter(tree.answers.get(here.status_id, ())), focus)
        if here is focus or here.author_id != focus.author_id:
            return own, False
        own.append(here)
    return own[:ROOM], True


def _told(tree: Tree, own: Sequence[ThreadPost], rest: bool) -> list[Line]:
    lines = [Line(_key(post), joined=rest or post is not own[-1]) for post in own]
    if rest:
        lines.append(Line(_key(own[-1]), folded=_size(tree, tree.answers.get(own[-1].status_id, ()))))
    return lines


def _tops(tree: Tree, focus: ThreadPost, own: Sequence[ThreadPost], rest: bool) -> list[Line]:
    """The answers with which branches begin: to the post, to the further parts of it, and to what is gone."""
    folded = tree.answers.get(own[-1].status_id, ()) if rest else ()
    told = {post.status_id for post in (*own, *folded)}
    tops = [
        Line(_key(answer), part=place)
        for place, part in enumerate([focus, *own])
        for answer in tree.answers.get(part.status_id, ())
        if answer.status_id not in told
    ]
    if focus.in_reply_to_id == 0:
        gone = sorted(number for number in tree.answers if number and number not in tree.known)
        tops += [Line(_key(answer), lost=True) for number in gone for answer in tree.answers[number]]
    return tops


def _grow(tree: Tree, line: Line, out: list[Line], end: int) -> None:
    """A post, and below it what was said to it, as far as there is room until `end`."""
    below = tree.answers.get(line.key.id, ())
    alone = len(below) == 1
    inner = line.level if alone else line.level + 1
    out.append(msgspec.structs.replace(line, joined=alone and len(out) + 1 < end))
    shown = 0
    for answer in below[: WIDE if inner <= LEVELS else 0]:
        if len(out) >= end:
            break
        _grow(tree, Line(_key(answer), inner), out, end)
        shown += 1
    if shown < len(below):
        out.append(Line(line.key, min(inner, LEVELS), folded=_size(tree, below[shown:])))


def _size(tree: Tree, posts: Sequence[ThreadPost]) -> int:
    """How many they are with all that was said to them."""
    waiting, size = [*posts], 0
    while waiting:
        size += 1
        waiting.extend(tree.answers.get(waiting.pop().status_id, ()))
    return size


def _key(post: ThreadPost) -> Key:
    return Key(post.status_id, post.author_id)
