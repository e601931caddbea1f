"""Settings are read once from the environment; a message names all that are wrong."""

from pathlib import Path
from typing import Annotated

import msgspec
import pytest
from msgspec import Meta

from chassis.process.settings import DatabaseSettings, Settings, SettingsError, describe, misspelt, read
from chassis.validation.patterns import NAME


class Feeds(Settings, frozen=True, kw_only=True):
    feeds: Annotated[dict[str, str], Meta(description="By name")] = msgspec.field(default_factory=dict)


def test_a_variable_is_converted_to_the_fields_type() -> None:
    settings = read(Settings, {"PORT": "9000", "DRAIN_SECONDS": "1.5", "HOST": "0.0.0.0"})
    assert (settings.port, settings.drain_seconds, settings.host) == (9000, 1.5, "0.0.0.0")


def test_an_empty_variable_counts_as_unset() -> None:
    assert read(Settings, {"PORT": ""}).port == 8000


def test_a_structured_setting_is_json() -> None:
    assert read(Feeds, {"FEEDS": '{"main": "http://bank"}'}).feeds == {"main": "http://bank"}


def test_a_secret_can_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://secret\n")
    settings = read(DatabaseSettings, {"DATABASE_URL_FILE": str(tmp_path / "url")})
    assert settings.database_url == "postgresql://secret"


def test_every_wrong_setting_is_named_in_one_message() -> None:
    with pytest.raises(SettingsError) as error:
        read(DatabaseSettings, {"PORT": "70000", "LOG_FORMAT": "xml"})
    message = str(error.value)
    assert "PORT is malformed" in message
    assert "'70000'" in message
    assert "LOG_FORMAT is malformed" in message
    assert "one of console, json" in message
    assert "DATABASE_URL is not set" in message


def test_a_file_that_cannot_be_read_is_named() -> None:
    with pytest.raises(SettingsError, match=r"DATABASE_URL_FILE cannot be read: .*nowhere"):
        read(DatabaseSettings, {"DATABASE_URL_FILE": "/nowhere"})


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("\n")
    with pytest.raises(SettingsError, match=r"DATABASE_URL_FILE names a file with nothing in it: /.*/url"):
        read(DatabaseSettings, {"DATABASE_URL_FILE": str(tmp_path / "url")})


def test_settings_cannot_be_changed_after_they_were_read() -> None:
    settings = read(Settings, {})
    with pytest.raises(AttributeError):
        settings.port = 1  # type: ignore[misc]  # that is what is tested


def test_each_setting_describes_itself() -> None:
    assert all(setting.description for setting in describe(DatabaseSettings))
    assert [setting.name for setting in describe(DatabaseSettings) if setting.secret] == ["DATABASE_URL"]


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("DATABSE_URL", "DATABASE_URL"),
        ("DATABASE_URL_FLIE", "DATABASE_URL_FILE"),
        ("LOGLEVEL", "LOG_LEVEL"),
    ],
)
def test_a_misspelt_setting_is_found(variable: str, meant: str) -> None:
    assert list(misspelt({variable: "x"}, DatabaseSettings)) == [(variable, meant)]


def test_an_unknown_variable_with_the_prefix_of_settings_is_found_with_those_settings() -> None:
    ((name, meant),) = misspelt({"LOG_FOO": "x"}, DatabaseSettings)
    assert (name, meant) == ("LOG_FOO", "one of LOG_FORMAT, LOG_LEVEL")


@pytest.mark.parametrize(
    "variable", ["PATH", "HOSTNAME", "DATABASE_URL", "PORT_FILE", "KUBERNETES_PORT", "HTTPS_PROXY", "LOGNAME"]
)
def test_other_variables_are_not_reported(variable: str) -> None:
    assert list(misspelt({variable: "x"}, DatabaseSettings)) == []


class Bank(msgspec.Struct, forbid_unknown_fields=True):
    url: str
    deadline: Annotated[float, Meta(gt=0)] = 60.0


