"""The service worker over time: a newer one takes over, a device is told, reads again what it read, and forgets."""

import asyncio
import json
import re
from importlib import resources
from typing import Final

from playwright.async_api import BrowserContext, expect

from tests.live import Live
from tests.web.conftest import PASSWORD, Open
from tests.web.devices import ready
from tests.web.people import settled
from tests.web.tab import Tab
from townsquare.web.all_pages import PAGES

WORKER: Final = resources.files("townsquare.web") / "static" / "js" / "worker.js"
_LIST: Final = WORKER.read_text("utf-8").partition("const KEPT")[2].partition(");")[0]
KEPT: Final = re.compile("".join(re.findall(r'"([^"]+)"', _LIST)))
"""What the worker keeps. Programs in both languages read the expression alike."""
READY = "form[data-compose][data-ready]"
TOLD = "navigator.serviceWorker.ready.then(known => known.getNotifications())"
FIRST_TOLD = f"""async () => {{
  for (;;) {{
    const [one] = await {TOLD};
    if (one) return [one.title, one.body, one.lang, one.data.to];
    await new Promise((go) => setTimeout(go, 50));
  }}
}}"""


NONE_TOLD = f"async () => {{ while ((await {TOLD}).length) await new Promise((go) => setTimeout(go, 50)); }}"
PRESSED = """async () => {
  const opened = [], focused = Promise.withResolvers();
  self.clients.openWindow = async (to) => focused.resolve(opened.push(to));
  WindowClient.prototype.focus = async () => focused.resolve();
  const [notification] = await self.registration.getNotifications();
  self.addEventListener("error", (event) => event.preventDefault(), { once: true });
  self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
  await focused.promise;
  await self.registration.showNotification(notification.title, { data: notification.data });
  return opened;
}"""
"""Windows come to the front only where a person has pressed: what the worker would open is kept beside."""


async def test_a_newer_version_waits_for_a_word_and_loses_none(open_device: Open, service: Live) -> None:
    tab = await open_device()
    await ready(tab, "ottilie")
    other = Tab(service, await tab.page.context.new_page())
    await other.goto("/compose")
    await other.page.locator(READY).wait_for()
    await other.fill(text="Half a thought")
    await tab.goto("/filters/new")
    await tab.page.get_by_label("Word 1", exact=True).fill("Half a word")
    await tab.page.locator("[name='contexts[]']").first.uncheck()
    await tab.page.locator("[name=action]").select_option("hide")
    await tab.page.evaluate("navigator.serviceWorker.register('/sw.js?newer', { type: 'module' }).then(() => true)")
    for one in (tab, other):
        await expect(one.page.locator("[data-line=version]")).to_contain_text("A newer version of these pages is here")
    async with tab.page.expect_navigation():
        await tab.page.get_by_role("button", name="Load it").click()
    await expect(tab.page.get_by_label("Word 1", exact=True)).to_have_value("Half a word")
    await expect(tab.page.locator("[name='contexts[]']").first).not_to_be_checked()
    await expect(tab.page.locator("[name=action]")).to_have_value("hide")
    await expect(other.page.locator("main [name=text]")).to_have_value("Half a thought")
    async with other.page.expect_navigation():
        await other.page.get_by_role("button", name="Load it").click()
    await expect(other.page.locator("main [name=text]")).to_have_value("Half a thought")
    assert other.complaints == []


async def deliver(tab: Tab, message: dict[str, str]) -> None:
    """As if a push service had brought a message to the device."""
    client = await tab.page.context.new_cdp_session(tab.page)
    known: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def heard(event: dict[str, list[dict[str, str]]]) -> None:
        if event["registrations"] and not known.done():
            known.set_result(event["registrations"][0]["registrationId"])

    client.on("ServiceWorker.workerRegistrationUpdated", heard)
    await client.send("ServiceWorker.enable")
    told = {"origin": tab.service.url, "registrationId": await known, "data": json.dumps(message)}
    await client.send("ServiceWorker.deliverPushMessage", told)


async def watch_badge(context: BrowserContext) -> None:
    """The badge itself is the device's: what it is told first is kept beside."""
    (worker,) = context.service_workers
    await worker.evaluate(
        "() => { self.badged = new Promise((told) => { navigator.setAppBadge = async (number) => told(number); }); }"
    )


async def test_a_device_is_told_and_forgets(open_device: Open, open_tab: Open, service: Live) -> None:
    tab, june = await open_device(), await open_tab(script=False)
    await tab.page.context.grant_permissions(["notifications"], origin=service.url)
    await ready(tab, "marek")
    await tab.goto("/notifications")
    await june.sign_in("june", PASSWORD, to="")
    await june.post("@marek look at this")
    await settled(service)
    await watch_badge(tab.page.context)
    message = {"title": "June Okafor mentioned you", "body": "look at this", "tag": "1", "to": "/notifications"}
    await deliver(tab, {**message, "language": "en"})
    shown = await tab.page.evaluate(FIRST_TOLD)
    assert shown == ["June Okafor mentioned you", "look at this", "en", "/notifications"]
    (worker,) = tab.page.context.service_workers
    assert await worker.evaluate("self.badged") == 1
    for path, opened in (("/notifications", []), ("/compose", [f"{service.url}/notifications"])):
        await tab.goto(path)
        assert await worker.evaluate(PRESSED) == opened
        assert tab.path == path, "no page is taken over in which somebody may be writing"
    await tab.page.locator("summary[aria-label='Your account']").click()
    async with tab.page.expect_navigation():
        await tab.page.get_by_role("button", name="Sign out").click()
    await tab.page.evaluate(NONE_TOLD)


