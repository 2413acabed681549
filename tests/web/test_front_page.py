"""What strangers see first is what the place has picked, as long as strangers may see it."""

import re
from io import BytesIO

import pytest
from PIL import Image

from tests.rooms.media import pictures
from tests.support.square import Square
from tests.web.visitor import OURS, Visitor, visitor
from townsquare.moderation import audit

FRONT = "/manage/front"


async def owner_of(square: Square) -> Visitor:
    await square.person("boss", role="owner")
    one = Visitor(square)
    await one.sign_in("boss")
    return one


async def pick(owner: Visitor, kind: str, name: str, until: str = "") -> int:
    return (await owner.send(f"{FRONT}/{kind}", page=FRONT, name=name, until=until)).status_code


async def front(square: Square) -> str:
    answer = await (await visitor(square)).get("/")
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", answer.text)


async def test_what_is_picked_stands_on_the_front_page_in_its_order(square: Square) -> None:
    owner, ann = await owner_of(square), await square.person("ann")
    first, second = await ann.say("The weir at dawn"), await ann.say("The choir sings #choir")
    assert await pick(owner, "posts", first["url"]) == 303
    assert await pick(owner, "posts", second["id"], "2099-01-01T12:00") == 303
    assert await pick(owner, "people", "@ann") == 303
    assert await pick(owner, "tags", "#Choir") == 303
    page = await front(square)
    assert "Picked by those who look after the place" in page
    assert page.index("The weir at dawn") < page.index("The choir sings")
    assert page.count(f'id="post-{first["id"]}"') == 1, "what is picked does not stand among the latest again"
    assert "People to know" in page
    assert "Worth following" in page
    assert (await owner.send(f"{FRONT}/posts/{second['id']}/move/up", page=FRONT)).status_code == 303
    page = await front(square)
    assert page.index("The choir sings") < page.index("The weir at dawn")
    for path in (f"posts/{first['id']}", f"posts/{second['id']}", f"people/{ann.id}", "tags/choir"):
        assert (await owner.send(f"{FRONT}/{path}/delete", page=FRONT)).status_code == 303
    assert "Picked by those" not in await front(square)
    actions = [one.action for one in await audit.history(square.db, f"post:{second['id']}")]
    assert actions == ["front.hide", "front.move", "front.show"]


async def test_what_strangers_may_not_see_is_not_shown(square: Square) -> None:
    owner = await owner_of(square)
    ann, ben, cid = [await square.person(name) for name in ("ann", "ben", "cid")]
    posts = [await one.say(f"From {one.username}") for one in (ann, ben, cid)]
    for one, post in zip((ann, ben, cid), posts, strict=True):
        assert await pick(owner, "posts", post["id"]) == 303
        assert await pick(owner, "people", one.username) == 303
    await ann.delete(f"/api/v1/statuses/{posts[0]['id']}")
    for one, action in ((ben, "suspend"), (cid, "silence")):
        fields = {"type": action, "text": "why"}
        assert (await owner.send(f"/manage/people/{one.id}/act", page="/manage", **fields)).status_code == 303
    await square.settle()
    page = await front(square)
    assert not re.search("From (ann|ben|cid)", page.split("Lately on the square")[0].split("Picked by")[-1])
    assert "Picked by" not in page
    known = page.split("People to know")[1].split("</section>")[0]
    assert "@ann" in known
    assert not re.search("@(ben|cid)", known)
    shown = (await owner.get(FRONT)).text
    assert "Strangers cannot see this now" in shown
    assert "From ann" not in shown
    assert (await owner.send(f"/manage/people/{ben.id}/undo/unsuspend", page="/manage")).status_code == 303
    assert "From ben" in (await front(square)).split("Picked by")[1], "who is back is shown again"


async def test_what_is_over_is_not_shown(square: Square) -> None:
    owner, ann = await owner_of(square), await square.person("ann")
    post = await ann.say("Only today")
    assert await pick(owner, "posts", post["id"]) == 303
    await square.db.execute("UPDATE front_posts SET until = now() - interval '1 hour'")
    assert "Picked by" not in await front(square)
    assert ">Over<" in (await owner.get(FRONT)).text


