"""Settings: where a value comes from, and what somebody is told who wrote a wrong one."""

import stat
from pathlib import Path

import pytest

from townsquare.kernel.settings import SignUpMode
from townsquare.kernel.settings_sources import RUN, Resolved, SettingsError, dump_resolved, load, load_resolved


def test_the_later_source_wins(tmp_path: Path) -> None:
    file = tmp_path / "townsquare.toml"
    file.write_text('title = "of the file"\ncontact_email = "of the file"\ndescription = "of the file"\n')
    environ = {"TOWNSQUARE_TITLE": "of the environment", "TOWNSQUARE_CONTACT_EMAIL": "of the environment", "HOME": "/"}
    settings = load(file, environ, ["title=of the command line"]).settings
    assert settings.title == "of the command line"
    assert settings.contact_email == "of the environment"
    assert settings.description == "of the file"


def test_each_value_is_told_with_its_source(tmp_path: Path) -> None:
    file = tmp_path / "townsquare.toml"
    file.write_text('[sign_up]\nmode = "approval"\n')
    loaded = load(file, {"TOWNSQUARE_LIMITS_ENABLED": "false"}, ["auth.password_grant=yes"])
    told = {setting.key: (setting.shown, setting.source) for setting in loaded.all}
    assert told["sign_up.mode"] == ("approval", str(file))
    assert told["limits.enabled"] == ("false", "environment (TOWNSQUARE_LIMITS_ENABLED)")
    assert told["auth.password_grant"] == ("true", "command line")
    assert told["title"] == ("Townsquare", "default")


def test_values_get_the_type_of_the_setting() -> None:
    settings = load(None, {}, ["languages=en, de", "sign_up.mode=invite", "limits.status_characters=500"]).settings
    assert settings.languages == ("en", "de")
    assert settings.sign_up.mode is SignUpMode.INVITE
    assert settings.limits.status_characters == 500


@pytest.mark.parametrize(
    ("option", "named", "advice"),
    [
        ("sign_up.mode=maybe", "sign_up.mode = 'maybe' (command line)", "choose open, approval, invite or closed"),
        ("limits.enabled=perhaps", "limits.enabled", "write true or false"),
        ("limits.body_bytes=many", "limits.body_bytes", "write a whole number"),
        ("limits.body_bytes=0", "limits.body_bytes", "write a number of at least 1"),
        ("mail.tls=ssl", "mail.tls", "choose starttls, tls or none"),
        ("log.level=chatty", "log.level", "choose debug, info, warning or error"),
        ("public_url=example.org", "public_url", "write it as https://example.org"),
        ("public_url=https://example.org/square", "public_url", "without a path"),
        ("mode=open", "mode (command line) is not a setting", "Did you mean sign_up.mode?"),
        ("sign_up.modes=open", "sign_up.modes (command line) is not a setting", "Did you mean sign_up.mode?"),
        ("mail=localhost", "mail (command line) is not a setting", "Did you mean mail.host?"),
        ("qqq=1", "qqq (command line) is not a setting", "`townsquare settings` prints all"),
        ("title", "--set title", "key=value"),
    ],
)
def test_a_wrong_option_is_named_with_what_would_be_right(option: str, named: str, advice: str) -> None:
    with pytest.raises(SettingsError) as error:
        load(None, {}, [option])
    assert named in str(error.value)
    assert advice in str(error.value)


def test_a_misspelt_variable_is_named() -> None:
    with pytest.raises(SettingsError, match=r"TOWNSQUARE_SIGNUP_MODE.*Did you mean sign_up\.mode\?"):
        load(None, {"TOWNSQUARE_SIGNUP_MODE": "open"}, [])


@pytest.mark.parametrize("text", ["title = ", "title = 5", 'languages = ["en", 3]', "\N{NO-BREAK SPACE}"])
def test_a_wrong_file_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "townsquare.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=r"townsquare\.toml"):
        load(file, {}, [])


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    file = tmp_path / "townsquare.toml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match=r"townsquare\.toml is not valid TOML"):
        load(file, {}, [])


def test_no_file_is_no_error(tmp_path: Path) -> None:
    assert load(tmp_path / "townsquare.toml", {}, []).settings.title == "Townsquare"


def test_secrets_are_hidden_where_settings_are_shown_and_in_errors(tmp_path: Path) -> None:
    file = tmp_path / "townsquare.toml"
    file.write_text("[mail]\npassword = 12345678\n")
    with pytest.raises(SettingsError) as error:
        load(file, {}, [])
    assert "12345678" not in str(error.value)
    loaded = load(None, {"TOWNSQUARE_DATABASE_URL": "postgres://a:hunter2@db/x"}, [])
    assert not any("hunter2" in setting.shown for setting in loaded.all)


def test_the_domain_is_what_stands_after_the_at_sign() -> None:
    assert load(None, {}, ["public_url=https://example.org"]).settings.domain == "example.org"
    assert load(None, {}, ["public_url=http://localhost:8000"]).settings.domain == "localhost:8000"


def test_resolved_settings_reach_other_processes_unread_by_others(tmp_path: Path) -> None:
    settings = load(None, {}, ["title=Märkte & more", "sign_up.mode=closed", "languages=de,en"]).settings
    file = tmp_path / "run.json"
    dump_resolved(settings, file, {"title": "command line"})
    assert load_resolved({RUN: str(file)}) == Resolved(settings, {"title": "command line"})
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]


def test_the_variable_of_a_running_service_is_no_setting(tmp_path: Path) -> None:
    assert load(None, {RUN: str(tmp_path / "run.json")}, []).settings == load(None, {}, []).settings


def test_a_process_started_by_hand_is_told_how_to_start() -> None:
    with pytest.raises(SettingsError, match="townsquare up"):
        load_resolved({})
    with pytest.raises(SettingsError, match="cannot be read"):
        load_resolved({RUN: "/nowhere/run.json"})
