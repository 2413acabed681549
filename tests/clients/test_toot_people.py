"""People, lists, hashtags and notifications with toot."""

from collections.abc import Callable
from pathlib import Path

from tests.clients.command import Toot
from tests.clients.consent import allow, password_of, shown_code
from tests.clients.waiting import eventually
from tests.live import Live
from tests.rooms.media import pictures


def saying(text: str) -> Callable[[str], bool]:
    return lambda said: text in said


def test_the_client_knows_who_and_where_it_is(alice: Toot) -> None:
    assert f"* {alice.acct} ACTIVE" in alice("auth")
    me = alice("whoami")
    assert "@alice" in me
    assert f"{alice.url}/@alice" in me
    place = alice("instance")
    assert "Townsquare" in place
    assert alice.url.removeprefix("http://") in place
    assert "Townsquare" in alice("instance", alice.url)
    assert "Townsquare" in alice("diag", "--server")


def test_a_login_through_the_browser(service: Live, tmp_path: Path) -> None:
    erin = Toot(service.url, "erin", tmp_path)
    link = next(line for line in erin.run("login", "-i", erin.url, stdin="n\n").stdout.splitlines() if "/oauth" in line)
    page = allow(link, "erin")
    assert "toot - a Mastodon CLI client" in page.text
    said = erin("login", "-i", erin.url, stdin=f"n\n{shown_code(page)}\n")
    assert "Successfully logged in" in said
    assert "@erin" in erin("whoami")
    erin("logout", erin.acct)
    assert "not logged in" in erin("auth")


def test_a_wrong_password_is_refused(service: Live, tmp_path: Path) -> None:
    stranger = Toot(service.url, "alice", tmp_path)
    who = ("-i", service.url, "-e", "alice@example.org", "-p", "guess")
    assert "Login failed" in stranger.refused("login_cli", *who)


def test_somebody_with_two_accounts(service: Live, tmp_path: Path) -> None:
    both = Toot(service.url, "alice", tmp_path)
    for name in ("alice", "bob"):
        both("login_cli", "-i", service.url, "-e", f"{name}@example.org", "-p", password_of(name))
    assert "@bob" in both("whoami")
    assert "activated" in both("activate", both.acct)
    assert "@alice" in both("whoami")
    assert "deprecated" in both.run("env").stderr
    place = service.url.removeprefix("http://")
    assert "@bob" in both("--as", f"bob@{place}", "whoami")


def test_following_brings_posts_home(alice: Toot, bob: Toot) -> None:
    assert alice("follow", "bob") == "✓ You are now following bob\n"
    bob("post", "Bread is in the oven")
    eventually(lambda: alice("timeline", "--once"), until=saying("Bread is in the oven"))
    assert "* @bob" in alice("following")
    assert "* @alice" in bob("followers")
    who = alice("whois", "@bob")
    assert "Followers: 1" in who
    assert alice("unfollow", "bob") == "✓ You are no longer following bob\n"
    eventually(lambda: alice("timeline", "--once"), until=lambda said: "Bread is in the oven" not in said)
    assert "bob" not in alice("following")
    assert "Account not found" in alice.refused("follow", "nobody")


def test_muting_and_blocking(alice: Toot, bob: Toot) -> None:
    assert "No accounts muted" in alice("muted")
    alice("mute", "bob")
    assert "* @bob" in alice("muted")
    alice("unmute", "bob")
    assert alice.json("muted") == []
    post = alice.json("post", "Not for everybody")
    alice("block", "bob")
    assert "* @bob" in alice("blocked")
    assert "Record not found" in bob.refused("status", post["id"])
    alice("unblock", "bob")
    assert "No accounts blocked" in alice("blocked")
    assert "Not for everybody" in bob("status", post["id"])


def test_people_are_told_what_happens_to_them(alice: Toot, bob: Toot) -> None:
    alice("notifications", "--clear")
    assert "You have no notifications" in alice("notifications")
    post = alice.json("post", "Choir on Tuesday")
    bob("favourite", post["id"])
    bob("reblog", post["id"])
    bob("post", "@alice I come", "--reply-to", post["id"])
    bob("follow", "alice")
    told = eventually(lambda: alice("notifications"), until=saying("now follows you"))
    for line in ("@bob favourited your status", "@bob boosted your status", "@bob mentioned you", "I come"):
        assert line in told
    assert [one["type"] for one in alice.json("notifications", "--type", "mention")] == ["mention"]
    others = {one["type"] for one in alice.json("notifications", "--exclude-type", "mention")}
    assert others == {"favourite", "reblog", "follow"}
    bob("unfollow", "alice")


