"""The place as an app: it can be installed, is read without a network, sends once what waited, and leaves nothing."""

import json
import re

from playwright.async_api import expect

from tests.live import Live
from tests.support.square import Square
from tests.web.conftest import Open
from tests.web.devices import ready
from tests.web.people import forget_terms
from tests.web.test_posting import picture
from tests.web.visitor import visitor


async def test_it_can_be_installed(open_device: Open) -> None:
    tab = await open_device()
    await ready(tab, "ottilie")
    client = await tab.page.context.new_cdp_session(tab.page)
    found = await client.send("Page.getInstallabilityErrors")
    assert [one["errorId"] for one in found["installabilityErrors"]] in ([], ["in-incognito"])
    told = await client.send("Page.getAppManifest")
    assert told["errors"] == []
    manifest = json.loads(told["data"])
    assert manifest["share_target"]["action"] == "/share"
    assert {one["form_factor"] for one in manifest["screenshots"]} == {"narrow", "wide"}
    for one in (*manifest["screenshots"], *manifest["icons"]):
        shown = await tab.page.request.get(one["src"])
        assert (shown.status, shown.headers["content-type"]) == (200, one["type"])


async def test_the_app_is_in_the_language_of_the_page_from_which_it_is_kept(square: Square) -> None:
    page = (await square.http.get("/", headers={"accept-language": "de"})).text
    linked = re.search(r'<link rel="manifest" href="([^"]+)"', page)
    assert linked
    told = (await square.http.get(linked[1])).json()
    assert (told["lang"], told["dir"]) == ("de", "ltr")
    assert [one["name"] for one in told["shortcuts"]] == ["Einen Beitrag schreiben", "Mitteilungen", "Suche"]
    assert (await square.http.get("/manifest.webmanifest?lang=nowhere")).json()["lang"] == "en"


async def test_what_is_written_without_a_network_is_sent_once(open_device: Open) -> None:
    tab = await open_device()
    await ready(tab, "ottilie")
    await tab.page.context.set_offline(True)
    await tab.goto("/home")
    await expect(tab.page.locator("main")).to_contain_text("You read what was kept")
    await tab.goto("/compose")
    for text in ("Written on a train", "Taken back on a train"):
        await tab.page.locator("form[data-ready]").wait_for()
        await tab.fill(text=text)
        await tab.page.locator("[data-send]").click()
        await expect(tab.page.locator("main [name=text]")).to_have_value("")
    await expect(tab.page.locator("[data-line=outbox]")).to_contain_text("2 posts wait to be sent")
    await tab.goto("/outbox")
    await expect(tab.page.locator("[data-outbox] li")).to_have_count(2)
    assert await tab.faults() == []
    await tab.page.get_by_role("button", name="Take back").nth(1).click()
    await tab.page.locator(".asking [value=yes]").click()
    await expect(tab.page.locator("[data-outbox] li")).to_have_count(1)
    await expect(tab.page.locator("[data-outbox] textarea")).to_be_focused()
    await tab.page.context.set_offline(False)
    await tab.goto("/home")
    await expect(tab.page.locator("[data-line=outbox]")).to_have_count(0)
    await tab.goto("/@ottilie")
    words = await tab.page.locator("article .words").all_inner_texts()
    assert words.count("Written on a train") == 1
    assert "Taken back on a train" not in words


SEND = """async () => {
  const app = document.querySelector("script[type=module][src$='/app.js']").src;
  const { sendAll } = await import(app.replace("app.js", "outbox.js"));
  return sendAll();
}"""
"""As the service worker does it, which knows of no page."""


async def test_what_waits_is_sent_by_a_page_of_whoever_wrote_it(open_device: Open) -> None:
    tab = await open_device()
    await ready(tab, "june")
    await tab.goto("/compose")
    await tab.page.locator("form[data-ready]").wait_for()
    await tab.page.context.set_offline(True)
    await tab.fill(text="Written before I was signed out")
    await tab.page.locator("[data-send]").click()
    await expect(tab.page.locator("[data-line=outbox]")).to_contain_text("1 post waits to be sent")
    await tab.page.context.clear_cookies()
    await tab.page.context.set_offline(False)
    await tab.goto("/about")
    assert await tab.page.evaluate(SEND) == 0
    await ready(tab, "ottilie")
    assert await tab.page.evaluate(SEND) == 0, "not by somebody else"
    await tab.page.context.clear_cookies()
    await ready(tab, "june")
    await expect(tab.page.locator("[data-line=sent]")).to_contain_text("1 post that waited is out")
    await tab.goto("/@june")
    await expect(tab.page.locator("article .words", has_text="Written before I was signed out")).to_have_count(1)


