"""`townsquare demo`: the town moves into a place of its own. That it does is shown by every browser test."""

import json

import httpx

from tests.live import Live

ASKED = ("account", "create", "settler", "--email", "settler@example.org", "--password", "by the weir at four")


def test_it_moves_in_nowhere_where_somebody_has_posted(service: Live) -> None:
    made = json.loads(service.run(*ASKED, "--token", "read write", "--json").stdout)
    headers = {"authorization": f"Bearer {made['token']}"}
    posted = httpx.post(f"{service.url}/api/v1/statuses", json={"status": "A place already"}, headers=headers)
    assert posted.status_code == 200, posted.text
    told = service.run("demo")
    assert told.returncode == 2
    assert "Somebody has posted here already" in told.stderr
    there = httpx.get(f"{service.url}/api/v1/accounts/lookup", params={"acct": "ottilie"})
    assert there.status_code == 404
