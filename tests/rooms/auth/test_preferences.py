"""What a person has chosen, under the names that clients know."""

import msgspec
import pytest

from tests.rooms.auth.place import Place
from townsquare.auth.preferences import Preferences, get_preferences, set_preferences
from townsquare.kernel.errors import Invalid


async def test_choices_are_kept_and_the_rest_has_defaults(place: Place) -> None:
    user = await place.person("ada")
    assert msgspec.to_builtins(await get_preferences(place.db, user.account_id)) == {
        "posting:default:visibility": "public",
        "posting:default:sensitive": False,
        "posting:default:language": None,
        "posting:default:quote_policy": "public",
        "posting:default:reply_policy": "everybody",
        "posting:default:reply_terms": (),
        "reading:expand:media": "default",
        "reading:expand:spoilers": False,
        "reading:autoplay:gifs": False,
    }
    chosen = Preferences(visibility="private", language="de", expand_media="show_all")
    async with place.db.transaction() as tx:
        await set_preferences(tx, user.account_id, chosen)
        with pytest.raises(Invalid, match="is not the code of a language"):
            await set_preferences(tx, user.account_id, Preferences(language="klingon"))
    assert await get_preferences(place.db, user.account_id) == chosen
