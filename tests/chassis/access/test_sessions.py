"""Sessions of browsers: what their cookies carry, when they end, and whose signatures are accepted."""

import base64
import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from joserfc import jws
from joserfc.jwk import OctKey
from prometheus_client import CollectorRegistry

from chassis.access import session_keys, sessions
from chassis.access.caller import Caller
from chassis.access.sessions import ABSOLUTE_SECONDS, IDLE_SECONDS, CookieTooLarge, Sessions
from chassis.access.signed_out import SignedOut
from chassis.process.settings import SettingsError

HOUR = 3600

ADA = Caller(
    kind="token",
    actor="lab:ada",
    issuer="https://id.lab.example",
    subject="0815",
    name="Ada Lovelace ✓",
    email="ada@lab.example",
    groups=("lab:freezers", "lab:it"),
)


class Clock:
    """A clock that a test sets, in seconds since 1970."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return write(tmp_path / "keys", [new_key()])


@pytest.fixture(autouse=True)
def _look_at_the_file_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_keys, "CHECK_SECONDS", 0.0)


def new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def write(path: Path, lines: Sequence[str]) -> Path:
    """Replace the file, as the kubelet does."""
    new = path.with_suffix(".new")
    new.write_text("".join(f"{line}\n" for line in lines))
    os.replace(new, path)  # noqa: PTH105  replaces what is there
    return path


def service(keys: Path, clock: Clock) -> Sessions:
    """The sessions of one service."""
    return Sessions(str(keys), SignedOut(CollectorRegistry(), clock), clock)


def claims(cookie: str) -> dict[str, object]:
    part = cookie.split(".")[1]
    found: dict[str, object] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def test_a_service_knows_the_caller_of_a_session_that_another_one_started(keys: Path, clock: Clock) -> None:
    cookie = service(keys, clock).start(ADA)

    assert service(keys, clock).read(cookie) == msgspec.structs.replace(
        ADA, kind="session", expires=clock.now + IDLE_SECONDS
    )


def test_each_session_has_another_identifier(keys: Path, clock: Clock) -> None:
    some = service(keys, clock)
    assert claims(some.start(ADA))["sid"] != claims(some.start(ADA))["sid"]


@pytest.mark.parametrize(("hours", "known"), [(7.9, True), (8, False), (8.1, False)])
def test_a_session_ends_after_eight_idle_hours(keys: Path, clock: Clock, hours: float, known: bool) -> None:
    some = service(keys, clock)
    cookie = some.start(ADA)
    clock.now += hours * HOUR
    assert (some.read(cookie) is not None) is known


def test_a_session_that_is_renewed_ends_sixteen_hours_after_its_sign_in(keys: Path, clock: Clock) -> None:
    some = service(keys, clock)
    began = clock.now
    cookie = some.start(ADA)
    ends = 0.0
    for _ in range(40):
        clock.now += HOUR
        caller = some.read(cookie)
        if caller is None:
            break
        ends = caller.expires
        cookie = some.renewed(cookie) or cookie
    assert (clock.now, ends) == (began + ABSOLUTE_SECONDS, began + ABSOLUTE_SECONDS)


@pytest.mark.parametrize(("hours", "renewed"), [(3.9, False), (4.1, True)])
def test_a_session_is_renewed_when_half_of_its_time_is_over(
    keys: Path, clock: Clock, hours: float, renewed: bool
) -> None:
    some = service(keys, clock)
    cookie = some.start(ADA)
    clock.now += hours * HOUR
    assert (some.renewed(cookie) is not None) is renewed


def test_a_renewed_session_is_the_same_session(keys: Path, clock: Clock) -> None:
    some = service(keys, clock)
    cookie = some.start(ADA)
    clock.now += 5 * HOUR
    renewed = some.renewed(cookie)
    assert renewed is not None
    assert {**claims(renewed), "exp": 0} == {**claims(cookie), "exp": 0}


def test_the_session_of_a_pasted_token_ends_with_the_token(keys: Path, clock: Clock) -> None:
    some = service(keys, clock)
    cookie = some.start(ADA, clock.now + 5 * HOUR)
    clock.now += 4.9 * HOUR
    assert some.read(cookie)
    assert some.renewed(cookie) is None
    clock.now += 0.1 * HOUR
    assert some.read(cookie) is None


def test_a_session_that_signed_out_is_refused_at_once_and_its_renewed_cookies_too(
    keys: Path, clock: Clock
) -> None:
    some = service(keys, clock)
    cookie = some.start(ADA)
    clock.now += 5 * HOUR
    renewed = some.renewed(cookie)
    assert renewed
    some.end(cookie)
    assert (some.read(cookie), some.read(renewed)) == (None, None)


def test_signing_out_ends_no_other_session_of_the_person(keys: Path, clock: Clock) -> None:
    some = service(keys, clock)
    laptop, phone = some.start(ADA), some.start(ADA)
    some.end(phone)
    assert some.read(laptop)


def test_a_session_stays_signed_out_until_its_last_renewed_cookie_would_end(keys: Path, clock: Clock) -> None:
    some, late = service(keys, clock), service(keys, clock)
    cookie = some.start(ADA)
    clock.now += 5 * HOUR
    some.end(cookie)
    renewed = late.renewed(cookie)  # by a service that has not heard of it
    assert renewed
    clock.now += 7.99 * HOUR
    some.end(some.start(ADA))  # which forgets what is over
    assert (late.read(renewed) is None, some.read(renewed)) == (False, None)


def test_the_second_key_verifies_and_the_first_one_signs(keys: Path, clock: Clock) -> None:
    some = service(keys, clock)
    old = some.start(ADA)
    write(keys, [new_key(), keys.read_text().strip()])
    new = some.start(ADA)
    assert some.read(old)
    write(keys, keys.read_text().split()[:1])
    assert (some.read(old), some.read(new) is not None) == (None, True)


def test_a_third_key_is_not_accepted(keys: Path, clock: Clock) -> None:
    some = service(keys, clock)
    old = some.start(ADA)
    write(keys, [new_key(), new_key(), keys.read_text().strip()])
    assert some.read(old) is None


def test_keys_stay_while_their_file_cannot_be_read(keys: Path, clock: Clock) -> None:
    some = service(keys, clock)
    old = some.start(ADA)
    keys.unlink()
    assert some.read(old)
    write(keys, ["too-short"])
    assert some.read(old)


def test_a_key_may_be_written_by_openssl(tmp_path: Path, clock: Clock) -> None:
    raw = bytes([0xFB, 0xFF] * 16)
    some = service(write(tmp_path / "openssl", [base64.b64encode(raw).decode()]), clock)
    same = service(write(tmp_path / "url", [base64.urlsafe_b64encode(raw).rstrip(b"=").decode()]), clock)
    assert same.read(some.start(ADA))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "there is no key in .*/keys. Make one with `openssl"),
        (
            [base64.urlsafe_b64encode(bytes(31)).decode()],
            "key 1 has 31 bytes; it must have at least 32. Make one with `openssl",
        ),
        (
            [base64.urlsafe_b64encode(bytes(32)).decode(), "no key!"],
            "key 2 is not base64url. Make one with `openssl rand -base64 32`",
        ),
    ],
    ids=["empty", "short", "malformed"],
)
def test_a_file_without_a_good_key_stops_the_start(
    tmp_path: Path, clock: Clock, lines: Sequence[str], said: str
) -> None:
    path = write(tmp_path / "keys", lines)
    with pytest.raises(SettingsError, match=f"ACCESS_SESSION_KEYS_FILE cannot be used: {said}"):
        service(path, clock)


def test_a_file_that_is_made_later_is_read_then(keys: Path, tmp_path: Path, clock: Clock) -> None:
    """On a cluster, the secret with the keys may be created after the pods have started."""
    cookie = service(keys, clock).start(ADA)
    late = tmp_path / "late"
    some = service(late, clock)
    assert (bool(some.keys), some.read(cookie)) == (False, None)
    write(late, keys.read_text().split())
    assert some.keys
    assert some.read(cookie)


def test_a_file_that_cannot_be_read_stops_the_start(tmp_path: Path, clock: Clock) -> None:
    with pytest.raises(SettingsError, match="ACCESS_SESSION_KEYS_FILE cannot be used"):
        service(tmp_path, clock)  # a folder


def forged(keys: Path, header: dict[str, object], change: dict[str, object], clock: Clock) -> str:
    """A cookie with these claims, signed with the right key."""
    payload = {**claims(service(keys, clock).start(ADA)), **change}
    key = OctKey.import_key(base64.urlsafe_b64decode(keys.read_text().strip()))
    registry = jws.JWSRegistry(algorithms=["HS256", "HS512"])
    return jws.serialize_compact(
        {"typ": sessions.KIND, "alg": "HS256", **header}, json.dumps(payload), key, registry=registry
    )


@pytest.mark.parametrize(
    ("header", "change"),
    [
        ({"alg": "HS512"}, {}),
        ({"typ": "JWT"}, {}),
        ({}, {"v": 2}),
        ({}, {"v": None}),
        ({}, {"actor": ""}),
        ({}, {"exp": "9999999999"}),
        ({}, {"exp": 10**15}),
        ({}, {"auth_time": 10**15}),
        ({}, {"token_exp": 10**15}),
        ({}, {"groups": "admins"}),
    ],
    ids=repr,
)
def test_a_signed_cookie_of_another_kind_or_format_counts_as_signed_out(
    keys: Path, clock: Clock, header: dict[str, object], change: dict[str, object]
) -> None:
    some = service(keys, clock)
    assert some.read(forged(keys, {}, {}, clock))
    assert some.read(forged(keys, header, change, clock)) is None


@pytest.mark.parametrize(
    "cookie",
    ["", "x", "a.b.c", "...", "é.é.é", "eyJhbGciOiJub25lIn0.e30.", "x" * 100_000, "[" * 3000],
    ids=lambda text: text[:10],
)
def test_garbage_counts_as_signed_out(keys: Path, clock: Clock, cookie: str) -> None:
    assert service(keys, clock).read(cookie) is None


def test_a_cookie_that_somebody_changed_counts_as_signed_out(keys: Path, clock: Clock) -> None:
    some = service(keys, clock)
    head, body, signature = some.start(ADA).split(".")
    other = some.start(msgspec.structs.replace(ADA, actor="lab:eve")).split(".")[1]
    assert some.read(f"{head}.{other}.{signature}") is None
    assert some.read(f"{head}.{body}.{signature}")


def test_a_session_that_does_not_fit_into_a_cookie_is_refused(keys: Path, clock: Clock) -> None:
    groups = tuple(f"lab:group-{number}" for number in range(400))
    with pytest.raises(CookieTooLarge):
        service(keys, clock).start(msgspec.structs.replace(ADA, groups=groups))


def test_without_keys_nobody_is_signed_in(keys: Path, clock: Clock) -> None:
    cookie = service(keys, clock).start(ADA)
    none = Sessions("", SignedOut(CollectorRegistry(), clock), clock)
    assert none.read(cookie) is None


def test_more_sessions_than_are_remembered_stay_valid(
    keys: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "REMEMBERED", 3)
    some = service(keys, clock)
    cookies = [some.start(ADA) for _ in range(8)]
    assert all(some.read(cookie) for cookie in [*cookies, *cookies])
