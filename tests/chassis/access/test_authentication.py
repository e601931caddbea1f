"""Tokens and sessions together: which counts, and what a token says about its caller."""

import asyncio
import os
from collections.abc import Sequence
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from starlette.requests import Request
from tests.chassis.access.guarded import Guard, get, trusted
from tests.support.api_server import DISCOVERY, JWKS, TestApiServer
from tests.support.issuer import Answer, TestIssuer

from chassis.access.authentication import TokensAndSessions
from chassis.access.caller import Caller
from chassis.access.cluster import ApiServer, ClusterIssuer
from chassis.access.configured import api_server_url
from chassis.access.issuer_keys import KeySource
from chassis.access.openid_provider import OpenIdProvider
from chassis.access.session_cookie import COOKIE
from chassis.access.tokens import Tokens
from chassis.errors import Unauthenticated, Unavailable
from chassis.process.access_settings import Issuer
from chassis.process.background import BackgroundTasks


class OneSession:
    """Knows one session, of a person of this issuer."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer

    def read(self, cookie: str) -> Caller | None:
        """See `SessionReader.read`."""
        return Caller(kind="session", actor="eve", issuer=self.issuer) if cookie == "valid" else None


def authenticated(
    issuer: TestIssuer, *headers: tuple[str, str], sessions: OneSession | None = None
) -> Caller:
    """The caller of a request with these headers."""
    return authenticated_with([(trusted(issuer), OpenIdProvider(issuer.url))], *headers, sessions=sessions)


def authenticated_with(
    issuers: Sequence[tuple[Issuer, KeySource]],
    *headers: tuple[str, str],
    sessions: OneSession | None,
    fetched: bool = False,
) -> Caller:
    """The same with these issuers; `fetched` waits for their keys before."""

    async def run() -> Caller:
        tokens = Tokens(issuers, audience="benchtop", algorithms=["RS256"], most_seconds=86_400)
        authenticator = TokensAndSessions(tokens, sessions, BackgroundTasks(CollectorRegistry()))
        sent = [(name.lower().encode(), value.encode()) for name, value in headers]
        async with authenticator.running():
            while fetched:
                try:
                    await authenticator.check_started()
                    break
                except Unavailable:
                    continue
            return await authenticator.authenticate(Request({"type": "http", "headers": sent}))

    return asyncio.run(run())


VALID = ("Cookie", f"other=1; {COOKIE}=valid")


def test_a_valid_session_is_the_caller(issuer: TestIssuer) -> None:
    assert authenticated(issuer, VALID, sessions=OneSession(issuer.url)).actor == "eve"


@pytest.mark.parametrize("former", ["https://former.example", ""])
def test_the_session_of_an_issuer_that_is_no_longer_trusted_is_anonymous(
    issuer: TestIssuer, former: str
) -> None:
    assert authenticated(issuer, VALID, sessions=OneSession(former)).kind == "anonymous"


def test_without_issuers_every_session_counts_that_status_has_signed() -> None:
    assert authenticated_with([], VALID, sessions=OneSession("https://id.example")).actor == "eve"


@pytest.mark.parametrize(
    ("named", "actor"), [(TestApiServer.issuer, "eve"), ("https://former.example", "anonymous")]
)
def test_a_session_of_the_cluster_counts_by_the_name_that_the_cluster_says(
    api_server: TestApiServer, named: str, actor: str
) -> None:
    cluster = ClusterIssuer(ApiServer(api_server_url(os.environ), str(api_server.folder)))
    found = authenticated_with(
        [(Issuer(issuer="kubernetes"), cluster)], VALID, sessions=OneSession(named), fetched=True
    )
    assert found.actor == actor


def test_who_is_signed_in_stays_so_while_the_cluster_has_not_said_its_name(
    api_server: TestApiServer,
) -> None:
    api_server.answers[DISCOVERY] = api_server.answers[JWKS] = Answer(500)
    cluster = ClusterIssuer(ApiServer(api_server_url(os.environ), str(api_server.folder)))
    found = authenticated_with(
        [(Issuer(issuer="kubernetes"), cluster)], VALID, sessions=OneSession(api_server.issuer)
    )
    assert found.actor == "eve"


def test_a_token_counts_more_than_a_session(issuer: TestIssuer) -> None:
    token = ("Authorization", f"bearer {issuer.token()}")
    assert authenticated(issuer, VALID, token, sessions=OneSession(issuer.url)).actor == "ada"


def test_a_bad_token_is_refused_with_a_valid_session_too(issuer: TestIssuer) -> None:
    token = ("Authorization", f"Bearer {issuer.token(audience='other')}")
    with pytest.raises(Unauthenticated) as refused:
        authenticated(issuer, VALID, token, sessions=OneSession(issuer.url))
    assert refused.value.error == "invalid_token"


@pytest.mark.parametrize("cookie", [f"{COOKIE}=old", f"{COOKIE}=", "other=valid", f"x{COOKIE}=valid", ""])
def test_any_other_cookie_is_anonymous(issuer: TestIssuer, cookie: str) -> None:
    assert authenticated(issuer, ("Cookie", cookie), sessions=OneSession(issuer.url)).kind == "anonymous"


def test_without_sessions_the_cookie_does_not_count(issuer: TestIssuer) -> None:
    assert authenticated(issuer, VALID).kind == "anonymous"


def test_a_session_is_no_token(issuer: TestIssuer) -> None:
    with pytest.raises(Unauthenticated):
        authenticated(issuer, ("Authorization", "Bearer valid"), sessions=OneSession(issuer.url))


@pytest.mark.parametrize(
    ("claims", "email"),
    [
        ({"email": "Ada@Lab.Example", "email_verified": True}, "ada@lab.example"),
        ({"email": "ada@lab.example", "email_verified": False}, ""),
        ({"email": "ada@lab.example", "email_verified": "true"}, ""),
        ({"email": "ada@lab.example"}, ""),
        ({"email": "\N{KELVIN SIGN}im@lab.example", "email_verified": True}, ""),
        ({}, ""),
    ],
)
def test_only_a_verified_email_address_is_kept(
    guard: Guard, issuer: TestIssuer, claims: dict[str, Any], email: str
) -> None:
    body = get(guard(trusted(issuer)), issuer.token(groups=["lab"], **claims)).json()
    assert body["email"] == email


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"email": "Ada@Lab.Example"}, 200),
        ({"email": "Ada@Lab.Example", "email_verified": True}, 200),
        ({"email": "ada@lab.example", "email_verified": False}, 401),
        ({"email": "ada@lab.example", "email_verified": "true"}, 401),
        ({"email": "ad\N{FULLWIDTH LATIN SMALL LETTER A}@lab.example", "email_verified": True}, 403),
        ({"email": " "}, 401),
        ({"email": ["ada@lab.example"]}, 401),
        ({}, 401),
    ],
    ids=str,
)
def test_an_email_address_as_username(
    guard: Guard, issuer: TestIssuer, claims: dict[str, Any], status: int
) -> None:
    client = guard(trusted(issuer, username="email"), access_roles={"viewer": ["user:ada@lab.example"]})
    assert get(client, issuer.token(**claims)).status_code == status


def test_the_kelvin_sign_is_no_k_in_a_username(guard: Guard, issuer: TestIssuer) -> None:
    client = guard(trusted(issuer, username="email"), access_roles={"viewer": ["user:kim@lab.example"]})
    assert get(client, issuer.token(email="\N{KELVIN SIGN}im@lab.example")).status_code == 403


def test_the_name_of_a_person_may_have_characters_that_join_letters(guard: Guard, issuer: TestIssuer) -> None:
    """Persian, for example, is written with the zero-width non-joiner."""
    token = issuer.token(groups=["lab"], name="\u0639\u0644\u06cc\u200c\u0631\u0636\u0627")
    assert get(guard(trusted(issuer)), token).status_code == 200


def test_the_prefix_is_put_before_usernames_and_groups(guard: Guard, issuer: TestIssuer) -> None:
    client = guard(trusted(issuer, prefix="id:"), access_roles={"viewer": ["group:id:lab"]})
    body = get(client, issuer.token(groups=["lab"])).json()
    assert (body["actor"], body["groups"]) == ("id:ada", ["id:lab"])


def test_only_the_groups_that_roles_name_are_kept(guard: Guard, issuer: TestIssuer) -> None:
    body = get(guard(trusted(issuer)), issuer.token(groups=["chess", "lab", "it"])).json()
    assert body["groups"] == ["lab"]


def test_everybody_who_has_signed_in_can_have_a_role(guard: Guard, issuer: TestIssuer) -> None:
    client = guard(trusted(issuer), access_roles={"viewer": ["group:system:authenticated"]})
    assert get(client, issuer.token()).status_code == 200


@pytest.mark.parametrize("groups", [None, [], "", [""]], ids=str)
def test_a_token_may_have_no_groups(guard: Guard, issuer: TestIssuer, groups: Any) -> None:
    client = guard(trusted(issuer), access_roles={"viewer": ["user:ada"]})
    assert get(client, issuer.token(groups=groups)).json()["groups"] == []


def test_an_issuer_may_have_an_audience_of_its_own(guard: Guard, issuer: TestIssuer) -> None:
    client = guard(trusted(issuer, audience="lab-client"))
    statuses = [
        get(client, issuer.token(groups=["lab"], audience=audience)).status_code
        for audience in ("lab-client", "benchtop")
    ]
    assert statuses == [200, 401]
