"""What an operator does with accounts at the terminal, beside a service that runs."""

import json

import httpx
import pytest

from tests.live import Live

PASSWORD = "a good password"


def test_a_new_account_can_post_at_once_with_its_token(service: Live) -> None:
    made = service.run(
        *("account", "create", "alice", "--email", "alice@example.org", "--password", PASSWORD),
        *("--role", "moderator", "--token", "read write", "--json"),
    )
    assert made.returncode == 0, made.stderr
    (line,) = made.stdout.splitlines()
    account = json.loads(line)
    assert sorted(account) == ["id", "token", "username"]
    posted = service.post("/api/v1/statuses", account["token"], status="Good morning")
    assert posted.status_code == 200
    assert posted.json()["account"]["id"] == account["id"]
    assert posted.json()["account"]["url"] == f"{service.url}/@alice"


def test_many_accounts_are_made_from_lines(service: Live) -> None:
    lines = "username,email,password,role\n" + "".join(f"many{n},many{n}@example.org,{PASSWORD}\n" for n in range(25))
    made = service.run("account", "create", "--from", "-", "--token", "read", "--json", stdin=lines)
    assert made.returncode == 0, made.stderr
    accounts = [json.loads(line) for line in made.stdout.splitlines()]
    assert [account["username"] for account in accounts] == [f"many{n}" for n in range(25)]
    assert all(service.get("/api/v1/timelines/home", account["token"]).status_code == 200 for account in accounts[:3])


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("x,x@example.org\n", "line 1"),
        ("\nx,x@example.org,long enough,king\n", "line 2"),
        (f"no good,x@example.org,{PASSWORD}\n", "no good"),
    ],
)
def test_a_line_that_is_wrong_is_named(service: Live, lines: str, said: str) -> None:
    made = service.run("account", "create", "--from", "-", stdin=lines)
    assert made.returncode == 2
    assert said in made.stderr
    assert "Traceback" not in made.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["taken", "--email", "new@example.org", "--password", PASSWORD], "taken"),
        (["fresh", "--email", "taken@example.org", "--password", PASSWORD], "mail"),
        (["fresh", "--email", "nonsense", "--password", PASSWORD], "mail"),
        (["fresh", "--email", "fresh@example.org", "--password", "short"], "8"),
        (["fresh", "--email", "fresh@example.org", "--password", PASSWORD, "--token", "everything"], "everything"),
        (["fresh", "--email", "fresh@example.org"], "--password"),
        (["fresh"], "--email"),
    ],
)
def test_what_cannot_be_made_is_told_in_one_sentence(service: Live, options: list[str], said: str) -> None:
    service.run("account", "create", "taken", "--email", "taken@example.org", "--password", PASSWORD)
    made = service.run("account", "create", *options)
    assert made.returncode == 2
    assert said in made.stderr
    assert "Traceback" not in made.stderr
    assert "@fresh" not in service.run("account", "list").stdout


def test_somebody_is_kept_out_and_let_in_again(service: Live) -> None:
    bob = service.person("bob")
    assert service.get("/api/v1/timelines/home", bob.token).status_code == 200
    assert service.run("account", "disable", "bob").returncode == 0
    assert service.get("/api/v1/timelines/home", bob.token).status_code in (401, 403)
    assert "disabled" in service.run("account", "list").stdout
    assert service.run("account", "enable", "@Bob").returncode == 0
    assert service.get("/api/v1/timelines/home", bob.token).status_code == 200


def test_a_new_password_ends_the_tokens_of_before(service: Live) -> None:
    carol = service.person("carol")
    told = service.run("account", "reset-password", "carol@example.org")
    assert told.returncode == 0
    assert "@carol has a new password: " in told.stdout
    assert service.get("/api/v1/timelines/home", carol.token).status_code == 401


def test_the_list_shows_role_standing_and_address(service: Live) -> None:
    service.person("dora")
    assert service.run("account", "role", "dora", "admin").returncode == 0
    listed = [json.loads(line) for line in service.run("account", "list", "--json").stdout.splitlines()]
    (dora,) = [one for one in listed if one["username"] == "dora"]
    assert (dora["role"], dora["standing"], dora["email"]) == ("admin", "active", "dora@example.org")


def test_an_invitation_lets_somebody_in_where_sign_up_is_by_invitation(service: Live) -> None:
    service.person("host")
    link = service.run("account", "invite", "host", "--uses", "2").stdout.strip()
    assert link.startswith(f"{service.url}/sign-up?invite=")
    assert link.rpartition("=")[2] in httpx.get(link).text
    said = service.run("account", "invite", "host", "--uses", "5000")
    assert (said.returncode, said.stderr) == (2, "townsquare: An invitation can be used once to 1000 times\n")


def test_mail_of_notifications_is_chosen(service: Live) -> None:
    service.person("gwen")
    told = service.run("account", "mail", "gwen").stdout
    assert told == "@gwen gets mail of mention, quote, follow, follow_request, admin.report, admin.notice.\n"
    told = service.run("account", "mail", "gwen", "--types", "reblog, mention", "--always").stdout
    assert told == "@gwen gets mail of mention, reblog, also while they are here.\n"
    assert service.run("account", "mail", "gwen", "--types", "").stdout == "@gwen gets mail of no notifications.\n"
    assert service.run("account", "mail", "gwen", "--types", "gossip").returncode == 2


def test_other_accounts_are_named_and_told_to_other_servers(service: Live) -> None:
    for name in ("moved", "earlier"):
        made = service.run("account", "create", name, "--email", f"{name}@example.org", "--password", PASSWORD)
        assert made.returncode == 0, made.stderr

    def alias(*args: str) -> str:
        done = service.run("account", "alias", *args)
        return done.stdout + done.stderr

    assert "moved says that it is" in alias("add", "moved", "@earlier")
    (uri,) = alias("list", "moved").split()
    headers = {"accept": "application/activity+json"}
    actor = httpx.get(f"{service.url}/@moved", headers=headers, follow_redirects=True).json()
    assert actor["alsoKnownAs"] == [uri]
    assert "is this account itself" in alias("add", "moved", "moved")
    assert "no longer says" in alias("remove", "moved", "earlier")
    assert "does not name" in alias("remove", "moved", "earlier")
    assert "names no other account" in alias("list", "moved")


def test_only_who_waits_can_be_turned_away(service: Live) -> None:
    service.person("ines")
    told = service.run("account", "reject", "ines")
    assert (told.returncode, told.stderr) == (2, "townsquare: This account does not wait for approval\n")


def test_nobody_of_that_name_is_said_so(service: Live) -> None:
    told = service.run("account", "disable", "nobody_here")
    assert told.returncode == 2
    assert "nobody_here" in told.stderr
