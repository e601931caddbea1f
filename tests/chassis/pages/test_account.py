"""Every page shows who is signed in, keeps the session alive, and says what to do when it has ended."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.testclient import TestClient
from tests.chassis.greeter import SERVICE, GreeterSettings
from tests.support.html_page import HtmlPage
from tests.support.session_files import claims_of, session_of, write_keys

from chassis.access.permissions import Resource
from chassis.access.session_cookie import COOKIE
from chassis.pages.rendering import PagesOfService, render
from chassis.web.app import create_app
from chassis.web.operations import page

NOTES = Resource("notes", get="viewer", create="member")

BROWSER = {"Accept": "text/html,*/*;q=0.8", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "same-origin"}
FORM = {**BROWSER, "Content-Type": "application/x-www-form-urlencoded"}
PART = {**BROWSER, "Sec-Fetch-Mode": "cors"}

HOUR = 3600


async def show(request: Request) -> Response:
    return render(request, "pages/error.html", code=200, title="A page", detail="Its text", errors=())


OPERATIONS = [
    page("/ui/notes", show, "The notes", NOTES.to("get")),
    page("/ui/notes", show, "Add a note", NOTES.to("create"), method="POST"),
]

Start = Callable[..., TestClient]


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return write_keys(tmp_path / "keys")


@pytest.fixture
def start(keys: Path) -> Iterator[Start]:
    """Starts a service with a few pages."""
    with ExitStack() as stack:

        def begin(**changes: Any) -> TestClient:
            settings = {
                "access": "token",
                "access_session_keys_file": str(keys),
                "access_roles": {"viewer": ["user:ada@lab.example"]},
                **changes,
            }
            pages = PagesOfService(title="Greeter")
            app = create_app(SERVICE, GreeterSettings(**settings), OPERATIONS, pages=pages)
            return stack.enter_context(TestClient(app, follow_redirects=False))

        yield begin


def with_session(headers: Mapping[str, str], cookie: str) -> dict[str, str]:
    return {**headers, "Cookie": f"{COOKIE}={cookie}"}


def text_of(response: Any) -> str:
    return " ".join(HtmlPage(response.text).text.split())


def test_a_page_shows_the_name_and_the_role(start: Start, keys: Path) -> None:
    response = start().get("/ui/notes", headers=with_session(BROWSER, session_of(keys)))
    assert "Ada Lovelace · viewer" in text_of(response)
    assert "/status/me" in HtmlPage(response.text).links


@pytest.mark.parametrize("path", ["/ui/nothing", "/nowhere", "/ui/notes?x="])
def test_an_error_page_shows_them_too(start: Start, keys: Path, path: str) -> None:
    response = start().get(path, headers=with_session(BROWSER, session_of(keys)))
    assert "Ada Lovelace · viewer" in text_of(response)


def test_who_has_no_role_reads_why(start: Start, keys: Path) -> None:
    cookie = session_of(keys, "eve@lab.example", "Eve")
    response = start().get("/ui/notes", headers=with_session(BROWSER, cookie))
    assert response.status_code == 403
    assert "eve@lab.example may not get notes. The role viewer includes this permission" in text_of(response)
    assert "Signed in as Eve" in text_of(response)


def test_names_are_escaped_and_kept_apart_from_the_text_around_them(start: Start, keys: Path) -> None:
    cookie = session_of(keys, name="<script>alert(1)</script> \u0627\u0644\u0633\u0644\u0627\u0645")
    html = start().get("/ui/notes", headers=with_session(BROWSER, cookie)).text
    assert "<bdi>&lt;script&gt;alert(1)&lt;/script&gt; \u0627\u0644\u0633\u0644\u0627\u0645</bdi>" in html


def test_an_open_service_says_so_on_its_pages(start: Start) -> None:
    assert "Open to everybody" in text_of(start(access="open").get("/ui/notes", headers=BROWSER))


def test_the_page_of_the_api_is_the_same_for_everybody(start: Start, keys: Path) -> None:
    client = start()
    html = client.get("/docs", headers=with_session(BROWSER, session_of(keys))).text
    assert html == client.get("/docs", headers=BROWSER).text
    assert "Ada" not in html


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/ui/notes", "/status/sign-in?next=%2Fui%2Fnotes"),
        (
            "/greeter/ui/notes?q=a%20%C3%A9&x=1",
            "/status/sign-in?next=%2Fgreeter%2Fui%2Fnotes%3Fq%3Da%2520%25C3%25A9%26x%3D1",
        ),
    ],
)
def test_a_browser_that_is_not_signed_in_is_led_there_and_back(
    start: Start, path: str, location: str
) -> None:
    response = start().get(path, headers=BROWSER)
    assert (response.status_code, response.headers["location"]) == (303, location)
    assert response.headers["cache-control"] == "no-store"


def test_the_head_of_a_page_leads_there_too(start: Start) -> None:
    response = start().head("/ui/notes", headers=BROWSER)
    assert (response.status_code, response.headers["location"]) == (
        303,
        "/status/sign-in?next=%2Fui%2Fnotes",
    )


def test_a_password_for_a_proxy_in_front_is_no_sign_in(start: Start) -> None:
    """A browser sends it with each request, also when the proxy does not remove it."""
    response = start().get("/ui/notes", headers={**BROWSER, "Authorization": "Basic YTpi"})
    assert response.status_code == 303


def test_a_part_of_a_page_is_not_replaced_by_the_page_where_people_sign_in(start: Start) -> None:
    response = start().get("/ui/notes", headers=PART)
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")


def test_a_program_is_not_led_to_a_page(start: Start) -> None:
    assert start().get("/v1/me").status_code == 401


@pytest.mark.parametrize(("hours", "renewed"), [(3, False), (5, True)])
def test_opening_a_page_renews_the_session(start: Start, keys: Path, hours: float, renewed: bool) -> None:
    old = session_of(keys, age=hours * HOUR)
    response = start().get("/ui/notes", headers=with_session(BROWSER, old))
    cookies = response.headers.get_list("set-cookie")
    assert len(cookies) == renewed
    if renewed:
        value = cookies[0].removeprefix(f"{COOKIE}=").partition(";")[0]
        assert claims_of(value)["exp"] > claims_of(old)["exp"]
        assert claims_of(value)["sid"] == claims_of(old)["sid"]
        assert {"HttpOnly", "Path=/", "SameSite=lax", "Secure"} <= set(cookies[0].split("; "))


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/ui/notes", PART),
        ("POST", "/ui/notes", FORM),
        ("GET", "/v1/me", {}),
        ("GET", "/docs", BROWSER),
    ],
    ids=["part", "form", "API", "page for everybody"],
)
def test_nothing_else_renews_the_session(
    start: Start, keys: Path, method: str, path: str, headers: dict[str, str]
) -> None:
    cookie = session_of(keys, age=5 * HOUR)
    response = start().request(method, path, headers=with_session(headers, cookie))
    assert "set-cookie" not in response.headers


def test_a_form_that_comes_too_late_can_be_sent_again(start: Start) -> None:
    typed = "text=a+%3Cb%3E+%C3%A9&idempotency_key=17&empty="
    response = start().post("/greeter/ui/notes?x=1", content=typed, headers=FORM)
    page = HtmlPage(response.text)
    assert response.status_code == 401
    assert "Nothing was changed." in page.text
    assert page.fields == {"text": "a <b> é", "idempotency_key": "17", "empty": ""}
    assert 'action="/greeter/ui/notes?x=1"' in response.text
    assert "/status/sign-in?next=/status/me" in page.links


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ("a=" + "x" * 70_000, {}),
        ("a=%FF", {}),
        ("a=1", {"Content-Type": "application/json"}),
        ("&".join(f"f{number}=1" for number in range(300)), {}),
    ],
    ids=["large", "not UTF-8", "no form", "many fields"],
)
def test_what_is_no_form_of_ours_is_not_repeated(start: Start, body: str, headers: dict[str, str]) -> None:
    response = start().post("/ui/notes", content=body, headers={**FORM, **headers})
    assert response.status_code == 401
    assert HtmlPage(response.text).fields == {}
    assert "Nothing was changed." in response.text


def test_the_form_of_another_site_is_refused_before_it_is_read(start: Start) -> None:
    headers = {**FORM, "Sec-Fetch-Site": "cross-site"}
    response = start().post("/ui/notes", content="text=planted", headers=headers)
    assert response.status_code == 403
    assert "planted" not in response.text


def test_a_cookie_that_another_key_signed_counts_as_signed_out(start: Start, tmp_path: Path) -> None:
    cookie = session_of(write_keys(tmp_path / "other"))
    assert start().get("/ui/notes", headers=with_session(BROWSER, cookie)).status_code == 303


def test_a_service_on_a_host_of_its_own_says_that_a_browser_cannot_sign_in(start: Start) -> None:
    response = start(status_link="https://status.lab.example").get("/ui/notes", headers=BROWSER)
    assert response.status_code == 401
    assert "A browser cannot sign in to greeter here." in text_of(response)


def test_a_bad_token_is_explained_and_not_replaced_by_signing_in(start: Start) -> None:
    response = start().get("/ui/notes", headers={**BROWSER, "Authorization": "Bearer x.y.z"})
    assert response.status_code == 401
    assert "The token is not a signed JSON Web Token." in text_of(response)