class Banks(Settings, frozen=True, kw_only=True):
    banks: Annotated[
        dict[Annotated[str, Meta(pattern=NAME)], Bank],
        Meta(extra={"member": "bank"}, examples=[{"main": {"url": "https://bank.example"}}]),
    ] = msgspec.field(default_factory=dict)


EXAMPLE = '{"main": {"url": "https://bank.example"}}'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '{"a": {"url": "x"}, "b": {"url": "x", "deadline": 0}}',
            "bank 'b', field 'deadline': The value must be",
        ),
        (
            '{"a": {"url": "x"}, "b": {"url": 7}}',
            "bank 'b', field 'url': The value must be text, not a whole number",
        ),
        ('{"a": {}}', "bank 'a': The field 'url' is missing"),
        ('{"a": {"url": "x", "dedline": 1}}', "bank 'a': There is no field 'dedline'"),
        ('{"a b": {"url": "x"}}', "bank 'a b': A name has 1 to 63 letters, digits, dots"),
        ('{"a": {"url": "x"}, "a": {"url": "y"}}', "'a' is in it twice"),
    ],
)
def test_a_structured_setting_names_the_member_and_the_field(text: str, said: str) -> None:
    with pytest.raises(SettingsError) as error:
        read(Banks, {"BANKS": text})
    assert str(error.value).startswith(f"BANKS is malformed: {said}")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "ACCESS_ROLES",
            '{"admins": ["user:ada"]}',
            "role 'admins': The value must be one of admin, keeper, member, viewer, not 'admins'",
        ),
        (
            "ACCESS_ROLES",
            '{"admin": ["group:it", "ada"]}',
            "role 'admin', item 2: Who has a role is written as user:<name>, group:<name> or serviceaccount:",
        ),
        (
            "ACCESS_ISSUERS",
            '[{"issuer": "kubernetes"}, {"issuer": "id.example"}]',
            "issuer 2, field 'issuer': An issuer is the URL of a provider, such as https://",
        ),
        ("ACCESS_ISSUERS", '[{"issuer": "kubernetes", "user": "sub"}]', "issuer 1: There is no field 'user'"),
        (
            "ACCESS_ISSUERS",
            '{"issuer": "kubernetes"}',
            'The value must be a list, not an object. Example of a valid value: [{"issuer": "kubernetes"}',
        ),
        ("ACCESS_ALGORITHMS", '["RS256", "HS256"]', "item 2: The value must be one of ES256, "),
    ],
)
def test_the_settings_of_access_name_the_item_and_say_what_is_expected(
    name: str, text: str, said: str
) -> None:
    with pytest.raises(SettingsError) as error:
        read(Settings, {name: text})
    assert str(error.value).startswith(f"{name} is malformed: {said}")


class Client(Settings, frozen=True, kw_only=True):
    main_bank: Bank | None = None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"url": "x", "dedline": 1}', "There is no field 'dedline'"),
        ('{"deadline": 1}', "The field 'url' is missing"),
        ('{"url": "x", "deadline": 0}', "field 'deadline': The value must be greater than 0"),
    ],
)
def test_a_setting_with_fields_names_only_the_field_that_is_wrong(text: str, said: str) -> None:
    with pytest.raises(SettingsError) as error:
        read(Client, {"MAIN_BANK": text})
    assert str(error.value).startswith(f"MAIN_BANK is malformed: {said}")


@pytest.mark.parametrize(
    "text", ["https://bank.example", '{"a": ', "{'a': 1}", "[]", '{"a": "https://x"}', "[" * 9999]
)
def test_the_error_of_a_structured_setting_of_the_wrong_type_has_an_example(text: str) -> None:
    with pytest.raises(SettingsError) as error:
        read(Banks, {"BANKS": text})
    assert f"Example of a valid value: {EXAMPLE}" in str(error.value)


def test_the_error_of_a_setting_is_in_plain_words() -> None:
    with pytest.raises(SettingsError) as error:
        read(Settings, {"PORT": "abc"})
    assert str(error.value) == "PORT is malformed: The value must be a whole number (it is 'abc')"
