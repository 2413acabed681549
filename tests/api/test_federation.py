"""What other servers read of this place."""

from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from tests.rooms.media.pictures import jpeg, photo
from tests.support.square import Person, Square

BASE = "https://town.example"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
ACCEPT = {"accept": "application/activity+json"}
FIREFOX = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


async def ask(square: Square, path: str, **headers: str) -> httpx.Response:
    return await square.http.get(path.removeprefix(BASE), headers=ACCEPT | headers)


async def read(square: Square, path: str) -> dict[str, Any]:
    response = await ask(square, path)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/activity+json; charset=utf-8"
    assert "accept" in response.headers["vary"]
    assert "https://www.w3.org/ns/activitystreams" in response.json()["@context"]
    return response.json()


def actor_of(person: Person) -> str:
    return f"{BASE}/ap/users/{person.id}"


def note_of(person: Person, status: dict[str, Any]) -> str:
    return f"{actor_of(person)}/statuses/{status['id']}"


async def test_webfinger_finds_people_by_handle_and_address(square: Square) -> None:
    ann = await square.person("Ann")
    for resource in (
        "acct:ann@town.example",
        "acct:ANN@Town.Example",
        "ann@town.example",
        f"{BASE}/@Ann",
        actor_of(ann),
    ):
        response = await square.http.get("/.well-known/webfinger", params={"resource": resource})
        assert response.status_code == 200, response.text
        assert response.headers["content-type"].startswith("application/jrd+json")
        assert response.headers["access-control-allow-origin"] == "*"
        found = response.json()
        assert found["subject"] == "acct:Ann@town.example"
        assert found["aliases"] == [f"{BASE}/@Ann", actor_of(ann)]
        assert {"rel": "self", "type": "application/activity+json", "href": actor_of(ann)} in found["links"]
    missing = await square.http.get("/.well-known/webfinger?resource=acct:nobody@town.example")
    assert (missing.status_code, missing.headers["access-control-allow-origin"]) == (404, "*")


async def test_webfinger_gives_only_the_relations_that_are_asked_for(square: Square) -> None:
    await square.person("ann")
    response = await square.http.get(
        "/.well-known/webfinger", params={"resource": "acct:ann@town.example", "rel": "self"}
    )
    assert [link["rel"] for link in response.json()["links"]] == ["self"]


async def test_webfinger_says_what_it_misses(square: Square) -> None:
    await square.person("ann")
    expected = {
        "": 400,
        "acct:nobody@town.example": 404,
        "acct:ann@far.example": 404,
        "acct:ann": 404,
        "https://far.example/@ann": 404,
        f"{BASE}/ap/users/none": 404,
        f"{BASE}/ap/users/1": 404,
        "acct:an\x00n@town.example": 404,
        "\U0001f408": 404,
    }
    for resource, status in expected.items():
        response = await square.http.get("/.well-known/webfinger", params={"resource": resource})
        assert (resource, response.status_code) == (resource, status)
        assert response.json()["error"]


async def test_host_meta_names_webfinger_in_xml_and_json(square: Square) -> None:
    xml = await square.http.get("/.well-known/host-meta")
    assert xml.headers["content-type"].startswith("application/xrd+xml")
    template = "https://town.example/.well-known/webfinger?resource={uri}"
    assert f'<Link rel="lrdd" template="{template}"/>' in xml.text
    for json in (
        await square.http.get("/.well-known/host-meta", headers={"accept": "application/json"}),
        await square.http.get("/.well-known/host-meta.json"),
    ):
        assert json.json()["links"] == [{"rel": "lrdd", "type": "application/jrd+json", "template": template}]