P256DH = "BEl62iUYgUivxIkv69yViEuiBIa-Ib9-SkvMeAtA3LFgDzkrxZJjSgSnfckjBJuBkr3qBUYIHBQFLXYp5Nksh8U"
AUTH = "AAAAAAAAAAAAAAAAAAAAAA"
POST = """async ([address, fields]) => {
  const csrf = document.querySelector("input[name=csrf]").value;
  const answer = await fetch(address, { method: "POST", body: new URLSearchParams({ csrf, ...fields }) });
  if (!answer.ok) throw new Error(String(answer.status));
}"""
SUBSCRIBE = """endpoint => {
  const keys = { p256dh: "%s", auth: "%s" };
  PushManager.prototype.subscribe = async () => ({ toJSON: () => ({ endpoint, keys }) });
}"""
"""In the place of the push service of the browser's maker."""


async def test_a_device_that_lost_how_it_is_told_is_made_known_anew(open_device: Open, service: Live) -> None:
    tab = await open_device()
    await ready(tab, "marek")
    keys = {"p256dh": P256DH, "auth": AUTH}
    sent = {"endpoint": "https://push.example/before", "chosen": "true", "alerts[]": "mention", **keys}
    await tab.page.evaluate(POST, ["/push", sent])
    await tab.page.context.grant_permissions(["notifications"], origin=service.url)
    await tab.page.add_init_script(f"({SUBSCRIBE % (P256DH, AUTH)})('https://push.example/after')")
    async with tab.page.expect_response(lambda one: one.url.endswith("/push") and one.request.method == "POST") as told:
        await tab.goto("/home")
    answer = await told.value
    assert answer.status == 200
    assert "after" in (answer.request.post_data or "")
    assert await tab.page.evaluate("async () => (await (await fetch('/push')).json()).alerts") == ["mention"]


async def test_what_was_read_is_read_again_without_a_network(open_device: Open) -> None:
    tab = await open_device(width=390)
    await ready(tab, "ottilie")
    await tab.goto("/@ines/media")
    thread = await tab.page.locator(".media-grid a").first.get_attribute("href") or ""
    await tab.goto(thread, whole=True)
    await tab.page.locator("article.focused .pictures img").first.scroll_into_view_if_needed()
    words = await tab.text("article.focused .words")
    await tab.kept(thread)
    seen = "() => [...document.querySelectorAll('article.focused .pictures img')].every((one) => one.naturalWidth)"
    await tab.page.wait_for_function(seen)
    await tab.page.context.set_offline(True)
    await tab.goto(thread)
    await expect(tab.page.locator("[data-line=network]")).to_contain_text("You read what was kept")
    assert await tab.text("article.focused .words") == words
    await tab.page.wait_for_function(seen)
    await tab.goto("/@nobody_has_been_here")
    await expect(tab.page.locator("h1")).to_have_text("Without a network")
    await expect(tab.page.locator(f"[data-kept-pages] a[href$='{thread}']")).to_be_visible()
    assert await tab.faults() == []


ADDRESSES = "caches.open('pages').then(kept => kept.keys()).then(found => found.map(one => new URL(one.url).pathname))"
PUT = "path => caches.open('pages').then(kept => kept.put(path, new Response('read before')))"


async def test_a_device_keeps_what_one_reads_and_no_page_of_the_staff(open_device: Open, owner: str) -> None:
    tab = await open_device()
    await ready(tab, owner)
    others = ("/manage", "/desk", "/settings/profile", "/filters", "/styleguide")
    for path in (*others, "/explore"):
        await tab.goto(path)
    await tab.kept("/explore")
    kept = await tab.page.evaluate(ADDRESSES)
    assert {"/home", "/compose", "/explore"} <= set(kept)
    assert not set(kept) & set(others)
    await tab.page.evaluate(PUT, "/desk")
    await tab.page.evaluate("navigator.serviceWorker.register('/sw.js?newer', { type: 'module' }).then(() => true)")
    async with tab.page.expect_navigation():
        await tab.page.get_by_role("button", name="Load it").click()
    await tab.kept("/explore")
    assert "/desk" not in await tab.page.evaluate(ADDRESSES)


def test_no_address_that_is_a_key_and_no_page_of_the_staff_may_be_kept() -> None:
    kept = [page for page in PAGES if page.method == "GET" and KEPT.match(page.path.replace(":acct", "@ines"))]
    assert {"/", "/home", "/:acct/:id", "/messages/:id"} <= {page.path for page in kept}
    keys = re.compile(r":(token|link|code)\b")
    assert [page.path for page in kept if page.who not in ("anybody", "signed in") or page.signed] == []
    assert [page.path for page in kept if keys.search(page.path) and page.path != "/rules/:code"] == []


async def test_no_shortcut_is_taken_in_a_field(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.sign_in("ottilie", PASSWORD, to="/compose")
    await tab.page.locator(READY).wait_for()
    for name in ("Content warning", "Poll", "More"):
        await tab.page.locator("form.compose summary", has_text=name).click()
    for path in ("/compose", "/settings/profile", "/search"):
        if tab.path != path:
            await tab.goto(path)
        fields = tab.page.locator("main :is(input, textarea, select):visible")
        for field in (await fields.all())[:14]:
            await field.focus()
            for key in ("?", "j", "n", "g", "h"):
                await tab.page.keyboard.press(key)
        await expect(tab.page.locator("#shortcuts")).to_be_hidden()
        assert tab.path == path
    await tab.goto("/compose")
    await tab.page.evaluate("localStorage.clear()")
