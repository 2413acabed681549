"""Signing in and out: wrong passwords, forgotten ones, codes, and the browsers that are signed in."""

import time

from pyotp.totp import TOTP

from tests.live import Live
from tests.web.conftest import Open
from tests.web.mail import link_in_mail


async def test_by_name_or_address_and_back_to_where_one_was(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.goto("/settings/profile")
    assert tab.path == "/sign-in?next=%2Fsettings%2Fprofile"
    await tab.enter("plain", "not the password")
    assert "password is wrong" in await tab.text("[role=alert]")
    assert await tab.page.locator("[name=login]").input_value() == "plain"
    await tab.enter("PLAIN@example.org", "password of plain")
    assert tab.path == "/settings/profile"
    await tab.page.get_by_label("Your account").click()
    await tab.press("Sign out", within="header")
    assert "You are signed out" in await tab.text()
    await tab.page.go_back()
    assert tab.path.startswith("/sign-in")


async def test_a_forgotten_password(open_tab: Open, service: Live) -> None:
    name, elsewhere, tab = "forgetful", await open_tab(), await open_tab(script=False)
    await elsewhere.sign_in(name)
    assert elsewhere.path == "/home"
    sent = len(service.output)
    await tab.goto("/sign-in")
    await tab.follow("Forgot your password?")
    await tab.fill(email=f"{name}@example.org")
    await tab.press("Send the link")
    assert "a message is on its way" in await tab.text()
    link = await link_in_mail(service, "/reset/", after=sent)
    await tab.goto(link)
    await tab.fill(password="a new one of theirs")
    await tab.press("Set it")
    assert "Your new password is set" in await tab.text()
    await tab.enter(name, f"password of {name}")
    assert "password is wrong" in await tab.text("[role=alert]")
    await tab.enter(name, "a new one of theirs")
    assert tab.path == "/home"
    await elsewhere.goto("/home")
    assert elsewhere.path.startswith("/sign-in")
    assert await tab.goto(link) == 404


async def test_who_has_no_account_is_told_the_same(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.goto("/forgotten")
    await tab.fill(email="nobody@example.org")
    await tab.press("Send the link")
    assert "If this address belongs to an account" in await tab.text()


async def test_codes_of_an_app_and_recovery_codes(open_tab: Open) -> None:
    name, tab = "keyed", await open_tab(script=False)
    await tab.sign_in(name, to="/settings/two-factor")
    await tab.fill(password="not the password")
    await tab.press("Set it up")
    assert "password is wrong" in await tab.text("[role=alert]")
    await tab.fill(password=f"password of {name}")
    await tab.press("Set it up")
    assert await tab.page.locator(".qr svg path").count() > 0
    totp = TOTP(await tab.text("code"))
    await tab.fill(code="000 000")
    await tab.press("Turn it on")
    assert "This code is not right" in await tab.text("[role=alert]")
    assert TOTP(await tab.text("code")).secret == totp.secret
    await tab.fill(code=totp.now())
    await tab.press("Turn it on")
    codes = await tab.page.locator(".codes code").all_inner_texts()
    assert len(set(codes)) == 10

    other = await open_tab(script=False)
    await other.goto("/bookmarks")
    await other.enter(name, f"password of {name}")
    assert other.path == "/sign-in/code?next=%2Fbookmarks"
    await other.goto("/home")
    assert other.path.startswith("/sign-in?")
    await other.page.go_back()
    await other.fill(code="123")
    await other.press("Sign in")
    assert "is not right" in await other.text("[role=alert]")
    await other.fill(code=totp.at(int(time.time()) + 30))
    await other.press("Sign in")
    assert other.path == "/bookmarks"

    for code in codes[:2]:
        third = await open_tab(script=False)
        await third.goto("/sign-in")
        await third.enter(name, f"password of {name}")
        if code != codes[0]:
            await third.fill(code=codes[0])
            await third.press("Sign in")
            assert "is not right" in await third.text("[role=alert]")
        await third.fill(code=code.upper())
        await third.press("Sign in")
        assert third.path == "/home"
    await other.goto("/settings/two-factor")
    assert "8 recovery codes are left" in await other.text()
    await other.page.locator("#f-end-password").fill(f"password of {name}")
    await other.press("Turn it off")
    assert "Two-factor sign-in is off" in await other.text()


async def test_browsers_that_are_signed_in_are_seen_and_signed_out(open_tab: Open) -> None:
    tabs = [await open_tab() for _ in range(3)]
    for tab in tabs:
        await tab.sign_in("roamer", to="")
    here, there, elsewhere = tabs
    await here.goto("/settings/sessions")
    rows = here.page.locator(".rows li")
    assert await rows.count() == 3
    assert "This one" in await rows.nth(2).inner_text()
    assert "Chrome on Linux" in await rows.nth(0).inner_text()
    assert "127.0.0.1" in await rows.nth(0).inner_text()
    async with here.page.expect_navigation():
        await rows.nth(0).get_by_role("button", name="Sign out").click()
    assert "That browser is signed out" in await here.text()
    await elsewhere.goto("/home")
    assert elsewhere.path.startswith("/sign-in")
    await there.goto("/home")
    assert there.path == "/home"
    await here.press("Sign out everywhere else")
    assert await here.page.locator(".rows li").count() == 1
    await there.goto("/home")
    assert there.path.startswith("/sign-in")


async def test_a_new_password_signs_out_all_others(open_tab: Open) -> None:
    here, there = await open_tab(), await open_tab()
    for tab in (here, there):
        await tab.sign_in("secretive", to="")
    await here.goto("/settings/account")
    await here.fill(current="wrong one", password="")
    form = here.page.locator("form[action$=password]")
    await form.locator("[name=password]").fill("another password")
    await here.press("Change the password")
    assert "password is wrong" in await here.text("form[action$=password] [role=alert]")
    await form.locator("[name=current]").fill("password of secretive")
    await form.locator("[name=password]").fill("another password")
    await here.press("Change the password")
    assert "Your new password is set" in await here.text()
    await there.goto("/home")
    assert there.path.startswith("/sign-in")
    await there.enter("secretive", "another password")
    assert there.path == "/home"


async def test_a_new_address_counts_once_it_is_confirmed(open_tab: Open, service: Live) -> None:
    tab = await open_tab()
    await tab.sign_in("typist", to="/settings/account")
    form, sent = tab.page.locator("form[action$=email]"), len(service.output)
    await form.locator("[name=email]").fill("typed@example.org")
    await form.locator("[name=password]").fill("password of typist")
    await tab.press("Change the address")
    assert "Follow the link in it" in await tab.text()
    assert "typist@example.org" in await tab.text("form[action$=email]")
    await tab.goto(await link_in_mail(service, "/confirm-email/", after=sent))
    await tab.press("Yes, use it")
    assert tab.path == "/settings/account"
    assert "typed@example.org" in await tab.text("form[action$=email]")
