"""The keys of an issuer: read in the background, read again for an unknown key, and kept while the issuer is down."""

import asyncio
import gzip
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient
from tests.chassis.access.guarded import Guard, get, trusted
from tests.support.issuer import DISCOVERY, KEYS, Answer, TestIssuer, as_json, encoded, sign, unpadded

from chassis.access import issuer_keys, openid_provider
from chassis.access.openid_provider import OpenIdProvider
from chassis.access.tokens import Tokens
from chassis.errors import Unauthenticated
from chassis.process.background import BackgroundTasks

FETCH = [DISCOVERY, KEYS]
"""The requests with which the keys are read once."""


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def wait_for_log(capfd: pytest.CaptureFixture[str], text: str) -> None:
    """Wait until the service has logged a text."""
    pieces: list[str] = []

    def is_logged() -> bool:
        pieces.append(capfd.readouterr().out)
        return text in "".join(pieces)

    until(is_logged)


def test_the_keys_are_read_when_the_service_starts(guard: Guard, issuer: TestIssuer) -> None:
    client = guard(trusted(issuer))
    until(lambda: issuer.requests == FETCH)
    assert get(client, issuer.token(groups=["lab"])).status_code == 200
    assert issuer.requests == FETCH


def test_the_first_request_waits_for_the_keys(guard: Guard, issuer: TestIssuer) -> None:
    issuer.answers[KEYS] = issuer.answer(KEYS)._replace(pause=0.3)
    assert get(guard(trusted(issuer)), issuer.token(groups=["lab"])).status_code == 200


def test_a_new_key_is_known_at_its_first_token(guard: Guard, issuer: TestIssuer) -> None:
    client = guard(trusted(issuer))
    assert get(client, issuer.token(groups=["lab"])).status_code == 200
    issuer.rotate()
    assert get(client, issuer.token(groups=["lab"])).status_code == 200
    assert issuer.requests == FETCH * 2


def test_a_token_of_a_key_that_was_withdrawn_is_refused_even_if_it_was_verified_before(
    guard: Guard, issuer: TestIssuer
) -> None:
    client = guard(trusted(issuer))
    old = issuer.token(groups=["lab"])
    assert get(client, old).status_code == 200
    issuer.rotate()
    get(client, issuer.token(groups=["lab"]))
    assert get(client, old).status_code == 401


def test_the_keys_are_read_again_after_a_pause(
    guard: Guard, issuer: TestIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuer_keys, "REFRESH_SECONDS", 0.1)
    client = guard(trusted(issuer))
    old = issuer.token(groups=["lab"])
    assert get(client, old).status_code == 200
    issuer.rotate()
    until(lambda: get(client, old).status_code == 401)


