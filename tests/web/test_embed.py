"""A post in a frame on a page of another place."""

import re

import httpx
from playwright.async_api import Browser, expect

from tests.live import Live
from tests.support.stranger import stranger


async def test_a_post_is_read_in_a_frame_that_has_its_height(service: Live, browser: Browser) -> None:
    async with httpx.AsyncClient(base_url=service.url) as http:
        post = (await http.get("/api/v1/timelines/public")).json()[0]
        html = (await http.get("/api/oembed", params={"url": post["url"]})).json()["html"]
    async with stranger() as other:
        other.page("/favicon.ico", "")
        context = await browser.new_context()
        page = await context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(f"{message.text} {message.location}"))
        await page.goto(other.page("/", f"<!doctype html><title>Another place</title>{html}"))
        frame = page.frame_locator("iframe")
        await expect(frame.locator("article .by").first).to_contain_text(post["account"]["username"])
        await expect(page.locator("iframe")).to_have_attribute("style", re.compile("height"))
        height = await page.locator("iframe").evaluate("one => one.getBoundingClientRect().height")
        inner = await frame.locator("body").evaluate("one => one.scrollHeight")
        assert abs(height - inner) <= 1
        assert complaints == []
        await context.close()