async def test_nodeinfo_counts_people_and_posts(square: Square) -> None:
    ann = await square.person("ann")
    await square.person("ben")
    await square.person("waiting", approved=False)
    await ann.say("one")
    await ann.say("two")
    links = (await square.http.get("/.well-known/nodeinfo")).json()["links"]
    assert [link["rel"].rpartition("/")[2] for link in links] == ["2.0", "2.1"]
    for link in links:
        response = await square.http.get(link["href"].removeprefix(BASE))
        version = link["rel"].rpartition("/")[2]
        assert f"schema/{version}#" in response.headers["content-type"]
        info = response.json()
        assert info["version"] == version
        assert info["software"]["name"] == "townsquare"
        assert info["protocols"] == ["activitypub"]
        assert info["metadata"]["upstream"] == {"name": "mastodon"}
        assert info["openRegistrations"] is True
        assert info["usage"] == {"users": {"total": 2, "activeMonth": 1, "activeHalfyear": 1}, "localPosts": 2}
    assert (await square.http.get("/nodeinfo/3.0")).status_code == 404


async def test_an_actor_is_whole_and_keeps_its_key(square: Square) -> None:
    ann = await square.person("ann")
    await ann.patch(
        "/api/v1/accounts/update_credentials",
        display_name="Ann of the Square",
        note="Likes #trains",
        locked=True,
        fields_attributes=[{"name": "Home", "value": "here"}],
    )
    actor = await read(square, actor_of(ann))
    uri = actor_of(ann)
    assert {key: actor[key] for key in ("id", "type", "preferredUsername", "name", "url", "webfinger")} == {
        "id": uri,
        "type": "Person",
        "preferredUsername": "ann",
        "name": "Ann of the Square",
        "url": f"{BASE}/@ann",
        "webfinger": "ann@town.example",
    }
    assert actor["inbox"] == f"{uri}/inbox"
    assert actor["outbox"] == f"{uri}/outbox"
    assert actor["followers"] == f"{uri}/followers"
    assert actor["following"] == f"{uri}/following"
    assert actor["featured"] == f"{uri}/collections/featured"
    assert actor["featuredTags"] == f"{uri}/collections/tags"
    assert actor["endpoints"] == {"sharedInbox": f"{BASE}/ap/inbox"}
    assert "/tags/trains" in actor["summary"]
    assert actor["attachment"] == [{"type": "PropertyValue", "name": "Home", "value": "here"}]
    assert (actor["manuallyApprovesFollowers"], actor["discoverable"], actor["indexable"]) == (True, True, True)
    assert actor["published"].endswith("T00:00:00Z")
    assert "email" not in str(actor)
    key = actor["publicKey"]
    assert (key["id"], key["owner"]) == (f"{uri}#main-key", uri)
    public = load_pem_public_key(key["publicKeyPem"].encode())
    assert isinstance(public, RSAPublicKey)
    assert public.key_size == 2048
    assert (await read(square, "/@ann"))["publicKey"] == key
    assert (await read(square, "/@ANN"))["id"] == uri


async def test_an_actor_without_pictures_has_none_and_with_them_says_their_type(square: Square) -> None:
    ann = await square.person("ann")
    assert not {"icon", "image"} & (await read(square, actor_of(ann))).keys()
    files = {"avatar": ("me.jpg", jpeg(photo(50, 50)), "image/jpeg")}
    changed = await ann.request("PATCH", "/api/v1/accounts/update_credentials", files=files)
    assert changed.status_code == 200, changed.text
    icon = (await read(square, actor_of(ann)))["icon"]
    assert icon["type"] == "Image"
    assert icon["url"] == changed.json()["avatar"]
    assert icon["mediaType"] == "image/jpeg"


async def test_browsers_are_sent_to_the_pages(square: Square) -> None:
    ann = await square.person("ann")
    status = await ann.say("hello")
    for address, page in ((actor_of(ann), "/@ann"), (note_of(ann, status), f"/@ann/{status['id']}")):
        response = await square.http.get(address, headers=FIREFOX)
        assert (response.status_code, response.headers["location"]) == (302, BASE + page)


async def test_a_page_and_its_document_share_an_address(square: Square) -> None:
    ann = await square.person("ann")
    status = await ann.say("hello")
    for address, name in (("/@ann", "Person"), (f"/@ann/{status['id']}", "Note")):
        page = await square.http.get(address, headers=FIREFOX)
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        assert "accept" in page.headers["vary"].lower()
        assert (await read(square, address))["type"] == name
        anything = await square.http.get(address, headers={"accept": "*/*"})
        assert anything.headers["content-type"].startswith("text/html")


