"""Polls: look and vote. They are made with posts."""

from typing import Any

import msgspec

from townsquare.api.door import Access, Call, Route
from townsquare.api.statuses import person
from townsquare.auth.callers import check_agreed
from townsquare.kernel.http.answer import Answer, json
from townsquare.kernel.ids import StatusId
from townsquare.statuses.vote import show_poll, vote


class Votes(msgspec.Struct, frozen=True):
    choices: list[int] = []
    """Places of the options, from 0."""


async def show(call: Call, given: Any) -> Answer:
    return json(await show_poll(call.services.db, call.viewer, StatusId(call.id())))


async def vote_in(call: Call, given: Votes) -> Answer:
    check_agreed(person(call))
    await vote(call.services.db, call.me, StatusId(call.id()), given.choices)
    return await show(call, given)


ROUTES = [
    Route("GET", "/api/v1/polls/:id", show, Access.PUBLIC, ("read:statuses",), returns="Poll"),
    Route("POST", "/api/v1/polls/:id/votes", vote_in, Access.USER, ("write:statuses",), Votes, "Poll"),
]
