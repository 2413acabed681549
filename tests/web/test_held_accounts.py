"""Who may not write, or not sign in, is told why where they stand, and is led to the statement and the appeal."""

import re

import pytest

from tests.api.by_hand.acting import act
from tests.support.square import Square
from tests.web.visitor import PASSWORD, Visitor


async def test_who_is_frozen_is_told_wherever_one_writes(square: Square) -> None:
    mod, ann = await square.person("mod", "admin:write", role="owner"), await square.person("ann")
    post = await ann.say("Hello")
    browser = Visitor(square)
    await browser.sign_in("ann")
    assert 'name="text"' in (await browser.get("/home")).text
    await act(square, mod, ann, "freeze", text="Twelve posts a minute", policy="spam")
    number = await square.db.value("SELECT id FROM statements WHERE account_id = $1", ann.id)
    for path in ("/home", "/compose", f"/@ann/{post['id']}"):
        page = (await browser.get(path)).text
        assert "Your account is frozen" in page
        assert "Twelve posts a minute" in page
        assert "It holds until it is taken back." in page
        assert f'href="/settings/decisions/{number}"' in page
        assert '<textarea id="text"' not in page
    await mod.post(f"/api/v1/admin/accounts/{ann.id}/unfreeze")
    assert '<textarea id="text"' in (await browser.get("/home")).text


@pytest.mark.parametrize("word", ["disable", "suspend"])
async def test_who_is_kept_out_reads_why_and_appeals_with_the_right_password(square: Square, word: str) -> None:
    mod, ann = await square.person("mod", "admin:write", role="owner"), await square.person("ann")
    await act(square, mod, ann, word, text="Twelve posts a minute", policy="spam")
    browser = Visitor(square)
    wrong = await browser.send("/sign-in", page="/sign-in", login="ann", password="not the password")
    assert "Twelve posts" not in wrong.text
    refused = await browser.send("/sign-in", page="/sign-in", login="ann", password=PASSWORD)
    assert refused.status_code == 403
    assert "Twelve posts a minute" in refused.text
    link = re.search(r'href="(/decisions/[^"]+)"', refused.text)
    assert link
    sent = await browser.send(f"{link[1]}/appeal", page=link[1], text="These were a program's of mine")
    assert sent.status_code == 303
