"""Operations that need nothing, and what they tell to callers who have not signed in."""

import pytest
from starlette.testclient import TestClient
from tests.chassis.access.guarded import Guard, bearer, get, trusted
from tests.chassis.access.guarded_service import OPERATIONS, SERVICE
from tests.support.issuer import TestIssuer

from chassis.process.settings import Settings
from chassis.web.app import create_app


@pytest.mark.parametrize("path", ["/health", "/health/ready", "/metadata", "/openapi.json", "/docs"])
def test_nobody_has_to_sign_in_for_these(guard: Guard, issuer: TestIssuer, path: str) -> None:
    assert guard(trusted(issuer)).get(path).status_code == 200


@pytest.mark.parametrize("path", ["/health", "/health/ready", "/metadata"])
def test_a_bad_token_does_not_matter_to_them(guard: Guard, issuer: TestIssuer, path: str) -> None:
    assert get(guard(trusted(issuer)), "garbage", path).status_code == 200


def test_the_page_of_the_documents_says_what_callers_need(guard: Guard, issuer: TestIssuer) -> None:
    page = guard(trusted(issuer)).get("/docs").text
    assert "(role member)" in page


async def away() -> None:
    """A dependency that is down."""
    raise ConnectionError("no route to database.lab.svc")


def readiness(issuer: TestIssuer, access: str, headers: dict[str, str]) -> object:
    """The state of a dependency that is down, as a caller sees it."""
    settings = Settings(access=access, access_issuers=[trusted(issuer)])  # type: ignore[arg-type]  # one of the two
    with TestClient(create_app(SERVICE, settings, OPERATIONS, checks={"database": away})) as client:
        response = client.get("/health/ready", headers=headers)
        assert response.status_code == 503
        return response.json()["checks"]["database"]


def test_readiness_tells_no_hosts_to_callers_who_have_not_signed_in(issuer: TestIssuer) -> None:
    assert readiness(issuer, "token", {}) == {"status": "down"}
    assert readiness(issuer, "token", bearer("garbage")) == {"status": "down"}


def test_readiness_tells_the_reason_to_callers_who_have_signed_in(issuer: TestIssuer) -> None:
    detail = {"status": "down", "detail": "ConnectionError: no route to database.lab.svc"}
    assert readiness(issuer, "token", bearer(issuer.token())) == detail
    assert readiness(issuer, "open", {}) == detail
