"""What a post's page offers besides reading: votes, who liked it, what was changed, writing it anew."""

import gzip
import re

import pytest

from tests.rooms.media import pictures
from tests.support.square import Person, Square
from tests.web.visitor import Visitor, visitor
from townsquare.web.door.holes import filled, hole, pieces_of, to_keep
from townsquare.web.door.kept import Kept
from townsquare.web.door.packed import gzipped, piece, plain, takes_gzip
from townsquare.web.feeds.articles import gathered, key_of, shown_id
from townsquare.web.reading.differences import differences


def marked(before: str, after: str) -> str:
    signs = {"same": "{}", "gone": "-{}-", "new": "+{}+"}
    return "".join(signs[piece.kind].format(piece.text) for piece in differences(before, after))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("the red door", "the green door", "the -red-+green+ door"),
        ("one", "one two", "one+ two+"),
        ("", "new", "+new+"),
        ("same", "same", "same"),
        ("gone", "", "-gone-"),
    ],
)
def test_what_was_changed_is_told_word_by_word(before: str, after: str, told: str) -> None:
    assert marked(before, after) == told


def test_long_texts_are_not_compared_word_by_word() -> None:
    before, after = "a b " * 3000, "a c " * 3000
    assert [piece.kind for piece in differences(before, after)] == ["gone", "new"]


def test_what_is_used_longest_ago_makes_room() -> None:
    kept = Kept[bytes](40, len)
    for name in "abcd":
        kept.put(name, b"0123456789")
    assert kept.get("a")
    kept.put("e", b"0123456789")
    assert [name for name in "abcde" if kept.get(name)] == ["a", "c", "d", "e"]
    kept.put("f", b"0" * 11)
    assert kept.get("f") is None
    assert kept.weight == 40


def test_holes_are_filled_with_bytes_and_nobody_can_write_one() -> None:
    text = f"<a>{hole('one')}|{hole('one')}|\x02guess:one\x03</a>"
    whole = b"<a>ONE|ONE|\x02guess:one\x03</a>"
    for pieces in (pieces_of(text), to_keep(pieces_of(text))):
        parts = filled(pieces, lambda name: [name.upper().encode()])
        assert plain(parts) == whole
        assert gzip.decompress(gzipped(parts)) == whole


def test_what_is_packed_piece_by_piece_is_whole_again() -> None:
    long = "".join(f"<p>a line of number {number}</p>" for number in range(3000)).encode()
    parts = [b"", b"short", piece(b""), piece(long), b"token", b"and more", piece(b"\x00\xff" * 50_000), long, long]
    packed = gzipped(parts)
    assert gzip.decompress(packed) == plain(parts)
    assert len(packed) < len(plain(parts)) / 5
    assert gzip.decompress(gzipped([])) == b""


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ("gzip, deflate, br", True),
        ("br;q=1.0, gzip;q=0.5", True),
        ("GZIP", True),
        ("br,x-gzip", True),
        ("", False),
        ("identity", False),
        ("gzip;q=0", False),
        ("br, gzip; q=0.0", False),
        ("notgzip", False),
        ("gzipped", False),
    ],
)
def test_gzip_is_for_those_who_ask_for_it(said: str, taken: bool) -> None:
    assert takes_gzip(said) is taken


def entity(number: int, followers: int = 1, echo_of: bytes = b"null", author: str = "ann") -> bytes:
    account = b'{"id":"1","acct":"%b","followers_count":%d,"statuses_count":1}' % (author.encode(), followers)
    return b'{"id":"%d","content":"<p>hello</p>","account":%b,"reblog":%b}' % (number, account, echo_of)


def test_a_post_is_known_by_what_of_it_is_shown() -> None:
    assert key_of(entity(1, followers=1)) == key_of(entity(1, followers=2))
    assert key_of(entity(1)) != key_of(entity(2))
    assert key_of(entity(5, 1, entity(1))) == key_of(entity(6, 9, entity(1, followers=3)))
    assert key_of(entity(5, 1, entity(1))) != key_of(entity(6, 1, entity(1), author="ben"))


def test_echoes_of_a_post_stand_together_and_a_post_by_itself_comes_first() -> None:
    echo, other = entity(5, 1, entity(1)), entity(6, 1, entity(1), author="ben")
    assert shown_id(echo) == shown_id(entity(1)) == "1"
    assert gathered([echo, entity(2), other]) == {"1": [echo, other], "2": [entity(2)]}
    assert gathered([entity(1), echo]) == {"1": [entity(1)]}


async def test_a_poll_is_answered_without_a_script(square: Square) -> None:
    ann = await square.person("ann")
    ben = await visitor(square, "ben")
    post = await ann.say("Tea or coffee?", poll={"options": ["Tea", "Coffee <b>"], "expires_in": 3600})
    page = f"/@ann/{post['id']}"
    asked = (await ben.get(page)).text
    assert f'name="choices[{post["id"]}][]"' in asked
    assert "Coffee &lt;b&gt;" in asked
    nothing = await ben.send(f"/posts/{post['id']}/vote", page=page)
    assert nothing.status_code == 422
    field = {f"choices[{post['id']}][]": "1", "choices[5][]": "0", "next": page}
    voted = await ben.send(f"/posts/{post['id']}/vote", page=page, **field)
    assert voted.headers["location"] == f"{page}#post-{post['id']}"
    told = (await ben.get(page)).text
    assert "Your vote is counted" in told
    assert "100 %" in told
    assert "Your choice" in told
    assert f'name="choices[{post["id"]}][]"' not in told
    assert "choices[" not in (await (await visitor(square)).get(page)).text


