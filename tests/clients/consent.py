"""A person with a browser: signs in through the page and lets an app act for them."""

import re
from html import unescape
from urllib.parse import urljoin

import httpx


def password_of(name: str) -> str:
    """The password of one of the people of these tests."""
    return f"password of {name}"


def allow(url: str, name: str) -> httpx.Response:
    """Open an app's link, sign in, say yes. The page or redirect that comes last; nothing else is followed."""
    with httpx.Client(timeout=30) as browser:
        signing_in = browser.get(url, follow_redirects=True)
        assert "/sign-in" in str(signing_in.url)
        filled = {"login": f"{name}@example.org", "password": password_of(name)}
        asked = browser.send(_submit(browser, signing_in, filled), follow_redirects=True)
        assert "/oauth/authorize" in str(asked.url), asked.text
        return browser.send(_submit(browser, asked, {"decision": "allow"}))


def shown_code(page: httpx.Response) -> str:
    """The code that a page shows for the person to copy."""
    found = re.search(r'<input id="code"[^>]*>', page.text)
    assert found, page.text
    return unescape(_attribute(found[0], "value"))


def _submit(browser: httpx.Client, page: httpx.Response, filled: dict[str, str]) -> httpx.Request:
    """The first form of the page's main part, with its hidden fields."""
    main = page.text.partition("<main")[2]
    form = re.search(r"<form\b([^>]*)>(.*?)</form>", main, re.DOTALL)
    assert form, page.text
    hidden = {
        unescape(_attribute(field, "name")): unescape(_attribute(field, "value"))
        for field in re.findall(r"<input\b[^>]*>", form[2])
        if _attribute(field, "type") == "hidden"
    }
    action = unescape(_attribute(form[1], "action")) or str(page.url)
    headers = {"origin": str(page.url.copy_with(raw_path=b"/")).rstrip("/")}
    return browser.build_request("POST", urljoin(str(page.url), action), data=hidden | filled, headers=headers)


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return found[1] if found else ""