APART = """() => {
  const boxes = [...document.querySelectorAll(".lines > .note")].map((line) => line.getBoundingClientRect());
  return boxes.length === 2 && boxes[0].bottom <= boxes[1].top;
}"""


async def test_a_picture_without_words_is_asked_about_without_a_network_too(open_device: Open) -> None:
    tab = await open_device(width=390)
    await ready(tab, "june")
    await tab.goto("/compose")
    await tab.page.locator("form[data-ready]").wait_for()
    await tab.page.context.set_offline(True)
    await tab.fill(text="Seen from a train")
    await tab.page.locator("[data-files] input[type=file]").set_input_files(picture("teal"))
    await tab.page.locator("[data-send]").click()
    await expect(tab.page.locator("[data-problem]")).to_contain_text("One file has no description")
    await tab.page.get_by_role("button", name="Post without a description").click()
    await expect(tab.page.locator("[data-line=outbox]")).to_contain_text("1 post waits to be sent")
    assert await tab.page.evaluate(APART)
    await tab.page.evaluate(
        """async () => {
          const app = document.querySelector("script[type=module][src$='/app.js']").src;
          const { keep, waiting } = await import(app.replace("app.js", "outbox.js"));
          const [post] = await waiting();
          await keep({ ...post, entries: post.entries.filter(([name]) => name !== "bare") });
        }"""
    )
    await tab.page.context.set_offline(False)
    await tab.goto("/outbox")
    await expect(tab.page.locator("[data-outbox] .error")).to_contain_text("One file has no description")
    assert await tab.faults() == []
    await tab.page.get_by_label("What is to be seen on it, or heard").fill("Green hills")
    await tab.page.get_by_role("button", name="Save and send").click()
    await expect(tab.page.locator("[data-outbox] li")).to_have_count(0)
    await tab.goto("/@june")
    sent = tab.page.locator("article", has_text="Seen from a train")
    await expect(sent.get_by_role("img", name="Green hills")).to_have_count(1)


async def test_what_waits_says_what_is_to_be_done_first(open_device: Open, service: Live) -> None:
    tab = await open_device()
    await ready(tab, "june")
    await tab.goto("/compose")
    await tab.page.locator("form[data-ready]").wait_for()
    await tab.page.context.set_offline(True)
    await tab.fill(text="Written before I read the new terms")
    await tab.page.locator("[data-send]").click()
    await expect(tab.page.locator("[data-line=outbox]")).to_contain_text("1 post waits to be sent")
    await forget_terms(service, "june")
    await tab.page.context.set_offline(False)
    await tab.goto("/outbox")
    beside = tab.page.locator("[data-outbox] .error")
    await expect(beside).to_contain_text("Accept the current terms first")
    assert await tab.faults() == []
    await beside.get_by_role("link", name="Read and accept the terms").click()
    await tab.page.get_by_label("I have read the terms and accept them").check()
    await tab.press("Go on")
    await expect(tab.page.locator("[data-line=sent]")).to_contain_text("1 post that waited is out")


CARRY = """async (text) => {
  const app = document.querySelector("script[type=module][src$='/app.js']").src;
  const { waiting } = await import(app.replace("app.js", "outbox.js"));
  await waiting();
  const asked = indexedDB.open("townsquare", 1), account = document.getElementById("words").dataset.account;
  await new Promise((resolve) => { asked.onsuccess = resolve; });
  const entries = [["text", text], ["key", "carried"], ["csrf", "old"]];
  const run = asked.result.transaction("outbox", "readwrite");
  run.objectStore("outbox").put({ key: "carried", account, at: Date.now(), action: "/posts", entries });
  await new Promise((resolve) => { run.oncomplete = resolve; });
  const on = Object.assign(document.createElement("a"), { href: "/about" });
  on.dataset.carry = "";
  document.querySelector("main").append(on);
  await import(app.replace("app.js", "carry.js"));
}"""
"""What the page does that a browser comes to before it is led from a former domain to the present one."""


async def test_what_waits_at_a_former_domain_is_sent_before_one_is_led_on(open_device: Open) -> None:
    tab = await open_device()
    await ready(tab, "june")
    await tab.goto("/compose")
    await tab.page.locator("form[data-ready]").wait_for()
    async with tab.page.expect_navigation(url="**/about"):
        await tab.page.evaluate(CARRY, "Written before the place moved")
    await tab.goto("/@june")
    await expect(tab.page.locator("article .words", has_text="Written before the place moved")).to_have_count(1)


