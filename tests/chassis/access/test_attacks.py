"""Tokens that must be refused, over real HTTP: the status, one log line with the reason, and no token in the log."""

import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import RSAKey
from tests.chassis.access.guarded import Guarded, bearer, guarded_process
from tests.support.issuer import TestIssuer, encoded, issuing, sign, unpadded

DAY = 86_400


@pytest.fixture(scope="module")
def issuer() -> Iterator[TestIssuer]:
    with issuing() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def other() -> Iterator[TestIssuer]:
    """An issuer that is trusted too, and names people by their e-mail address."""
    with issuing() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def service(
    issuer: TestIssuer, other: TestIssuer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Guarded]:
    trusted = [{"issuer": issuer.url}, {"issuer": other.url, "username": "email", "prefix": "other:"}]
    folder = tmp_path_factory.mktemp("guarded")
    with guarded_process(folder, ACCESS_ISSUERS=json.dumps(trusted)) as running:
        for trust in (issuer, other):  # until the keys of both are known
            while running.get(**bearer(trust.token(email="ada@lab.example"))).status_code == 503:
                time.sleep(0.1)
        yield running


def unsigned(issuer: TestIssuer, algorithm: str) -> str:
    return f"{encoded({'alg': algorithm, 'kid': issuer.rsa.kid})}.{encoded(issuer.claims(groups=['lab']))}."


def signed_with_public_key(issuer: TestIssuer, public: bytes) -> str:
    signed = f"{encoded({'alg': 'HS256', 'kid': issuer.rsa.kid})}.{encoded(issuer.claims(groups=['lab']))}"
    return f"{signed}.{unpadded(hmac.digest(public, signed.encode(), 'sha256'))}"


def own_key(issuer: TestIssuer, **header: Any) -> str:
    """A token signed with the attacker's key."""
    key = RSAKey.generate_key(2048)
    given = {
        name: key.as_dict(private=False) if value == "the key" else value for name, value in header.items()
    }
    return sign(issuer.claims(groups=["lab"]), key, {"alg": "RS256", **given})


def altered(issuer: TestIssuer) -> str:
    """A token whose claims were changed after it was signed."""
    header, _, signature = issuer.token(groups=["lab"]).split(".")
    return f"{header}.{encoded(issuer.claims('root'))}.{signature}"


def raw(issuer: TestIssuer, payload: str, **header: Any) -> str:
    """A token that the issuer has signed, whatever its header and its payload are."""
    signed = f"{encoded({'alg': 'RS256', 'kid': issuer.rsa.kid, **header})}.{unpadded(payload.encode())}"
    assert issuer.rsa.private_key
    signature = issuer.rsa.private_key.sign(signed.encode(), PKCS1v15(), SHA256())
    return f"{signed}.{unpadded(signature)}"


Make = Callable[[TestIssuer], str]

