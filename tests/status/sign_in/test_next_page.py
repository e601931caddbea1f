"""After signing in, a person returns to a page of ours, whatever a link says."""

import pytest

from status.sign_in.next_page import HOME, NextPage

NEXT = NextPage(["/status", "/inventory", "/balances"], ["/status/sign-in", "/status/sign-out"])


@pytest.mark.parametrize(
    "given",
    [
        "/",
        "/?x=1",
        "/inventory/ui/containers?q=a%20b&sort=-name",
        "/inventory/ui/containers?q=%C3%A9",
        "/inventory/ui/containers?next=https://evil.example//x",
        "/balances/ui/feeds/a%2Fb",
        "/status/me",
        "/status",
    ],
)
def test_a_page_of_ours_is_kept(given: str) -> None:
    assert NEXT.choose(given) == given


@pytest.mark.parametrize(
    "given",
    [
        "",
        "x",
        "inventory/ui",
        "https://evil.example/inventory/ui",
        "javascript:alert(1)",
        "//evil.example",
        "//evil.example/inventory/ui",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/inventory/ui\r\nSet-Cookie: a=b",
        " /inventory/ui",
        "/%2Fevil.example",
        "/%5Cevil.example",
        "/%255Cevil.example",
        "/%0A/evil.example",
        "/inventory/%0d%0aSet-Cookie:%20a=b",
        "/inventory/ui?q=%00",
        "/inventory/ui?q=%E2%80%A8",
        "/inventory//evil.example",
        "/inventory/%2F%2Fevil.example",
        "/inventory/../evil",
        "/inventory/%2e%2e/evil",
        "/inventory/..%2fevil",
        "/inventory/ui#fragment",
        "/inventoryx/ui",
        "/other/page",
        "/evil.example",
        "/inventory/ui?q=é",
        "/inventory/ui?" + "x" * 500,
        "/status/sign-in",
        "/status/sign-in?next=/status/sign-in",
        "/status/sign-in/callback?code=1",
        "/status/sign-out",
        "/status/sign-out/",
        "/status/./sign-out",
        "/status/%2e/sign-out",
        "/status/%73ign-out",
        "/status/%2573ign-out?next=/",
        "/status/sign-in%2Fcallback",
        "http:/inventory/ui",
        "/[",
    ],
)
def test_any_other_page_is_replaced_by_the_start_page(given: str) -> None:
    assert NEXT.choose(given) == HOME
