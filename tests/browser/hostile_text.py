"""Text that breaks pages which do not escape it or do not wrap it, and the places where a lab can store it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import httpx
import msgspec
from msgspec import inspect
from tests.browser.benchtop import Benchtop
from tests.inventory.kinds import KINDS, Kind

from balances.feed.page_json import JsonRow
from inventory.events.event import NewEvent

TEXTS: Mapping[str, str] = {
    "script": "<script>alert(1)</script>",
    "picture": "\"'><img src=x onerror=alert(1)>",
    "template": "{{ 7 * 7 }}${7 * 7}<%= 7 * 7 %>&lt;&amp;#x27;",
    "right-to-left": "\u05d0\u05d1\u05d2 \u202ereversed\u202c \u202ereversed and not ended",
    "one-word": "W" * 10_000,
    "many-words": "wide words " * 909 + "x",
    "emoji": "👩🏽‍🔬🏳️‍🌈 Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘ 👨‍👩‍👧‍👦",
}


class Stored(NamedTuple):
    """A row whose text fields all have one hostile text."""

    name: str
    """Name of the text."""
    plural: str
    id: str
    texts: tuple[str, ...]
    """The text as each field holds it: cut to the length that the field allows."""


def text_fields(struct: type[msgspec.Struct]) -> Mapping[str, int]:
    """The fields that hold any text, with their maximum lengths."""
    found = {}
    for field in msgspec.structs.fields(struct):
        for one in _choices(inspect.type_info(field.type)):
            if isinstance(one, inspect.StrType):
                found[field.encode_name] = one.max_length or 10_000
    return found


def store_kind(benchtop: Benchtop, kind: Kind) -> list[Stored]:
    """Create a row of a kind for each text.

    A field that does not accept a text gets an e-mail address with it, and if it does not accept that, a usual value.
    """
    stored = []
    for number, (name, text) in enumerate(TEXTS.items()):
        usual = kind.numbered_body(number)
        candidates = {
            field: [text[:longest], f"{''.join(text.split())[:200]}@lab.example"]
            for field, longest in text_fields(kind.new).items()
        }
        while True:
            chosen = {field: values[0] for field, values in candidates.items() if values}
            response = httpx.post(
                f"{benchtop.url}/inventory/v1/{kind.plural}", json=usual | chosen, timeout=30
            )
            if response.is_success:
                break
            refused = {error["pointer"].lstrip("/") for error in response.json()["errors"]}
            assert refused & set(chosen), response.text
            for field in refused & set(chosen):
                candidates[field].pop(0)
        row = response.json()
        assert {field: row[field] for field in chosen} == chosen
        stored.append(Stored(name, kind.plural, str(row["id"]), tuple(sorted(set(chosen.values())))))
    return stored


def store_events(benchtop: Benchtop) -> list[Stored]:
    """Record an event for each text."""
    stored = []
    for name, text in TEXTS.items():
        body = {field: text[:longest] for field, longest in text_fields(NewEvent).items()}
        row = benchtop.post("/inventory/v1/events", body)
        stored.append(Stored(name, "events", row["id"], tuple(sorted(set(body.values())))))
    return stored


def store_everything(benchtop: Benchtop) -> list[Stored]:
    """Store each text in each field of each kind and of events."""
    stored = [one for kind in KINDS for one in store_kind(benchtop, kind)]
    return stored + store_events(benchtop)


def feed_page() -> dict[str, Any]:
    """Page 1 of a feed whose vendors and categories are these texts."""
    longest = text_fields(JsonRow)
    rows = [
        {
            "Date": f"2026-01-{day:02}",
            "Ledger": text[: longest["Ledger"]],
            "Amount": f"-{day}.50",
            "Company": text[: longest["Company"]],
        }
        for day, text in enumerate(TEXTS.values(), start=1)
    ]
    rows += [rows[0]]  # a possible duplicate
    return {"totalCount": len(rows), "page": 1, "transactions": rows}


def _choices(kind: inspect.Type) -> list[inspect.Type]:
    if isinstance(kind, inspect.Metadata):
        return _choices(kind.type)
    if isinstance(kind, inspect.UnionType):
        return [one for choice in kind.types for one in _choices(choice)]
    return [kind]
