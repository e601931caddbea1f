"""Clean names of vendors, and totals by vendor."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from balances.ledger.transaction import Transaction
from balances.ledger.vendors import CITIES, PROVINCES, VendorTotals, clean


@pytest.mark.parametrize(
    ("raw", "name", "rules"),
    [
        ("SHAW CABLESYSTEMS CALGARY AB", "SHAW CABLESYSTEMS", ("province", "city")),
        ("VANCOUVER TAXI VANCOUVER BC", "VANCOUVER TAXI", ("province", "city")),
        ("VANCOUVER CABS", "VANCOUVER CABS", ()),
        ("VANCOUVER BC", "VANCOUVER", ("province",)),
        ("NESTERS MARKET #x0064 VANCOUVER BC", "NESTERS MARKET", ("store-number", "province", "city")),
        ("APPLE STORE #R280 VANCOUVER BC", "APPLE STORE", ("store-number", "province", "city")),
        ("LONDON DRUGS #78 VANCOUVER BC", "LONDON DRUGS", ("store-number", "province", "city")),
        ("LONDON DRUGS 78 POSTAL VANCOUVER BC", "LONDON DRUGS 78 POSTAL", ("province", "city")),
        ("YELLOW CAB CO LTD VANCOUVER BC", "YELLOW CAB CO LTD", ("province", "city")),
        ("YELLOW CAB COMPANY LTD VANCOUVER", "YELLOW CAB COMPANY LTD", ("city",)),
        ("DROPBOX xxxxxx8396 CA 9.99 USD @ xx1001", "DROPBOX", ("exchange", "masked-digits")),
        ("ECHOSIGN xxxxxxxx6744 CA xx8.80 USD @ xx0878", "ECHOSIGN", ("exchange", "masked-digits")),
        ("SMART CITY FOODS xxxxxx3663 BC", "SMART CITY FOODS", ("masked-digits", "province")),
        ("FEDEX xxxxx5291 MISSISSAUGA ON", "FEDEX", ("masked-digits", "province", "city")),
        ("SQ *GOOD  COFFEE", "GOOD COFFEE", ("spaces", "processor")),
        ("BOWS AND ARROWS COFFEE ROVICTORIA BC", "BOWS AND ARROWS COFFEE RO", ("province", "glued-city")),
        ("LINKEDIN LINKEDIN.COM", "LINKEDIN LINKEDIN.COM", ()),
        ("SQ *", "SQ *", ()),
        ("", "", ()),
    ],
)
def test_a_clean_name_and_the_rules_that_made_it(raw: str, name: str, rules: tuple[str, ...]) -> None:
    assert clean(raw)[:2] == (name, rules)


def test_rules_that_guess_lower_the_confidence() -> None:
    assert clean("SQ *GOOD COFFEE").confidence == "high"
    assert clean("SHAW CABLESYSTEMS CALGARY AB").confidence == "medium"
    assert clean("BOWS AND ARROWS COFFEE ROVICTORIA BC").confidence == "low"


def test_a_name_that_could_be_shortened_twice_is_unchanged() -> None:
    assert clean("NEW RICHMOND VANCOUVER BC")[:2] == ("NEW RICHMOND VANCOUVER BC", ())


words = st.sampled_from(
    [
        *sorted(CITIES)[:4],
        *sorted(PROVINCES)[:3],
        "SQ *",
        "#55",
        "xxxx1234",
        "CAFE",
        "CA 9.99 USD @ xx1001",
        " ",
        "CO",
    ]
)


@given(st.one_of(st.text(max_size=60), st.lists(words, max_size=6).map(" ".join)))
def test_cleaning_a_clean_name_changes_nothing(raw: str) -> None:
    once = clean(raw).clean
    assert clean(once).clean == once
    assert bool(once) == bool(raw)


def transaction(vendor: str, category: str = "Office", amount: int = -100) -> Transaction:
    return Transaction(date(2024, 1, 1), category, amount, vendor)


def test_each_raw_name_is_kept_with_its_clean_name() -> None:
    totals = VendorTotals({})
    totals.add([transaction("CAFE #1"), transaction("CAFE #2"), transaction("CAFE #2", amount=-50)])
    assert [(v.raw, v.name.clean, v.transactions, v.total) for v in totals.vendors()] == [
        ("CAFE #1", "CAFE", 1, -100),
        ("CAFE #2", "CAFE", 2, -150),
    ]


def test_a_payment_without_a_category_is_not_a_vendor() -> None:
    totals = VendorTotals({})
    totals.add(
        [
            transaction("PAYMENT - THANK YOU", ""),
            transaction("PAYMENT PROS THANK YOU"),
            transaction("ACME", ""),
        ]
    )
    assert {v.raw: v.kind for v in totals.vendors()} == {
        "PAYMENT - THANK YOU": "payment",
        "PAYMENT PROS THANK YOU": "vendor",
        "ACME": "vendor",
    }


def test_an_alias_replaces_the_clean_name() -> None:
    totals = VendorTotals({"LONDON DRUGS 78 POSTAL": "LONDON DRUGS"})
    totals.add([transaction("LONDON DRUGS 78 POSTAL VANCOUVER BC")])
    (vendor,) = totals.vendors()
    assert (vendor.name.clean, vendor.name.rules) == ("LONDON DRUGS", ("province", "city", "alias"))
