"""The settings of a feed: its address, and which values are valid."""

import pytest

from balances.errors import UsageError
from balances.feed.settings import make_feed


@pytest.mark.parametrize(
    ("url", "third"),
    [
        ("https://bank.example/resource", "https://bank.example/resource/3.json"),
        ("https://bank.example/resource/", "https://bank.example/resource/3.json"),
        ("https://bank.example", "https://bank.example/3.json"),
        ("https://bank.example/r?key=abc", "https://bank.example/r/3.json?key=abc"),
        ("https://bank.example/tx?page={page}", "https://bank.example/tx?page=3"),
        ("https://bank.example/p{page}/tx", "https://bank.example/p3/tx"),
        ("downloads/", "downloads/3.json"),
        ("/srv/feed", "/srv/feed/3.json"),
    ],
)
def test_the_address_of_a_page(url: str, third: str) -> None:
    assert make_feed(url).page_url(3) == third


@pytest.mark.parametrize(
    ("url", "settings", "message"),
    [
        ("ftp://bank.example/x", {}, "http:// or https://"),
        ("https:///x", {}, "a host"),
        ("", {}, "its url is empty"),
        ("http://127.0.0.1:99999/", {}, "Port out of range"),
        ("http://127.0.0.1:0/", {}, "a port of 1 to 65535"),
        ("http://[::1/", {}, "Invalid IPv6 URL"),
        ("http://bank.example/a\x01b", {}, r"its url has '\\x01' as character 22"),
        ("http://bank.example/\n", {}, "an address has no spaces and no control characters"),
        ("http://bank .example/", {}, "an address has no spaces and no control characters"),
        ("https://bank.example", {"currency": "BTC"}, "'BTC' is not an active ISO 4217 code"),
        ("https://bank.example", {"deadline": 0}, "deadline"),
        ("https://bank.example", {"deadline": float("nan")}, "deadline"),
        ("https://bank.example", {"deadline": 3601}, "deadline"),
        ("https://bank.example", {"window": 0}, "window"),
        ("https://bank.example", {"colour": "red"}, "colour"),
        (
            "https://bank.example",
            {"aliases": {"A": "B", "B": "C"}},
            "the alias 'B' of 'A' has an alias itself",
        ),
    ],
)
def test_an_invalid_setting_is_refused_and_named(url: str, settings: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        make_feed(url, **settings)


def test_the_error_names_feed_and_field() -> None:
    with pytest.raises(UsageError) as caught:
        make_feed("https://me:pass@bank.example/tx?token=abc", deadline=0.0)
    assert str(caught.value) == "feed bank.example/tx, field deadline: Expected `float` > 0.0; it is 0.0"
    with pytest.raises(UsageError) as caught:
        make_feed("downloads/", currency="BTC")
    assert str(caught.value).startswith("feed downloads/: currency 'BTC' is not an active ISO 4217 code")


def test_the_name_contains_no_secrets() -> None:
    assert make_feed("https://me:pass@bank.example:8443/tx?token=abc").name == "bank.example:8443/tx"
    assert make_feed("https://bank.example/tx", name="main").name == "main"
