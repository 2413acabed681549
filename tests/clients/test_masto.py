"""masto.js (https://github.com/neet/masto.js), on which Elk and Phanpy are built, where Node is there to run it."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.clients.consent import password_of
from tests.live import Live, Person
from tests.rooms.media import pictures

HERE = Path(__file__).parent / "masto"
PATIENCE = 120.0


def run(command: list[str], folder: Path) -> str:
    quiet = os.environ | {
        "NPM_CONFIG_UPDATE_NOTIFIER": "false",
        "NPM_CONFIG_FUND": "false",
        "NPM_CONFIG_AUDIT": "false",
    }
    done = subprocess.run(
        command, cwd=folder, env=quiet, capture_output=True, encoding="utf-8", timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def seen(service: Live, people: Mapping[str, Person], tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """What a small app saw that signed in, posted, read and listened."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node and npm are not installed here: masto.js runs on nothing else")
    folder = tmp_path_factory.mktemp("masto")
    for name in ("package.json", "package-lock.json", "app.js"):
        shutil.copy(HERE / name, folder)
    run(["npm", "ci", "--ignore-scripts", "--prefer-offline"], folder)
    picture = folder / "hill.jpg"
    picture.write_bytes(pictures.jpeg())
    frank = service.person("frank")
    login = (f"{frank.username}@example.org", password_of(frank.username))
    said = run(["node", "app.js", service.url, *login, people["erin"].token, str(picture)], folder)
    return msgspec.json.decode(said)


def test_it_knows_who_and_where_it_is(seen: Mapping[str, Any], service: Live) -> None:
    assert seen["account"]["username"] == "frank"
    assert seen["instance"]["domain"] == service.url.removeprefix("http://")
    assert seen["instance"]["configuration"]["statuses"]["maxCharacters"] == 1000
    assert (seen["profile"]["displayName"], seen["profile"]["source"]["language"]) == ("Masto", "fr")
    assert [(one["name"], one["value"]) for one in seen["profile"]["fields"]] == [("Made of", "JavaScript")]
    assert [one["username"] for one in seen["found"]["accounts"]] == ["frank"]


def test_it_posts_pictures_and_polls(seen: Mapping[str, Any]) -> None:
    assert (seen["media"]["type"], seen["media"]["meta"]["focus"]) == ("image", {"x": 0.5, "y": -0.5})
    (attached,) = seen["illustrated"]["mediaAttachments"]
    assert (attached["id"], attached["description"]) == (seen["media"]["id"], "A hill")
    assert seen["edited"]["content"] == "<p>With a better hill</p>"
    assert seen["edited"]["mediaAttachments"][0]["description"] == "A better hill"
    assert [one["title"] for one in seen["poll"]["poll"]["options"]] == ["Tea", "Coffee"]
    assert (seen["voted"]["ownVotes"], seen["voted"]["votesCount"]) == ([1], 1)


def test_it_reads_page_by_page(seen: Mapping[str, Any]) -> None:
    posts = seen["posts"][::-1]
    assert [page for page in seen["pages"] if page] == [posts[:2], posts[2:4], posts[4:]]
    assert seen["home"] == [seen["poll"]["id"]]
    assert seen["markers"]["home"]["lastReadId"] == posts[0]


def test_it_hears_what_happens_while_it_happens(seen: Mapping[str, Any]) -> None:
    stream = seen["stream"]
    assert (stream["notification"]["type"], stream["notification"]["account"]["username"]) == ("mention", "erin")
    assert stream["notification"]["status"]["id"] in stream["posts"]
    assert stream["update"]["content"].startswith("<p><span")
    assert stream["update"]["account"]["username"] == "erin"
    assert stream["notification"]["id"] in [one["id"] for one in seen["notifications"]]


def test_it_is_told_why_not(seen: Mapping[str, Any]) -> None:
    assert seen["refused"] == {"status": 404, "message": "Record not found"}
    assert seen["filter"]["keywords"][0]["wholeWord"] is True