@pytest.mark.parametrize(
    ("kind", "name", "until", "said"),
    [
        ("posts", "https://elsewhere.example/1", "", "no post that strangers may see"),
        ("posts", "private", "", "no post that strangers may see"),
        ("people", "@nobody", "", "nobody who is known here"),
        ("people", "@shy", "", "does not want to be found"),
        ("tags", "two words", "", "is no hashtag"),
        ("tags", "choir", "2020-01-01T00:00", "must be in the future"),
    ],
)
async def test_what_cannot_be_picked_is_said_beside_it(
    square: Square, kind: str, name: str, until: str, said: str
) -> None:
    owner, shy = await owner_of(square), await square.person("shy")
    await shy.patch("/api/v1/accounts/update_credentials", discoverable=False)
    if name == "private":
        name = (await shy.say("For friends", visibility="private"))["id"]
    answer = await owner.send(f"{FRONT}/{kind}", page=FRONT, name=name, until=until)
    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{name}"' in answer.text


async def test_the_welcome_and_what_is_shown_by_itself_are_chosen(square: Square) -> None:
    owner, ann = await owner_of(square), await square.person("ann")
    await ann.say("Hello from the market")
    fields = {"welcome": "Come in.\r\n\r\nStay <b>a while</b>.", "popular": "true", "trends": "true"}
    assert (await owner.send(FRONT, page=FRONT, **fields)).status_code == 303
    page = await front(square)
    assert "<p>Come in.</p><p>Stay &lt;b&gt;a while&lt;/b&gt;.</p>" in page
    assert "Hello from the market" not in page, "strangers do not read along any more"
    assert (await owner.send(FRONT, page=FRONT, welcome="x" * 2001)).status_code == 422


async def test_a_post_is_picked_from_its_menu_by_those_who_may(square: Square) -> None:
    owner, ann = await owner_of(square), await square.person("ann")
    post = await ann.say("The weir at dawn")
    path = f"/@ann/{post['id']}"
    assert f"/manage/front?post={post['id']}" in (await owner.get(path)).text
    assert f'value="{post["id"]}"' in (await owner.get(f"{FRONT}?post={post['id']}")).text
    guard = await visitor(square, "guard")
    assert "/manage/front" not in (await guard.get(path)).text


async def test_the_icon_of_the_place_is_made_in_all_sizes(square: Square) -> None:
    owner = await owner_of(square)
    fields = {"title": "Alder", "languages": "en", "csrf": await owner.token("/manage/place")}
    files = {name: ("i.png", pictures.png(), "image/png") for name in ("icon", "picture")}
    answer = await owner.http.post("/manage/place", data=fields, files=files, headers=OURS)
    assert answer.status_code == 303, answer.text
    icons = (await square.http.get("/manifest.webmanifest")).json()["icons"]
    assert [(one["sizes"], one["purpose"]) for one in icons] == [
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    ]
    for one in icons:
        picture = await square.http.get(one["src"])
        assert picture.headers["content-type"] == "image/png"
        assert "x".join(map(str, Image.open(BytesIO(picture.content)).size)) == one["sizes"]
    page = await front(square)
    apple = re.search(r'rel="apple-touch-icon" href="([^"]+)"', page)
    assert apple
    made = Image.open(BytesIO((await square.http.get(apple[1])).content))
    assert (made.size, "A" in made.mode) == ((180, 180), False)
    favicon = await square.http.get("/favicon.ico")
    assert favicon.status_code == 302
    assert (await square.http.get(favicon.headers["location"])).status_code == 200
    shared = re.search(r'og:image" content="https://town.example([^"]+)"', page)
    assert shared
    assert (await square.http.get(shared[1])).headers["content-type"] == "image/jpeg"


async def test_what_stands_above_the_front_page_has_a_smaller_copy(square: Square) -> None:
    owner = await owner_of(square)
    for data, widths in ((pictures.jpeg(pictures.photo(3000, 2000)), [960, 1500]), (pictures.png(), [320, 320])):
        fields = {"title": "Alder", "languages": "en", "csrf": await owner.token("/manage/place")}
        answer = await owner.http.post("/manage/place", data=fields, files={"banner": ("b", data)}, headers=OURS)
        assert answer.status_code == 303, answer.text
        shown = re.search(r'srcset="(\S+) 960w, (\S+) 1500w"', await front(square))
        assert shown
        made = [Image.open(BytesIO((await square.http.get(path)).content)) for path in shown.groups()]
        assert [one.width for one in made] == widths