SHARE = """() => {
  const make = (tag, given) => Object.assign(document.createElement(tag), given), data = new DataTransfer();
  const form = make("form", { method: "post", action: "/share", enctype: "multipart/form-data" });
  const file = make("input", { type: "file", name: "files[]" });
  for (const [name, value] of [["title", ""], ["text", "Look at this"], ["url", "https://example.org/x"]]) {
    form.append(make("input", { name, value }));
  }
  data.items.add(new File(["x"], "x.png", { type: "image/png" }));
  file.files = data.files;
  form.append(file);
  document.body.append(form);
  HTMLFormElement.prototype.submit.call(form);
}"""
"""As a device does it when another program shares something."""


async def test_what_is_shared_without_a_network_stands_below_what_was_begun(open_device: Open) -> None:
    tab = await open_device()
    await ready(tab, "ottilie")
    await tab.page.locator("form[data-ready]").wait_for()
    await tab.fill(text="Half a thought")
    await tab.page.context.set_offline(True)
    async with tab.page.expect_navigation():
        await tab.page.evaluate(SHARE)
    assert tab.path == "/compose"
    text = "Half a thought\n\nLook at this\n\nhttps://example.org/x"
    await expect(tab.page.locator("main [name=text]")).to_have_value(text)
    await expect(tab.page.locator("[data-kept] > li")).to_contain_text("The file goes with the post")


async def test_what_waited_for_too_long_is_looked_at_before_it_is_sent(open_device: Open) -> None:
    tab = await open_device()
    await ready(tab, "ottilie")
    await tab.goto("/compose")
    await tab.page.locator("form[data-ready]").wait_for()
    await tab.page.context.set_offline(True)
    await tab.fill(text="Written last week")
    await tab.page.locator("[data-send]").click()
    await expect(tab.page.locator("[data-line=outbox]")).to_contain_text("1 post waits to be sent")
    await tab.page.evaluate(
        """async () => {
          const app = document.querySelector("script[type=module][src$='/app.js']").src;
          const { keep, waiting } = await import(app.replace("app.js", "outbox.js"));
          const [post] = await waiting();
          await keep({ ...post, at: Date.now() - 8 * 24 * 60 * 60 * 1000 });
        }"""
    )
    await tab.page.context.set_offline(False)
    await tab.goto("/outbox")
    await expect(tab.page.locator("[data-outbox] .error")).to_contain_text("It waited for more than a week")
    await tab.page.get_by_role("button", name="Save and send").click()
    await expect(tab.page.locator("[data-outbox] li")).to_have_count(0)
    await tab.goto("/@ottilie")
    await expect(tab.page.locator("article .words", has_text="Written last week")).to_have_count(1)


KEPT = """async () => {
  const app = document.querySelector("script[type=module][src$='/app.js']").src;
  const { waiting } = await import(app.replace("app.js", "outbox.js"));
  return [Object.keys(localStorage).length, (await waiting()).map((post) => post.account)];
}"""
DRAFTED = """async () => {
  while (!Object.keys(localStorage).some((name) => name.startsWith("draft"))) {
    await new Promise((go) => setTimeout(go, 50));
  }
}"""
OTHERS = """async () => {
  const app = document.querySelector("script[type=module][src$='/app.js']").src;
  const { keep } = await import(app.replace("app.js", "outbox.js"));
  const entries = [["text", "Another's words"]];
  await keep({ key: "another's", account: "1", action: "/posts", at: Date.now(), entries });
}"""


async def test_signing_out_takes_what_is_one_s_own_once_it_is_done(open_device: Open) -> None:
    tab = await open_device(width=390)
    await ready(tab, "june")
    await tab.page.locator("form[data-ready]").wait_for()
    await tab.page.evaluate(OTHERS)
    await tab.fill(text="A secret draft")
    await tab.page.evaluate(DRAFTED)
    await tab.goto("/search?q=weir")
    await tab.goto("/outbox")
    await expect(tab.page.locator("[data-outbox-empty]")).to_be_visible()
    assert "Another's words" not in await tab.page.content()
    await tab.goto("/home")
    before = await tab.page.evaluate(KEPT)
    await tab.page.locator("summary[aria-label='Your account']").click()
    await tab.page.context.set_offline(True)
    await tab.page.get_by_role("button", name="Sign out").click()
    await expect(tab.page.locator(".sheet .missed")).to_contain_text("All is as it was")
    assert await tab.faults() == []
    assert await tab.page.evaluate(KEPT) == before
    await tab.page.context.set_offline(False)
    await tab.page.get_by_role("button", name="Sign out").click()
    await expect(tab.page.locator(".asking h2")).to_contain_text("1 post of yours on this device is not sent yet")
    async with tab.page.expect_navigation():
        await tab.page.locator(".asking [value=yes]").click()
    await expect(tab.page.locator("main")).to_contain_text("You are signed out")
    kept = "caches.open('pages').then(kept => kept.keys()).then(found => found.map(one => one.url))"
    assert await tab.page.evaluate(kept) == []
    assert await tab.page.evaluate(KEPT) == [0, ["1"]], "what another wrote here waits for them"


