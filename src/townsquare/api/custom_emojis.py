"""The place's own emojis."""

from typing import Any

from townsquare.accounts.emojis import CustomEmoji
from townsquare.accounts.urls import file_url
from townsquare.api.door import Access, Call, Route
from townsquare.kernel.http.answer import Answer, json
from townsquare.timelines import store_place as store


async def show(call: Call, given: Any) -> Answer:
    base = call.services.settings.public_url
    return json(
        [
            CustomEmoji(
                one.shortcode,
                file_url(one.file_key, base),
                file_url(one.static_key, base),
                one.visible,
                one.category,
            )
            for one in await store.emojis(call.services.db)
        ]
    )


ROUTES = [Route("GET", "/api/v1/custom_emojis", show, Access.OPEN, returns="[CustomEmoji]")]
