"""Reporting from the pages: collections, hashtags, single files and messages, and what the desk shows of each."""

import html
import re

from tests.api.test_reports import with_pictures
from tests.support.square import Square
from tests.web.test_desk import at_desk, said
from tests.web.visitor import Visitor


async def test_collections_and_hashtags_are_reported_from_their_pages_and_shown_as_they_were(square: Square) -> None:
    ann, cid = await square.person("ann"), await square.person("cid")
    made = (await ann.post("/api/v1/collections", name="Fools", description="All of them", account_ids=[str(cid.id)]))[
        "collection"
    ]
    mod, ben = await at_desk(square, "mod"), await at_desk(square, "ben", "user")
    there = f"/report?account={ann.id}&collection={made['id']}"
    assert there in html.unescape((await ben.get(f"/collections/{made['id']}")).text)
    given = {"account": str(ann.id), "collection": made["id"], "category": "other", "comment": "It shames people"}
    assert (await ben.send("/report", page=there, **given)).status_code == 303
    await ann.delete(f"/api/v1/collections/{made['id']}")
    await square.settle()
    case_id = await square.db.value("SELECT case_id FROM case_items WHERE kind = 'collection'")
    page = await said(await mod.get(f"/desk/cases/{case_id}"))
    for words in ("Fools All of them @cid", "It shames people"):
        assert words in page
    await ann.say("Look at #fools")
    stranger = Visitor(square)
    form = re.search(r'href="(/report-illegal\?url=[^"]*)"', (await stranger.get("/tags/fools")).text)
    assert form
    assert "https://town.example/tags/fools" in (await stranger.get(html.unescape(form[1]))).text
    assert "/report?tag=fools" in (await ben.get("/tags/fools")).text
    given = {"tag": "fools", "category": "other", "comment": "It shames people, too"}
    answer = await ben.send("/report", page="/report?tag=fools", **given)
    assert answer.headers["location"].startswith("/report/sent?report=")
    assert "Your report is sent" in (await ben.get(answer.headers["location"])).text
    await square.settle()
    case_id = await square.db.value("SELECT case_id FROM case_items WHERE kind = 'tag'")
    page = await said(await mod.get(f"/desk/cases/{case_id}"))
    for words in ("#fools", "It shames people, too"):
        assert words in page
    number = await square.db.value("SELECT id FROM reports WHERE tags <> '{}'")
    assert "About #fools" in await said(await ben.get(f"/settings/reports/{number}"))
    refused = await ben.send("/report", page="/report?tag=fools", **given | {"tag": "nobodysaid"})
    assert (refused.status_code, "hashtags that are used here" in refused.text) == (422, True)


async def test_one_file_of_a_post_is_reported_and_the_desk_says_which(square: Square) -> None:
    ann, mod, ben = await square.person("ann"), await at_desk(square, "mod"), await at_desk(square, "ben", "user")
    post = await with_pictures(square, ann)
    second = post["media_attachments"][1]["id"]
    form = (await ben.get(f"/report?post={post['id']}&file={second}")).text
    assert re.search(rf'name="files\[\]" value="{second}" checked', form)
    given = {"account": str(ann.id), "files[]": second, "category": "other"}
    assert (await ben.send("/report", page=f"/report?post={post['id']}", **given)).status_code == 303
    await square.settle()
    case_id = await square.db.value("SELECT case_id FROM case_items WHERE item_id = $1", int(post["id"]))
    assert "means file 2" in await said(await mod.get(f"/desk/cases/{case_id}"))
    number = await square.db.value("SELECT id FROM reports")
    assert "1 post · 1 file" in await said(await ben.get(f"/settings/reports/{number}"))


async def test_a_message_is_reported_from_its_page_and_waits_for_those_who_may_look(square: Square) -> None:
    ann, ben = await square.person("ann"), await at_desk(square, "ben", "user")
    post = await ann.say("@ben I know where you live", visibility="direct")
    there = f"/report?account={ann.id}&post={post['id']}"
    assert there in html.unescape((await ben.get(f"/@ann/{post['id']}")).text)
    assert re.search(rf'value="{post["id"]}" checked', (await ben.get(there)).text)
    given = {"account": str(ann.id), "posts[]": post["id"], "category": "other"}
    assert (await ben.send("/report", page=there, **given)).status_code == 303
    await square.settle()
    case = await square.db.records("SELECT c.queue, i.private FROM cases c JOIN case_items i ON i.case_id = c.id")
    assert [tuple(one) for one in case] == [("private", True)]
    outsider = await at_desk(square, "cid", "user")
    assert (await outsider.get(there)).status_code == 404
