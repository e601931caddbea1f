"""The key of sessions is made once, and only its user can read it."""

from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from tests.local.test_service_settings import services

from chassis.access.sessions import Sessions
from chassis.access.signed_out import SignedOut
from local import session_keys
from local.service_settings import with_sessions

ORIGIN = "http://127.0.0.1:8000"


def test_the_key_signs_sessions_and_is_readable_for_its_user_only(tmp_path: Path) -> None:
    path = session_keys.made(tmp_path)
    assert Sessions(str(path), SignedOut(CollectorRegistry())).keys
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_key_stays_the_same(tmp_path: Path) -> None:
    first = session_keys.made(tmp_path).read_text()
    assert session_keys.made(tmp_path).read_text() == first


def test_each_service_asks_the_others_which_sessions_signed_out(tmp_path: Path) -> None:
    found = with_sessions(services(), tmp_path / "keys", ORIGIN)
    assert {one.access_session_keys_file for one in found} == {str(tmp_path / "keys")}
    assert {tuple(one.access_signed_out_urls) for one in found} == {
        (f"{ORIGIN}/status", f"{ORIGIN}/inventory", f"{ORIGIN}/balances")
    }


@pytest.mark.parametrize(
    ("variable", "value", "field"),
    [
        ("ACCESS_SESSION_KEYS_FILE", "/keys", "access_session_keys_file"),
        ("ACCESS_SIGNED_OUT_URLS", '["http://127.0.0.1:9"]', "access_signed_out_urls"),
    ],
)
def test_what_is_set_in_the_environment_stays(tmp_path: Path, variable: str, value: str, field: str) -> None:
    given = services(**{variable: value})
    found = with_sessions(given, tmp_path / "keys", ORIGIN)
    assert [getattr(one, field) for one in found] == [getattr(one, field) for one in given]