def test_tokens_are_verified_while_the_issuer_is_down(
    guard: Guard, issuer: TestIssuer, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(issuer_keys, "REFRESH_SECONDS", 0.1)
    monkeypatch.setattr(issuer_keys, "RETRY_SECONDS", 0.1)
    client = guard(trusted(issuer))
    assert get(client, issuer.token(groups=["lab"])).status_code == 200
    issuer.stop()
    failures = ("background_task_failures_total", {"task": f"keys of {issuer.url}"})
    registry: CollectorRegistry = client.app.state.registry  # type: ignore[attr-defined]  # it is Starlette's
    until(lambda: (registry.get_sample_value(*failures) or 0) > 2)
    assert get(client, issuer.token("eve", groups=["lab"])).status_code == 200
    issuer.start()
    wait_for_log(capfd, "can be read again")


def test_an_outage_is_logged_once(
    guard: Guard, issuer: TestIssuer, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(issuer_keys, "FIRST_SECONDS", 0.0)
    monkeypatch.setattr(issuer_keys, "RETRY_SECONDS", 0.05)
    issuer.stop()
    registry: CollectorRegistry = guard(trusted(issuer)).app.state.registry  # type: ignore[attr-defined]
    failures = ("background_task_failures_total", {"task": f"keys of {issuer.url}"})
    until(lambda: (registry.get_sample_value(*failures) or 0) > 3)
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    (line,) = [line for line in lines if "cannot be read" in line["event"]]
    assert (line["level"], line["issuer"]) == ("warning", issuer.url)


def test_without_any_keys_the_answer_is_503_until_the_issuer_answers(
    guard: Guard, issuer: TestIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuer_keys, "RETRY_SECONDS", 0.1)
    issuer.stop()
    client = guard(trusted(issuer))
    token = issuer.token(groups=["lab"])
    response = get(client, token)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    issuer.start()
    until(lambda: get(client, token).status_code == 200)


def ready(client: TestClient) -> bool:
    """Whether the service is ready."""
    return client.get("/health/ready").status_code == 200


def test_the_service_is_ready_once_it_has_keys(guard: Guard, issuer: TestIssuer) -> None:
    """So a rollout fails no request, although the network of a new pod may need seconds to work."""
    issuer.stop()
    client = guard(trusted(issuer))
    report = client.get("/health/ready")
    assert (report.status_code, report.json()["checks"]["tokens"]["status"]) == (503, "down")
    issuer.start()
    until(lambda: ready(client))
    assert get(client, issuer.token(groups=["lab"])).status_code == 200
    issuer.stop()
    assert ready(client)


def test_the_service_becomes_ready_without_any_keys_if_the_issuer_stays_down(
    guard: Guard, issuer: TestIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuer_keys, "FIRST_SECONDS", 0.3)
    issuer.stop()
    client = guard(trusted(issuer))
    until(lambda: ready(client))
    assert get(client, issuer.token(groups=["lab"])).status_code == 503


def test_a_hanging_issuer_does_not_hold_up_requests(
    guard: Guard, issuer: TestIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuer_keys, "WAIT_SECONDS", 0.1)
    issuer.answers[KEYS] = Answer(pause=3)
    started = time.monotonic()
    assert get(guard(trusted(issuer)), issuer.token(groups=["lab"])).status_code == 503
    assert time.monotonic() - started < 3  # it did not wait for the issuer


def with_key_id(token: str, kid: str) -> bytes:
    """The token with another key id in its header; its signature is then wrong."""
    return f"{encoded({'alg': 'RS256', 'kid': kid})}.{token.partition('.')[2]}".encode()


def test_ten_thousand_unknown_keys_are_one_refresh(issuer: TestIssuer) -> None:
    async def attack() -> int:
        trusts = [(trusted(issuer), OpenIdProvider(issuer.url))]
        tokens = Tokens(trusts, audience="benchtop", algorithms=["RS256"], most_seconds=86_400)
        token = issuer.token()
        async with tokens.running(BackgroundTasks(CollectorRegistry())):
            await asyncio.sleep(0)  # lets the refresh in the background begin
            await tokens.caller(token.encode())
            attempts = [tokens.caller(with_key_id(token, str(number))) for number in range(10_000)]
            results = await asyncio.gather(*attempts, return_exceptions=True)
            return sum(isinstance(result, Unauthenticated) for result in results)

    assert asyncio.run(attack()) == 10_000
    assert issuer.requests == FETCH * 2


def test_unknown_keys_over_http_are_one_refresh(guard: Guard, issuer: TestIssuer) -> None:
    client = guard(trusted(issuer))
    token = issuer.token(groups=["lab"])
    assert get(client, token).status_code == 200
    statuses = {get(client, with_key_id(token, str(number)).decode()).status_code for number in range(200)}
    assert statuses == {401}
    assert issuer.requests == FETCH * 2
    assert get(client, token).status_code == 200


def test_a_key_that_is_new_shortly_after_another_one_is_known_later(
    guard: Guard, issuer: TestIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuer_keys, "UNKNOWN_KEY_SECONDS", 0.3)
    client = guard(trusted(issuer))
    for _ in range(2):
        issuer.rotate()
        until(lambda: get(client, issuer.token(groups=["lab"])).status_code == 200)


ODD = {
    "another key": lambda: ECKey.generate_key("P-256", {"kid": "a"}).as_dict(private=False),
    "a secret": lambda: OctKey.generate_key(256, {"kid": "a"}).as_dict(),
    "a key for encryption": lambda: RSAKey.generate_key(2048, {"kid": "a", "use": "enc"}).as_dict(
        private=False
    ),
    "an unknown type": lambda: {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA"},
    "an unknown curve": lambda: OKPKey.generate_key("X25519").as_dict(private=False),
    "a key without its numbers": lambda: {"kty": "RSA", "kid": "a"},
    "a key with a broken number": lambda: {"kty": "RSA", "kid": "a", "n": "!", "e": "AQAB"},
    "a point that is not on the curve": lambda: {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"},
    "a short key": lambda: {"kty": "RSA", "kid": "a", "n": "w" * 171, "e": "AQAB"},
    "an algorithm that is not accepted": lambda: RSAKey.generate_key(2048, {"alg": "RS512"}).as_dict(
        private=False
    ),
    "an algorithm of another type of key": lambda: RSAKey.generate_key(2048, {"alg": "ES256"}).as_dict(
        private=False
    ),
    "an id that is no text": lambda: {"kty": "RSA", "kid": 1},
    "a type that is no text": lambda: {"kty": ["RSA"]},
    "text": lambda: "key",
    "nothing": lambda: None,
}


@pytest.mark.parametrize("odd", ODD.values(), ids=list(ODD))
def test_an_odd_key_does_not_make_the_others_useless(
    guard: Guard, issuer: TestIssuer, odd: Callable[[], Any]
) -> None:
    issuer.answers[KEYS] = as_json({"keys": [odd(), issuer.rsa.as_dict(private=False), odd()]})
    assert get(guard(trusted(issuer)), issuer.token(groups=["lab"])).status_code == 200


def test_a_secret_among_the_keys_verifies_nothing(guard: Guard, issuer: TestIssuer) -> None:
    secret = OctKey.generate_key(256, {"kid": "secret", "alg": "HS256"})
    issuer.answers[KEYS] = as_json({"keys": [secret.as_dict(), issuer.rsa.as_dict(private=False)]})
    claims = issuer.claims(groups=["lab"])
    token = sign(claims, secret, {"alg": "HS256", "kid": "secret"})
    assert get(guard(trusted(issuer)), token).status_code == 401


def test_a_token_needs_no_key_id_if_there_is_one_key(guard: Guard, issuer: TestIssuer) -> None:
    issuer.publish(issuer.rsa)
    token = issuer.token(groups=["lab"], header={"kid": None})
    assert get(guard(trusted(issuer)), token).status_code == 200


def test_two_keys_may_have_the_same_id_if_their_types_differ(guard: Guard, issuer: TestIssuer) -> None:
    keys = [{**one.as_dict(private=False), "kid": "same"} for one in (issuer.rsa, issuer.ec)]
    issuer.answers[KEYS] = as_json({"keys": keys})
    client = guard(trusted(issuer))
    for algorithm in ("RS256", "ES256"):
        token = issuer.token(groups=["lab"], algorithm=algorithm, header={"kid": "same"})
        assert get(client, token).status_code == 200


def test_a_key_without_an_algorithm_gets_the_first_that_is_accepted_and_suits(
    guard: Guard, issuer: TestIssuer
) -> None:
    client = guard(trusted(issuer), access_algorithms=["ES256", "PS256", "RS256"])
    statuses = {
        algorithm: get(client, issuer.token(groups=["lab"], algorithm=algorithm)).status_code
        for algorithm in ("PS256", "RS256")
    }
    assert statuses == {"PS256": 200, "RS256": 401}


@pytest.mark.parametrize("named", [None, "EdDSA", "Ed25519"])
def test_edwards_curves_are_accepted_if_the_settings_say_so(
    guard: Guard, issuer: TestIssuer, named: str | None
) -> None:
    key = OKPKey.generate_key("Ed25519", {"kid": "ed"})
    published = {**key.as_dict(private=False), **({"alg": named} if named else {})}
    issuer.answers[KEYS] = as_json({"keys": [published]})
    claims = issuer.claims(groups=["lab"])
    signed = f"{encoded({'alg': named or 'EdDSA', 'kid': 'ed'})}.{encoded(claims)}"
    assert key.private_key
    token = f"{signed}.{unpadded(key.private_key.sign(signed.encode()))}"  # type: ignore[union-attr]
    assert get(guard(trusted(issuer), access_algorithms=["EdDSA"]), token).status_code == 200


WRONG: dict[str, tuple[str, Callable[[TestIssuer], Answer], str]] = {
    "another issuer": (
        DISCOVERY,
        lambda one: as_json({"issuer": "https://evil.example", "jwks_uri": one.url + KEYS}),
        "has the issuer 'https://evil.example'",
    ),
    "the issuer with a slash": (
        DISCOVERY,
        lambda one: as_json({"issuer": one.url + "/", "jwks_uri": one.url + KEYS}),
        "has the issuer",
    ),
    "no issuer": (DISCOVERY, lambda one: as_json({"jwks_uri": one.url + KEYS}), "has the issuer 'None'"),
    "keys over plain http": (
        DISCOVERY,
        lambda one: as_json({"issuer": one.url, "jwks_uri": "http://id.example/keys"}),
        "no jwks_uri with https",
    ),
    "no address of the keys": (DISCOVERY, lambda one: as_json({"issuer": one.url}), "no jwks_uri"),
    "an error": (DISCOVERY, lambda _: Answer(500), "status 500"),
    "a list": (DISCOVERY, lambda _: as_json([]), "has the issuer 'None'"),
    "no JSON": (DISCOVERY, lambda _: Answer(body=b"<html>"), "did not answer with JSON"),
    "deep JSON": (DISCOVERY, lambda _: Answer(body=b"[" * 60_000), "did not answer with JSON"),
    "a redirect": (
        KEYS,
        lambda one: Answer(302, headers={"Location": one.url + "/elsewhere"}),
        "Redirects are not followed",
    ),
    "a redirect to no address": (
        KEYS,
        lambda _: Answer(302, headers={"Location": "http://["}),
        "Redirects are not followed",
    ),
    "more than 64 KiB": (KEYS, lambda _: Answer(body=b" " * 65_537), "more than 64 KiB"),
    "compressed": (
        KEYS,
        lambda _: Answer(body=gzip.compress(b"{}"), headers={"Content-Encoding": "gzip"}),
        "compressed content",
    ),
    "no keys": (KEYS, lambda _: as_json({}), "is not a JWK Set"),
    "keys that are no list": (KEYS, lambda _: as_json({"keys": {}}), "is not a JWK Set"),
    "too late": (KEYS, lambda _: Answer(pause=1), "did not answer within 0.5 s"),
}


@pytest.mark.parametrize(("path", "answer", "reason"), WRONG.values(), ids=list(WRONG))
def test_a_document_that_cannot_be_used_is_logged_and_the_old_keys_stay(
    guard: Guard,
    issuer: TestIssuer,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    path: str,
    answer: Callable[[TestIssuer], Answer],
    reason: str,
) -> None:
    monkeypatch.setattr(openid_provider, "DOCUMENT_SECONDS", 0.5)
    client = guard(trusted(issuer))
    assert get(client, issuer.token(groups=["lab"])).status_code == 200
    issuer.answers[path] = answer(issuer)
    assert get(client, issuer.token(groups=["lab"], header={"kid": "unknown"})).status_code == 401
    wait_for_log(capfd, reason)
    assert get(client, issuer.token("eve", groups=["lab"])).status_code == 200
    assert "/elsewhere" not in issuer.requests


def test_the_issuer_may_withdraw_all_keys(guard: Guard, issuer: TestIssuer) -> None:
    client = guard(trusted(issuer))
    token = issuer.token(groups=["lab"])
    assert get(client, token).status_code == 200
    issuer.publish()
    get(client, issuer.token(header={"kid": "unknown"}))
    assert get(client, token).status_code == 401
