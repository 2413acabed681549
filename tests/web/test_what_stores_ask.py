"""What app stores ask of places where people write, point by point, on the pages that people use: Apple's guideline 1.2
and Google Play's policy on user content.
"""

import html
from datetime import timedelta

from tests.support.square import Square
from tests.web.test_desk import at_desk, decide, reported, said
from tests.web.visitor import Visitor
from townsquare.kernel.settings_sources import become

NASTY = "Somebody should burn that bakery down tonight with all of them inside"


async def test_what_is_objectionable_is_defined_where_everybody_reads_it(square: Square) -> None:
    """Google Play: terms and policies define objectionable content and behaviour and forbid it."""
    page = await said(await square.http.get("/rules"))
    assert "You may not threaten anybody with violence" in page
    assert "You may not sexualise, abuse or endanger children" in page
    assert 'href="/rules"' in (await square.http.get("/")).text
    assert "Do not threaten anybody" in await said(await square.http.get("/terms"))


async def test_terms_are_accepted_before_anything_is_posted(square: Square) -> None:
    """Google Play: users accept terms before they create or upload."""
    form = (await square.http.get("/sign-up")).text
    assert 'href="/terms"' in form
    assert 'name="agreement"' in form
    ann = await square.person("ann")
    await square.db.execute("UPDATE users SET terms_accepted_at = NULL WHERE account_id = $1", ann.id)
    refused = await ann.request("POST", "/api/v1/statuses", json={"status": "Before anything was accepted"})
    assert refused.status_code == 403


async def test_what_one_does_not_want_to_read_is_filtered(square: Square) -> None:
    """Apple: a method for filtering objectionable material."""
    ben = await square.person("ben")
    ann = await square.person("ann")
    await ann.post(f"/api/v1/accounts/{ben.id}/follow")
    await ann.post("/api/v2/filters", title="Fire", context=["home"], filter_action="hide",
                   keywords_attributes=[{"keyword": "burn", "whole_word": True}])  # fmt: skip
    await ben.say("The bread is fresh today")
    await ben.say(NASTY)
    reader = Visitor(square)
    await reader.sign_in("ann")
    page = (await reader.get("/home")).text
    assert "The bread is fresh today" in page
    assert NASTY not in page


async def test_content_and_people_are_reported_and_answered_in_time(square: Square) -> None:
    """Apple: a mechanism to report and timely responses. Google Play: for content and for users, within the app."""
    ann, ben = await square.person("ann"), await square.person("ben")
    post = (await ben.say(NASTY))["id"]
    reader = Visitor(square)
    await reader.sign_in(ann.username)
    link = f"/report?account={ben.id}&post={post}"
    assert link in html.unescape((await reader.get("/public/local")).text)
    given = {"account": str(ben.id), "posts[]": post, "category": "legal"}
    assert (await reader.send("/report", page=link, **given)).status_code == 303
    await square.settle()
    case_id = await square.db.value("SELECT case_id FROM case_items WHERE item_id = $1", int(post))
    assert f"/report?account={ben.id}" in (await reader.get("/@ben")).text
    assert (await reader.get(f"/report?account={ben.id}")).status_code == 200
    for one in [await at_desk(square, name) for name in ("mod1", "mod2")]:
        await decide(one, case_id, "remove", policy="violent-threat")
    await square.settle()
    (case,) = await square.db.records(
        "SELECT policy, decided_at - opened_at AS took, due_at - opened_at AS allowed FROM cases WHERE id = $1", case_id
    )
    assert case["policy"] == "violent-threat"
    assert timedelta() < case["took"] < case["allowed"] <= timedelta(hours=24)
    assert (await square.http.get(f"/api/v1/statuses/{post}")).status_code == 404
    assert "something was done about it" in await said(await reader.get("/settings/reports"))


async def test_who_abuses_is_blocked_by_people_and_sent_away_by_the_place(square: Square) -> None:
    """Apple: the ability to block abusive users. Google Play: and to remove them."""
    ann, ben = await square.person("ann"), await square.person("ben")
    await ann.post(f"/api/v1/accounts/{ben.id}/block")
    await ben.say("@ann you will hear from me")
    assert await ann.get("/api/v1/notifications") == []
    case_id, _ = await reported(square, await square.person("cara"), ben, NASTY)
    for one in [await at_desk(square, name) for name in ("mod1", "mod2")]:
        await decide(one, case_id, "remove", account_action="suspend")
    await square.settle()
    assert (await ann.get(f"/api/v1/accounts/{ben.id}"))["suspended"]


async def test_who_runs_the_place_can_be_reached(square: Square) -> None:
    """Apple: published contact information."""
    become(square.services.settings, square.services.settings, {"contact_email": "help@town.example"})
    assert "mailto:help@town.example" in (await square.http.get("/about")).text
    assert (await square.http.get("/report-illegal")).status_code == 200