ATTACKS: dict[str, tuple[Make, str]] = {
    "no signature": (lambda one: unsigned(one, "none"), "the algorithm RS256"),
    "no signature, in capitals": (lambda one: unsigned(one, "None"), "the algorithm RS256"),
    "the public key as the secret of HS256, in PEM": (
        lambda one: signed_with_public_key(one, one.rsa.as_pem(private=False)),
        "the algorithm RS256",
    ),
    "the public key as the secret of HS256, in JSON": (
        lambda one: signed_with_public_key(one, json.dumps(one.rsa.as_dict(private=False)).encode()),
        "the algorithm RS256",
    ),
    "a key of its own in the header": (lambda one: own_key(one, jwk="the key"), "no such key"),
    "a key of its own, and the id of ours": (
        lambda one: own_key(one, jwk="the key", kid=one.rsa.kid),
        "signature of the token is wrong",
    ),
    "the address of its own keys": (
        lambda one: own_key(one, jku="https://evil.example/keys", kid="evil"),
        "no such key",
    ),
    "no key id, with several keys": (lambda one: one.token(header={"kid": None}), "no such key"),
    "a key id that is no text": (
        lambda one: raw(one, json.dumps(one.claims(groups=["lab"])), kid=1),
        "id of the key",
    ),
    "another algorithm of the same key": (
        lambda one: one.token(algorithm="PS256"),
        "the algorithm RS256",
    ),
    "the key of another algorithm": (
        lambda one: sign(one.claims(groups=["lab"]), one.ec, {"alg": "ES256", "kid": one.rsa.kid}),
        "the algorithm RS256",
    ),
    "a changed payload": (altered, "signature of the token is wrong"),
    "no signature at the end": (
        lambda one: one.token().rpartition(".")[0] + ".",
        "signature of the token is wrong",
    ),
    "a critical extension": (
        lambda one: raw(one, json.dumps(one.claims(groups=["lab"])), crit=["exp"], exp=1),
        "extension that is not supported",
    ),
    "an unencoded payload": (
        lambda one: raw(one, json.dumps(one.claims(groups=["lab"])), crit=["b64"], b64=False),
        "not a signed JSON Web Token",
    ),
    "another type": (lambda one: one.token(header={"typ": "logout+jwt"}), "type that is not accepted"),
    "another audience": (lambda one: one.token(audience="grafana"), "not for the audience benchtop"),
    "other audiences": (lambda one: one.token(audience=["a", "b"]), "not for the audience benchtop"),
    "an empty list of audiences": (lambda one: one.token(audience=[]), "not for the audience benchtop"),
    "no audience": (lambda one: one.token(audience=None), "The field 'aud' is missing"),
    "an unknown issuer": (lambda one: one.token(iss="https://evil.example"), "issuer that is not trusted"),
    "almost the issuer": (lambda one: one.token(iss=one.url + "/"), "issuer that is not trusted"),
    "no issuer": (lambda one: one.token(iss=None), "The field 'iss' is missing"),
    "no subject": (lambda one: one.token(sub=None), "The field 'sub' is missing"),
    "an empty subject": (lambda one: one.token(sub=""), "at /sub"),
    "expired": (lambda one: one.token(lifetime=600, age=662), "has expired"),
    "not yet valid": (lambda one: one.token(nbf=int(time.time()) + 90), "not valid yet"),
    "issued in the future": (lambda one: one.token(age=-90), "issued in the future"),
    "ten years": (lambda one: one.token(lifetime=3650 * DAY), "valid for 315360000 s"),
    "a time that is text": (lambda one: one.token(exp="4102444800"), "at /exp"),
    "a time that is a truth value": (lambda one: one.token(exp=True), "at /exp"),
    "a time that is infinite": (
        lambda one: raw(
            one, json.dumps(one.claims(groups=["lab"])).replace('"exp": ', '"exp": 1e999, "x": ')
        ),
        "not a signed JSON Web Token",
    ),
    "a time of many digits": (lambda one: one.token(exp=int("9" * 300)), "at /exp"),
    "no end": (lambda one: one.token(exp=None), "The field 'exp' is missing"),
    "no beginning": (lambda one: one.token(iat=None), "The field 'iat' is missing"),
    "twice, one after the other": (lambda one: one.token() + one.token(), "not a signed JSON Web Token"),
    "twice, with a space": (lambda one: f"{one.token()} {one.token()}", "a space and one token"),
    "twice, with a comma": (lambda one: f"{one.token()}, Bearer {one.token()}", "a space and one token"),
    "garbage": (lambda _: "garbage", "not a signed JSON Web Token"),
    "a header that is a list": (
        lambda _: f"{encoded(['alg'])}.{encoded({})}.AAAA",
        "must be objects",
    ),
    "a header that is text": (lambda _: f"{encoded('alg')}.{encoded({})}.AAAA", "must be objects"),
    "claims that are a list": (lambda one: raw(one, "[]"), "must be objects"),
    "claims that are no JSON": (lambda one: raw(one, "{"), "not a signed JSON Web Token"),
    "claims that are nested deeply": (
        lambda one: raw(one, "[" * 4000 + "]" * 4000)[:8000],
        "not a signed JSON Web Token",
    ),
    "half a surrogate": (
        lambda one: raw(one, json.dumps(one.claims("\ud800"))),
        "not a signed JSON Web Token",
    ),
    "a line break in the name": (lambda one: one.token("ada\nroot"), "control character"),
    "a line separator in a group": (lambda one: one.token(groups=["lab\u2028"]), "control character"),
    "an invisible character in the name": (lambda one: one.token("ad\u200ba"), "invisible character"),
    "a soft hyphen in a group": (lambda one: one.token(groups=["la\xadb"]), "invisible character"),
    "a space after the name": (lambda one: one.token("ada "), "white space"),
    "a name that is written backwards": (lambda one: one.token(name="\u202eada"), "control character"),
    "a name of the system": (lambda one: one.token("system:admin"), "only the cluster"),
    "a service account of the cluster": (
        lambda one: one.token("system:serviceaccount:lab:robot"),
        "only the cluster",
    ),
    "a group of the system": (lambda one: one.token(groups=["system:masters"]), "only the cluster"),
    "groups that are no text": (lambda one: one.token(groups=[1]), "no list of groups"),
    "more than 8 KiB": (lambda one: one.token(more="x" * 9000), "more than 8192 bytes"),
}


