"""What a token that is no good, or not good yet, keeps somebody from."""

from tests.support.square import Square

OLD = {"authorization": "Bearer of a session long ago"}


async def test_what_is_open_to_anybody_does_not_look_at_tokens(square: Square) -> None:
    for path in ("/api/v1/instance", "/api/v2/instance", "/api/v1/custom_emojis"):
        assert (await square.http.get(path, headers=OLD)).status_code == 200
    app = await square.http.post("/api/v1/apps", headers=OLD, json={"client_name": "a", "redirect_uris": "a://b"})
    given = {"grant_type": "client_credentials"} | {name: app.json()[name] for name in ("client_id", "client_secret")}
    assert (await square.http.post("/oauth/token", headers=OLD, json=given)).status_code == 200


async def test_an_old_token_is_refused_where_it_would_matter(square: Square) -> None:
    for path in ("/api/v1/timelines/public", "/api/v1/timelines/home"):
        assert (await square.http.get(path, headers=OLD)).status_code == 401


async def test_who_has_not_confirmed_their_address_reads_what_anybody_reads(square: Square) -> None:
    ann = await square.person("ann")
    post = await ann.say("for all")
    await ann.say("for ann", visibility="direct")
    new = await square.person("new", confirmed=False)
    assert [one["id"] for one in await new.get("/api/v1/timelines/public")] == [post["id"]]
    assert "favourited" not in await new.get(f"/api/v1/statuses/{post['id']}")
    for path in ("/api/v1/timelines/home", "/api/v1/accounts/verify_credentials"):
        refused = await new.request("GET", path)
        assert (refused.status_code, "confirm" in refused.json()["error"]) == (403, True)