async def test_a_public_post_says_all_that_it_is(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    root = await ben.say("Where is the #Market?")
    answer = await ann.say(
        "@ben by the river #market", in_reply_to_id=root["id"], spoiler_text="directions", language="en"
    )
    await ben.post(f"/api/v1/statuses/{answer['id']}/favourite")
    note = await read(square, note_of(ann, answer))
    assert note["type"] == "Note"
    assert note["id"] == answer["uri"] == note_of(ann, answer)
    assert note["url"] == answer["url"]
    assert note["attributedTo"] == actor_of(ann)
    assert note["to"] == [PUBLIC]
    assert note["cc"] == [f"{actor_of(ann)}/followers", actor_of(ben)]
    assert note["inReplyTo"] == note_of(ben, root)
    assert (note["summary"], note["sensitive"]) == ("directions", True)
    assert note["content"] == answer["content"]
    assert note["contentMap"] == {"en": answer["content"]}
    assert note["tag"] == [
        {"type": "Mention", "href": actor_of(ben), "name": "@ben"},
        {"type": "Hashtag", "href": f"{BASE}/tags/market", "name": "#market"},
    ]
    assert note["published"].endswith("Z")
    assert "updated" not in note
    assert note["likes"] == {"id": f"{note['id']}/likes", "type": "Collection", "totalItems": 1}
    assert note["conversation"] == (await read(square, note_of(ben, root)))["conversation"]
    assert (await read(square, f"/@ann/{answer['id']}")) == note
    create = await read(square, f"{note['id']}/activity")
    assert (create["type"], create["actor"], create["to"], create["cc"]) == (
        "Create",
        actor_of(ann),
        note["to"],
        note["cc"],
    )
    assert create["object"] == {name: value for name, value in note.items() if name != "@context"}
    assert (await read(square, f"{note['id']}/likes"))["totalItems"] == 1
    assert (await read(square, f"{note['id']}/shares"))["totalItems"] == 0


@pytest.mark.parametrize(("multiple", "word"), [(False, "oneOf"), (True, "anyOf")])
async def test_a_post_with_a_poll_is_a_question(square: Square, *, multiple: bool, word: str) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    poll = {"options": ["Tea", "Coffee"], "expires_in": 600, "multiple": multiple}
    asked = await ann.say("What shall we drink?", poll=poll)
    await ben.post(f"/api/v1/polls/{asked['poll']['id']}/votes", choices=[1])
    await square.settle()
    note = await read(square, note_of(ann, asked))
    assert (note["type"], note["votersCount"], note["content"]) == ("Question", 1, asked["content"])
    assert note[word] == [
        {"type": "Note", "name": name, "replies": {"type": "Collection", "totalItems": count}}
        for name, count in (("Tea", 0), ("Coffee", 1))
    ]
    assert len({"oneOf", "anyOf"} & note.keys()) == 1
    assert note["endTime"][:19] == asked["poll"]["expires_at"][:19]
    assert "closed" not in note
    await square.db.execute("UPDATE polls SET hide_totals = true")
    assert (await read(square, note_of(ann, asked)))[word][1]["replies"]["totalItems"] == 0
    await square.db.execute("UPDATE polls SET expires_at = now() - interval '1 minute'")
    over = await read(square, note_of(ann, asked))
    assert (over["closed"], over[word][1]["replies"]["totalItems"]) == (over["endTime"], 1)


async def test_pictures_of_a_post_come_with_their_description(square: Square) -> None:
    ann = await square.person("ann")
    sent = await ann.request(
        "POST",
        "/api/v2/media",
        files={"file": ("a.jpg", jpeg(photo(40, 20)), "image/jpeg")},
        data={"description": "A cat", "focus": "0.5,-0.25"},
    )
    assert sent.status_code == 200, sent.text
    status = await ann.say("look", media_ids=[sent.json()["id"]])
    [picture] = (await read(square, note_of(ann, status)))["attachment"]
    assert picture == {
        "type": "Document",
        "url": sent.json()["url"],
        "mediaType": "image/jpeg",
        "name": "A cat",
        "blurhash": sent.json()["blurhash"],
        "focalPoint": [0.5, -0.25],
        "width": 40,
        "height": 20,
    }


async def test_an_edit_is_told(square: Square) -> None:
    ann = await square.person("ann")
    status = await ann.say("befor")
    await ann.put(f"/api/v1/statuses/{status['id']}", status="before")
    note = await read(square, note_of(ann, status))
    assert note["content"] == "<p>before</p>"
    assert note["updated"] >= note["published"]


async def test_what_is_not_for_everybody_is_not_served(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    unlisted = await ann.say("quiet", visibility="unlisted")
    note = await read(square, note_of(ann, unlisted))
    assert (note["to"], note["cc"]) == ([f"{actor_of(ann)}/followers"], [PUBLIC])
    secrets = [await ann.say("SECRET", visibility="private"), await ann.say("@ben SECRET", visibility="direct")]
    for status in secrets:
        for path in (note_of(ann, status), f"{note_of(ann, status)}/activity", f"/@ann/{status['id']}"):
            response = await ask(square, path)
            assert response.status_code == 404
            assert "SECRET" not in response.text
        # Signed in or not: nobody signs in at this door.
        assert (await ben.request("GET", note_of(ann, status), headers=ACCEPT)).status_code == 404
    for name in ("outbox?page=true", "collections/featured"):
        assert "SECRET" not in (await ask(square, f"{actor_of(ann)}/{name}")).text
    # A post is found under its author only.
    assert (await ask(square, f"{actor_of(ben)}/statuses/{unlisted['id']}")).status_code == 404


async def test_an_echo_is_an_announce(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    status = await ann.say("hear ye")
    echo = await ben.post(f"/api/v1/statuses/{status['id']}/reblog")
    announce = await read(square, echo["uri"])
    assert announce["id"] == echo["uri"]
    assert (announce["type"], announce["actor"], announce["object"]) == (
        "Announce",
        actor_of(ben),
        note_of(ann, status),
    )
    assert announce["to"] == [PUBLIC]
    assert actor_of(ann) in announce["cc"]
    response = await ask(square, note_of(ben, echo))
    assert (response.status_code, response.headers["location"]) == (302, note_of(ann, status))


async def test_the_outbox_is_read_page_by_page(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    echoed = await ben.say("echo me")
    ids = [(await ann.say(f"post {number}"))["uri"] for number in range(23)]
    await ann.post(f"/api/v1/statuses/{echoed['id']}/reblog")
    outbox = await read(square, f"{actor_of(ann)}/outbox")
    assert (outbox["type"], outbox["totalItems"]) == ("OrderedCollection", 24)
    assert "orderedItems" not in outbox
    items: list[dict[str, Any]] = []
    following = outbox["first"]
    while following:
        page = await read(square, following)
        assert (page["type"], page["partOf"]) == ("OrderedCollectionPage", outbox["id"])
        items += page["orderedItems"]
        following = page.get("next")
    assert [item["type"] for item in items] == ["Announce"] + ["Create"] * 23
    assert [item["object"]["id"] for item in items[1:]] == ids[::-1]


async def test_followers_are_listed_unless_hidden(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    await ben.post(f"/api/v1/accounts/{ann.id}/follow")
    await square.settle()
    for owner, name, other in ((ann, "followers", ben), (ben, "following", ann)):
        whole = await read(square, f"{actor_of(owner)}/{name}")
        assert (whole["type"], whole["totalItems"]) == ("OrderedCollection", 1)
        assert (await read(square, whole["first"]))["orderedItems"] == [actor_of(other)]
    await ann.patch("/api/v1/accounts/update_credentials", hide_collections=True)
    for address in (f"{actor_of(ann)}/followers", f"{actor_of(ann)}/followers?page=true"):
        hidden = await read(square, address)
        assert hidden["totalItems"] == 1
        assert not {"first", "orderedItems", "items"} & hidden.keys()


async def test_pins_and_tags_of_a_profile(square: Square) -> None:
    ann = await square.person("ann")
    status = await ann.say("pin #me")
    await ann.say("not me")
    await ann.post(f"/api/v1/statuses/{status['id']}/pin")
    await ann.post("/api/v1/featured_tags", name="me")
    featured = await read(square, f"{actor_of(ann)}/collections/featured")
    assert [note["id"] for note in featured["orderedItems"]] == [note_of(ann, status)]
    tags = await read(square, f"{actor_of(ann)}/collections/tags")
    assert tags["items"] == [{"type": "Hashtag", "href": f"{BASE}/@ann/tagged/me", "name": "#me"}]


async def test_replies_are_those_that_everybody_may_see(square: Square) -> None:
    ann, ben = await square.person("ann"), await square.person("ben")
    status = await ann.say("question")
    seen = await ben.say("@ann answer", in_reply_to_id=status["id"])
    await ben.say("@ann in secret", in_reply_to_id=status["id"], visibility="direct")
    await ben.say("deeper", in_reply_to_id=seen["id"])
    whole = await read(square, f"{note_of(ann, status)}/replies")
    assert (await read(square, whole["first"]))["items"] == [note_of(ben, seen)]
    inlined = (await read(square, note_of(ann, status)))["replies"]
    assert (inlined["id"], inlined["first"]["next"]) == (whole["id"], whole["first"])
    assert (await read(square, f"{whole['first']}&min_id={seen['id']}"))["items"] == []


async def test_what_is_deleted_or_suspended_is_gone(square: Square) -> None:
    ann = await square.person("ann")
    status = await ann.say("oops")
    kept = await ann.say("kept")
    await ann.delete(f"/api/v1/statuses/{status['id']}")
    await square.settle()
    for path in (note_of(ann, status), f"{note_of(ann, status)}/activity", f"/@ann/{status['id']}"):
        response = await ask(square, path)
        assert response.status_code == 410
        assert response.json()["type"] == "Tombstone"
        assert response.json()["id"] == note_of(ann, status)
        assert response.headers["content-type"].startswith("application/activity+json")
    await square.db.execute("UPDATE accounts SET suspended_at = now() WHERE id = $1", ann.id)
    for path in (actor_of(ann), "/@ann", f"{actor_of(ann)}/outbox", note_of(ann, kept)):
        response = await ask(square, path)
        assert response.status_code == 410
        assert (response.json()["type"], response.json()["id"]) == ("Tombstone", actor_of(ann))
    webfinger = await square.http.get("/.well-known/webfinger", params={"resource": "acct:ann@town.example"})
    assert webfinger.status_code == 410


async def test_those_who_wait_for_approval_and_those_of_other_servers_are_not_shown(square: Square) -> None:
    waiting = await square.person("waiting", approved=False)
    assert (await ask(square, actor_of(waiting))).status_code == 404
    assert (await ask(square, "/@waiting")).status_code == 404
    ann = await square.person("ann")
    await square.db.execute(
        "UPDATE accounts SET domain = 'far.example', uri = 'https://far.example/ann' WHERE id = $1", ann.id
    )
    assert (await ask(square, actor_of(ann))).status_code == 404


async def test_bad_addresses_are_refused_with_a_sentence(square: Square) -> None:
    ann = await square.person("ann")
    expected = {
        "/ap/users/none": 404,
        "/ap/users/99999999999999999999999": 404,
        "/ap/users/-1": 404,
        f"/ap/users/{ann.id}/statuses/x": 404,
        f"/ap/users/{ann.id}/outbox?page=true&max_id=x": 422,
        f"/ap/users/{ann.id}/outbox?page=perhaps": 422,
        f"/ap/users/{ann.id}/outbox?page=true&max_id=%00": 422,
        f"/ap/users/{ann.id}/outbox?page=%FF": 400,
        "/@no%00body": 404,
        "/@": 404,
        "/something": 404,
    }
    for path, status in expected.items():
        response = await ask(square, path)
        assert (path, response.status_code) == (path, status)
        assert response.json()["error"]
    assert (await square.http.post(f"/ap/users/{ann.id}/outbox")).status_code == 405