async def test_who_liked_and_echoed_a_post_is_listed(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    post = await ann.say("hello")
    for act in ("favourite", "reblog"):
        await ben.post(f"/api/v1/statuses/{post['id']}/{act}")
    quote = await ben.say("look", quoted_status_id=post["id"])
    await square.settle()
    stranger = await visitor(square)
    page = (await stranger.get(f"/@ann/{post['id']}")).text
    for path in ("favourites", "echoes", "quotes"):
        assert f'href="/@ann/{post["id"]}/{path}"' in page
        assert "@ben" in (await stranger.get(f"/@ann/{post['id']}/{path}")).text
    quoting = (await stranger.get(f"/@ben/{quote['id']}")).text
    assert '<blockquote class="quoted">' in quoting
    assert (await stranger.get(f"/@ben/{post['id']}/echoes")).status_code == 404
    secret = await ann.say("for few", visibility="private")
    assert (await stranger.get(f"/@ann/{secret['id']}/favourites")).status_code == 404


async def test_a_history_tells_words_that_came_and_went(square: Square) -> None:
    ann = await square.person("ann")
    post = await ann.say("the red door")
    await ann.request(
        "PUT", f"/api/v1/statuses/{post['id']}", json={"status": "the green door", "spoiler_text": "paint"}
    )
    await square.settle()
    page = (await (await visitor(square)).get(f"/@ann/{post['id']}/history")).text
    assert "the <del>red</del><ins>green</ins> door" in page
    assert "<ins>paint</ins>" in page
    assert page.count("<article") == 2
    assert page.count('<details class="covered">') == 2, "what is covered now is covered as it was before, too"


async def test_a_history_covers_what_is_sensitive(square: Square) -> None:
    ann = await square.person("ann")
    files = {"file": ("x.png", pictures.png(), "image/png")}
    media = (await ann.request("POST", "/api/v2/media", files=files, data={"description": "A hat"})).json()
    post = await ann.say("Look", media_ids=[media["id"]], sensitive=True)
    page = (await (await visitor(square)).get(f"/@ann/{post['id']}/history")).text
    covered = page.partition('<details class="covered">')[2].partition("</details>")[0]
    assert "Sensitive picture" in covered
    assert 'alt="A hat"' in covered


async def test_a_post_is_deleted_and_written_anew(square: Square) -> None:
    ann = await visitor(square, "ann")
    number = await ann.post("the first try", warning="a warning")
    asked = await ann.send(f"/posts/{number}/redraft", page="/home")
    assert "Delete and write anew" in asked.text
    box = await ann.send(f"/posts/{number}/redraft", page="/home", sure="true")
    assert box.status_code == 200
    assert re.search(r"<textarea[^>]*>\s*the first try</textarea>", box.text)
    assert 'value="a warning"' in box.text
    assert (await ann.get(f"/@ann/{number}")).status_code == 200, "whoever thinks better of it has lost nothing"
    refused = await ann.send("/posts", page="/home", text="long " * 500, redraft=number)
    assert refused.status_code == 422
    assert f'name="redraft" value="{number}"' in refused.text
    assert (await ann.get(f"/@ann/{number}")).status_code == 200
    await ann.post("the second try", redraft=number)
    assert (await ann.get(f"/@ann/{number}")).status_code == 404


async def test_nobody_writes_in_the_place_of_somebody_else_s_post(square: Square) -> None:
    ann, ben = await visitor(square, "ann"), await visitor(square, "ben")
    number = await ann.post("mine")
    await ben.post("not yours", redraft=number)
    assert (await ann.get(f"/@ann/{number}")).status_code == 200


async def test_files_of_a_post_that_is_written_anew_are_its_own_until_then(square: Square) -> None:
    api = await square.person("ann")
    ann = Visitor(square)
    await ann.sign_in("ann")
    first, second = [await uploaded(api), await uploaded(api)]
    post = await api.say("two doors", media_ids=[first, second])
    kept = {"kept[0][id]": first, "kept[0][alt]": "a green door", "kept[0][focus]": "0,0", "redraft": post["id"]}
    refused = await ann.send("/posts", page="/home", text="long " * 500, **kept)
    assert "a green door" in refused.text
    now = await api.get(f"/api/v1/statuses/{post['id']}")
    assert [one["description"] for one in now["media_attachments"]] == ["a red door"] * 2
    await ann.post("one door", **kept)
    (latest,) = await api.get(f"/api/v1/accounts/{api.id}/statuses")
    assert [one["description"] for one in latest["media_attachments"]] == ["a green door"]
    assert (await api.request("GET", f"/api/v1/media/{second}")).status_code == 404, "nobody wants it any more"
    await square.settle()
    sealed: list[str] = await square.db.value("SELECT file_keys FROM sealed_posts")
    copies = " ".join(one for one in square.files() if one.startswith("evidence/deleted/"))
    assert [key for key in sealed if f"/{key}.sealed" not in copies] == [], "it can still be reported"


async def uploaded(api: Person) -> str:
    """The id of a picture of a red door."""
    sent = await api.request("POST", "/api/v2/media", files={"file": ("p.png", pictures.png(), "image/png")})
    number = sent.json()["id"]
    await api.put(f"/api/v1/media/{number}", description="a red door")
    return number


async def test_all_that_a_post_was_is_in_the_box_again(square: Square) -> None:
    ben, api = await square.person("ben"), await square.person("ann")
    ann = Visitor(square)
    await ann.sign_in("ann")
    quoted = await ben.say("well said")
    sent = await api.request("POST", "/api/v2/media", files={"file": ("p.png", pictures.png(), "image/png")})
    picture = sent.json()["id"]
    await api.put(f"/api/v1/media/{picture}", description="a red door", focus="0.5,-0.5")
    chosen = {"reply_policy": "following", "quote_approval_policy": "followers", "visibility": "unlisted"}
    post = await api.say(
        "a quote", quoted_status_id=quoted["id"], media_ids=[picture], language="de", spoiler_text="hm", **chosen
    )
    box = (await ann.send(f"/posts/{post['id']}/redraft", page="/home", sure="true")).text
    assert f'name="quotes" value="{quoted["id"]}"' in box
    assert "well said" in box
    assert "a red door" in box
    assert 'value="0.5,-0.5"' in box
    for value in ("following", "followers", "unlisted", "de"):
        assert f'<option value="{value}" selected' in box
    kept = {"kept[0][id]": picture, "kept[0][alt]": "a green door", "kept[0][focus]": "0.5,-0.5", "redraft": post["id"]}
    again = await ann.send("/posts", page="/home", text="again", quotes=quoted["id"], **kept)
    assert again.status_code == 303
    assert (await ann.get(f"/@ann/{post['id']}")).status_code == 404
    latest = (await api.get(f"/api/v1/accounts/{api.id}/statuses"))[0]
    assert latest["quote"]["quoted_status"]["id"] == quoted["id"]
    assert latest["media_attachments"][0]["description"] == "a green door"


async def test_a_poll_is_in_the_box_again(square: Square) -> None:
    api = await square.person("ann")
    ann = Visitor(square)
    await ann.sign_in("ann")
    poll = {"options": ["Tea", "Coffee"], "expires_in": 22_000, "multiple": True, "hide_totals": True}
    post = await api.say("which?", poll=poll)
    box = (await ann.send(f"/posts/{post['id']}/redraft", page="/home", sure="true")).text
    assert 'value="Tea"' in box
    assert 'value="Coffee"' in box
    assert '<option value="21600" selected>' in box
    assert 'name="poll[multiple]" value="true" checked' in box
    assert 'name="poll[hide_totals]" value="true" checked' in box


async def test_a_conversation_is_silenced_and_heard_again(square: Square) -> None:
    ann = await visitor(square, "ann")
    number = await ann.post("a long talk")
    for act, other in (("silence", "unsilence"), ("unsilence", "silence")):
        assert (await ann.send(f"/posts/{number}/{act}", page="/home")).status_code == 303
        assert f'formaction="/posts/{number}/{other}"' in (await ann.get(f"/@ann/{number}")).text


async def test_a_post_for_everybody_can_be_shown_elsewhere(square: Square) -> None:
    ann = await square.person("ann")
    open_one, closed = await ann.say("for all"), await ann.say("for few", visibility="private")
    stranger = await visitor(square)
    page = (await stranger.get(f"/@ann/{open_one['id']}/embedding")).text
    assert f"/@ann/{open_one['id']}/embed&#34;" in page
    assert (await stranger.get(f"/@ann/{closed['id']}/embedding")).status_code == 404


async def test_a_post_is_rendered_once_and_shown_as_it_is_now(square: Square) -> None:
    ann = await visitor(square, "ann")
    number = await ann.post("Kept")
    first = (await ann.get("/home")).text
    assert f'formaction="/posts/{number}/favourite"' in first
    await ann.send(f"/posts/{number}/favourite", page="/home")
    again = (await ann.get("/home")).text
    assert f'formaction="/posts/{number}/unfavourite"' in again
    tokens = [re.findall(r'name="csrf" value="([^"]+)"', page)[0] for page in (first, again)]
    assert tokens[0] != tokens[1]


async def test_a_home_page_that_was_made_before_asks_little(square: Square) -> None:
    ann = await visitor(square, "ann")
    for number in range(3):
        await ann.post(f"post {number}")
    await square.settle()
    square.services.callers.up()
    square.services.filters.up()
    asked: list[int] = []
    for _ in range(3):
        before = square.db.statements
        assert (await ann.get("/home")).text.count("<article") == 3
        asked.append(square.db.statements - before)
    assert asked[-1] <= 4