def test_hashtags_are_followed_and_featured(alice: Toot, bob: Toot) -> None:
    alice("tags", "follow", "#Gardening")
    assert "* #gardening" in alice("tags", "followed").lower()
    bob("post", "My beans are up #gardening")
    eventually(lambda: alice("timeline", "--once"), until=saying("My beans are up"))
    assert "Followed" in alice("tags", "info", "gardening")
    alice("tags", "unfollow", "gardening")
    assert "not following any hashtags" in alice("tags", "followed")
    alice("post", "Mine are not #gardening")
    alice("tags", "feature", "gardening")
    assert "#gardening" in alice("tags", "featured").lower()
    alice("tags", "unfeature", "gardening")
    assert "don't have any featured hashtags" in alice("tags", "featured")


def test_a_list_shows_what_its_people_post(alice: Toot, bob: Toot) -> None:
    assert "You have no lists" in alice("lists", "list")
    alice("lists", "create", "neighbours", "--replies-policy", "list")
    assert "neighbours" in alice("lists", "list")
    assert "You must follow @bob" in alice.refused("lists", "add", "neighbours", "bob")
    alice("follow", "bob")
    alice("lists", "add", "neighbours", "bob")
    assert "* @bob" in alice("lists", "accounts", "neighbours")
    bob("post", "I mow the lawn at 3")
    eventually(lambda: alice("timeline", "--list", "neighbours", "--once"), until=saying("I mow the lawn at 3"))
    alice("lists", "remove", "neighbours", "bob")
    assert "This list has no accounts" in alice("lists", "accounts", "neighbours")
    alice("lists", "delete", "neighbours")
    assert "You have no lists" in alice("lists", "list")
    alice("unfollow", "bob")


def test_a_list_by_the_old_names_of_the_commands(alice: Toot) -> None:
    """Which are not shown in the help any more, and are in people's scripts."""
    alice("follow", "bob")
    alice("list_create", "old friends")
    alice("list_add", "old friends", "bob")
    assert "* @bob" in alice("list_accounts", "old friends")
    alice("list_remove", "old friends", "bob")
    assert "This list has no accounts" in alice("list_accounts", "old friends")
    alice("list_delete", "old friends")
    assert "old friends" not in alice("lists", "list")
    alice("unfollow", "bob")
    alice("tags_follow", "willows")
    assert "#willows" in alice("tags_followed")
    alice("tags_unfollow", "willows")
    assert "#willows" not in alice("tags_followed")


def test_the_whole_terminal_as_a_home(alice: Toot, bob: Toot) -> None:
    bob("follow", "alice")
    post = alice.json("post", "The swing on the oak is mended")
    eventually(lambda: bob("timeline", "--once"), until=saying("The swing on the oak is mended"))
    with bob.screen("tui") as screen:
        screen.shows("The swing on the oak is mended")
        screen.press("f")
        eventually(lambda: alice.json("status", post["id"])["favourites_count"], until=lambda count: count == 1)
        screen.press("q")
        assert screen.ended() == 0
    bob("unfollow", "alice")


def test_a_profile_is_changed(bob: Toot, tmp_path: Path) -> None:
    face, wide = tmp_path / "face.png", tmp_path / "wide.webp"
    face.write_bytes(pictures.png())
    wide.write_bytes(pictures.webp())
    words = ("--display-name", "Bob the Baker", "--note", "Bread and #rolls")
    changed = bob.json("update_account", *words, "--avatar", str(face), "--header", str(wide), "--bot", "--locked")
    assert (changed["display_name"], changed["bot"], changed["locked"]) == ("Bob the Baker", True, True)
    assert "/media/avatars/" in changed["avatar"]
    assert "/media/headers/" in changed["header"]
    shown = bob("whoami")
    assert "@bob Bob the Baker" in shown
    assert "Bread and #rolls" in shown
    bob("update_account", "--privacy", "private", "--language", "fr", "--sensitive", "--no-bot", "--no-locked")
    post = bob.json("post", "Croissants")
    assert (post["visibility"], post["language"], post["sensitive"]) == ("private", "fr", False)
    bob("update_account", "--privacy", "public", "--no-sensitive")