async def test_a_device_that_may_show_nothing_says_so_at_its_switch(open_device: Open) -> None:
    tab = await open_device(width=390)
    await ready(tab, "june")
    await tab.goto("/settings/notifications")
    switch = tab.page.locator("[data-push]")
    await expect(switch.locator("[role=status]")).to_contain_text("while a page is open only")
    await expect(switch.locator("fieldset")).to_be_hidden()
    await switch.get_by_role("button").click()
    await expect(switch.locator("[role=status]")).to_contain_text("does not let this place show notifications")
    await expect(switch.get_by_role("button")).to_be_enabled()
    assert await tab.faults() == []


PUSHES = """
const keys = {
  p256dh: "BEl62iUYgUivxIkv69yViEuiBIa-Ib9-SkvMeAtA3LFgDzkrxZJjSgSnfckjBJuBkr3qBUYIHBQFLXYp5Nksh8U",
  auth: "AAAAAAAAAAAAAAAAAAAAAA",
};
let made = null;
PushManager.prototype.getSubscription = async () => made;
PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
  if (!userVisibleOnly || applicationServerKey.length !== 65) throw new TypeError("not a key of a place");
  made = { toJSON: () => ({ endpoint: "https://push.example/1", keys }), unsubscribe: async () => { made = null; } };
  return made;
};
"""
"""In the place of the browser maker's service for pushes, which is not on this machine."""


async def test_a_device_tells_of_what_its_owner_chose(open_device: Open) -> None:
    tab = await open_device(width=390)
    await tab.page.context.grant_permissions(["notifications"])
    await tab.page.add_init_script(PUSHES)
    await ready(tab, "june")
    await tab.goto("/settings/notifications")
    switch, known = tab.page.locator("[data-push]"), "fetch('/push').then((answer) => answer.json())"
    await switch.get_by_role("button", name="Tell me on this device", exact=True).click()
    await expect(switch.get_by_role("status")).to_contain_text("This device tells you of notifications, also while")
    told = await tab.page.evaluate(known)
    assert told["on"] is True
    async with tab.page.expect_response("**/push"):
        await switch.locator("fieldset input").first.uncheck()
    assert len((await tab.page.evaluate(known))["alerts"]) == len(told["alerts"]) - 1
    assert await tab.faults() == []
    await switch.get_by_role("button", name="Do not tell me").click()
    await expect(switch.get_by_role("status")).to_contain_text("while a page is open only")
    assert (await tab.page.evaluate(known))["on"] is False


async def test_a_new_version_is_another_worker(square: Square) -> None:
    stranger = await visitor(square)
    worker = await stranger.get("/sw.js")
    assert worker.headers["content-type"] == "text/javascript; charset=utf-8"
    assert worker.headers["cache-control"] == "private, no-cache"
    imported = re.search(r'from "(/static/js/\w+/worker.js)"', worker.text)
    assert imported
    for path in re.findall(r'"(/[^"]+)"', worker.text):
        assert (await stranger.get(path)).status_code == 200, path
    somebody = await visitor(square, "somebody")
    assert "@somebody" not in (await somebody.get("/offline")).text


async def test_a_browser_is_told_as_long_as_its_session_lasts(square: Square) -> None:
    somebody = await visitor(square, "somebody")
    told = (await somebody.get("/push")).json()
    assert told["on"] is False
    assert told["key"]
    wrong = await somebody.send("/push", page="/home", endpoint="https://push.example/1", p256dh="x", auth="y")
    assert wrong.status_code == 422
    point = "BEl62iUYgUivxIkv69yViEuiBIa-Ib9-SkvMeAtA3LFgDzkrxZJjSgSnfckjBJuBkr3qBUYIHBQFLXYp5Nksh8U"
    keys = {"p256dh": point, "auth": "AAAAAAAAAAAAAAAAAAAAAA"}
    assert (await somebody.send("/push", page="/home", endpoint="https://push.example/1", **keys)).status_code == 200
    assert (await somebody.get("/push")).json()["on"] is True
    assert (await somebody.send("/push/end", page="/home")).status_code == 200
    assert (await somebody.get("/push")).json()["on"] is False