@pytest.mark.parametrize(("make", "reason"), ATTACKS.values(), ids=list(ATTACKS))
def test_a_bad_token_is_refused_with_one_log_line(
    service: Guarded, issuer: TestIssuer, make: Make, reason: str
) -> None:
    token = make(issuer)
    response = service.get(**bearer(token))
    assert response.status_code == 401
    assert reason in response.json()["detail"]
    assert response.headers["WWW-Authenticate"].startswith(
        'Bearer error="invalid_token", error_description="'
    )
    (line,) = service.lines(response)
    assert (line["event"], line["status"], line["actor"]) == ("request", 401, None)
    assert reason in line["refused"]
    for part in token.split("."):
        assert len(part) < 12 or part not in service.log.read_text()


def test_an_email_address_that_is_not_verified_is_no_username(service: Guarded, other: TestIssuer) -> None:
    token = other.token(email="ada@lab.example", email_verified=False, groups=["lab"])
    response = service.get(**bearer(token))
    assert response.status_code == 401
    assert "has not verified the e-mail address" in response.json()["detail"]


def test_two_authorization_headers_are_malformed(service: Guarded, issuer: TestIssuer) -> None:
    token = f"Bearer {issuer.token(groups=['lab'])}"
    response = httpx.get(service.url + "/v1/notes", headers=[("Authorization", token)] * 2)
    assert response.status_code == 400
    assert "several Authorization headers" in response.json()["detail"]


def test_a_token_of_a_megabyte_is_refused_before_it_is_read(service: Guarded) -> None:
    response = httpx.get(service.url + "/v1/notes", headers=bearer("x" * 1024 * 1024))
    assert response.status_code == 431


def test_without_credentials_no_error_is_named(service: Guarded) -> None:
    response = service.get()
    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Bearer")
    (line,) = service.lines(response)
    assert "refused" not in line


def test_the_scheme_without_a_token_is_refused(service: Guarded) -> None:
    response = service.get(Authorization="Bearer")
    assert response.status_code == 401
    assert "a space and one token" in response.json()["detail"]


def test_another_scheme_does_not_count(service: Guarded) -> None:
    """A proxy in front of the service may use Basic for itself."""
    response = service.get(Authorization="Basic YTpi")
    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_a_person_who_opens_a_page_with_a_bad_token_is_not_sent_to_sign_in(
    service: Guarded, issuer: TestIssuer
) -> None:
    response = service.get("/ui/notes", Accept="text/html", **bearer(issuer.token(audience="grafana")))
    assert response.status_code == 401


def test_a_person_who_opens_a_page_without_a_token_is_sent_to_sign_in(service: Guarded) -> None:
    response = service.get("/ui/notes?q=a", Accept="text/html")
    assert (response.status_code, response.headers["Location"]) == (
        303,
        "/status/sign-in?next=%2Fui%2Fnotes%3Fq%3Da",
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"age": 655, "lifetime": 600},
        {"age": -55},
        {"header": {"typ": None}},
        {"header": {"typ": "at+jwt"}},
        {"header": {"typ": "application/at+jwt"}},
        {"header": {"jku": "https://evil.example/keys", "x5t": "AAAA", "more": 1}},
        {"audience": ["other", "benchtop"]},
        {"algorithm": "ES256"},
        {"lifetime": 600.5},
        {"groups": "lab"},
        {"lifetime": DAY},
    ],
    ids=str,
)
def test_these_tokens_are_accepted(service: Guarded, issuer: TestIssuer, changed: dict[str, Any]) -> None:
    """Clocks may be 60 s apart; headers that are not used do not matter."""
    response = service.get(**bearer(issuer.token(**{"groups": ["lab"], **changed})))
    assert (response.status_code, response.json().get("actor")) == (200, "ada")


def test_the_actor_is_in_the_log_line(service: Guarded, issuer: TestIssuer) -> None:
    response = service.get(**bearer(issuer.token(groups=["lab"])))
    (line,) = service.lines(response)
    assert (line["actor"], line["status"]) == ("ada", 200)


def test_the_refusal_says_what_is_missing_and_for_whom(service: Guarded, issuer: TestIssuer) -> None:
    response = service.get(**bearer(issuer.token("eve")))
    assert response.status_code == 403
    assert response.json()["detail"].startswith("eve may not list notes. The role viewer includes")


def test_a_key_that_could_sign_for_another_issuer_is_refused(
    service: Guarded, issuer: TestIssuer, other: TestIssuer
) -> None:
    token = sign(issuer.claims(groups=["lab"]), other.rsa, {"alg": "RS256", "kid": issuer.rsa.kid})
    assert service.get(**bearer(token)).status_code == 401
