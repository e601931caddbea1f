"""Totals by vendor, with clean names: without the store numbers, cities and other details that banks add to a name.

The raw name, as the feed has it, is always kept. A clean name comes with the rules that were applied and the confidence
in the result. Cleaning a clean name does not change it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import starmap
from typing import NamedTuple

import msgspec

from balances.ledger.sorting import in_order
from balances.ledger.transaction import Transaction

PROVINCES = frozenset("AB BC MB NB NL NS NT NU ON PE QC SK YT".split())  # noqa: SIM905  easier to read than a list
CITIES = frozenset(
    """
    ABBOTSFORD BARRIE BRAMPTON BRANTFORD BURLINGTON BURNABY CALGARY CAMBRIDGE CHARLOTTETOWN CHILLIWACK
    COQUITLAM DELTA EDMONTON FREDERICTON GATINEAU GUELPH HALIFAX HAMILTON KAMLOOPS KELOWNA KINGSTON KITCHENER
    LANGLEY LAVAL LETHBRIDGE LONDON LONGUEUIL MARKHAM MISSISSAUGA MONCTON MONTREAL NANAIMO OAKVILLE OSHAWA
    OTTAWA QUEBEC REGINA RICHMOND SASKATOON SHERBROOKE SUDBURY SURREY TORONTO VANCOUVER VAUGHAN VICTORIA
    WATERLOO WHISTLER WHITEHORSE WINDSOR WINNIPEG YELLOWKNIFE
    """.split()  # noqa: SIM905  easier to read than a list
)
CARD_NAME_WIDTH = 25
"""Width of the field for the name in a card network's line; the city follows without a space if the name fills it."""

_REMOVED = (
    ("processor", re.compile(r"^(?:SQ|TST|PAYPAL|PP|SP|SUMUP) ?\* ?")),
    ("exchange", re.compile(r"(?: [A-Z]{2})? [x\d,]*\d\.\d\d [A-Z]{3} @ \S+$")),
    ("masked-digits", re.compile(r" [xX*]{2,}\d{2,}\b")),
    ("store-number", re.compile(r" #\w*\d\w*")),
)
_PAYMENT = re.compile(r"^PAYMENT\b.*\b(?:THANK YOU|MERCI)\b")


class CleanName(NamedTuple):
    """The clean name of a vendor, the rules that were applied, and the confidence: `high`, `medium` or `low`."""

    clean: str
    rules: tuple[str, ...]
    confidence: str


class Vendor(NamedTuple):
    """A vendor with its raw name, as the feed has it; the total is in minor units."""

    raw: str
    name: CleanName
    kind: str
    """`vendor`, or `payment` for a payment to the account."""
    transactions: int
    total: int


def clean(raw: str) -> CleanName:
    """The clean name of a vendor; the raw name itself if cleaning would leave nothing."""
    text, rules = _clean_once(raw)
    if not text or _clean_once(text)[0] != text:  # cleaning again would remove more: too uncertain
        text, rules = raw, []
    if not rules:
        return CleanName(raw, (), "high")
    confidence = "low" if "glued-city" in rules else "medium" if "city" in rules else "high"
    return CleanName(text, tuple(rules), confidence)


def _clean_once(raw: str) -> tuple[str, list[str]]:
    text = " ".join(raw.split())
    rules = ["spaces"] if text != raw else []
    full_width = text
    for rule, pattern in _REMOVED:
        shorter = pattern.sub("", text)
        if shorter != text:
            text = shorter
            rules.append(rule)
    rest, _, last = text.rpartition(" ")
    if rest and last in PROVINCES:
        text = rest
        rules.append("province")
    rest, _, last = text.rpartition(" ")
    if rest and last in CITIES:
        text = rest
        rules.append("city")
    elif full_width.startswith(text) and text[CARD_NAME_WIDTH:] in CITIES:
        text = text[:CARD_NAME_WIDTH]
        rules.append("glued-city")
    return text, rules


class _Sum(msgspec.Struct, gc=False):
    transactions: int = 0
    total: int = 0
    categorised: bool = False


class VendorTotals:
    """Sums of transactions by vendor.

    Names are stored as UTF-8, which takes as little as a quarter of the memory of `str` and sorts in the same order.

    Args:
        aliases: the name to show for a vendor, by its clean name.
    """

    def __init__(self, aliases: Mapping[str, str]) -> None:
        self._aliases = aliases
        self._sums: dict[bytes, _Sum] = {}

    def add(self, transactions: Iterable[Transaction]) -> None:
        """Add transactions to the sums."""
        sums = self._sums
        for transaction in transactions:
            raw = transaction.vendor.encode()
            found = sums.get(raw)
            if found is None:
                found = sums[raw] = _Sum()
            found.transactions += 1
            found.total += transaction.amount
            if transaction.category:
                found.categorised = True

    def vendors(self) -> Iterator[Vendor]:
        """The vendors, one for each raw name, in the order of their clean names."""
        rules: dict[tuple[str, ...], tuple[str, ...]] = {}  # equal tuples share one object, to save memory

        def sortable(raw: bytes) -> tuple[bytes, bytes, tuple[str, ...], str, str]:
            name, kind = self._name_and_kind(raw.decode(), self._sums[raw])
            return name.clean.encode(), raw, rules.setdefault(name.rules, name.rules), name.confidence, kind

        def vendor(clean: bytes, raw: bytes, made_by: tuple[str, ...], confidence: str, kind: str) -> Vendor:
            found = self._sums[raw]
            name = CleanName(clean.decode(), made_by, confidence)
            return Vendor(raw.decode(), name, kind, found.transactions, found.total)

        return starmap(vendor, in_order(map(sortable, self._sums)))

    def _name_and_kind(self, raw: str, found: _Sum) -> tuple[CleanName, str]:
        if not found.categorised and _PAYMENT.search(raw):
            return CleanName(raw, (), "high"), "payment"
        return self._named(raw), "vendor"

    def _named(self, raw: str) -> CleanName:
        name = clean(raw)
        if name.clean not in self._aliases:
            return name
        return CleanName(self._aliases[name.clean], (*name.rules, "alias"), name.confidence)
