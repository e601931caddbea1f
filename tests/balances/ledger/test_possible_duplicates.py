"""Possible duplicates are found, with evidence."""

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from balances.ledger.possible_duplicates import DuplicateFinder, Occurrence, PossibleDuplicates
from balances.ledger.transaction import Transaction
from balances.ledger.transaction_page import TransactionPage


def ride(day: int, amount: int = -1090, vendor: str = "YELLOW CAB", category: str = "Travel") -> Transaction:
    return Transaction(date(2013, 12, day), category, amount, vendor)


def found(*pages: list[Transaction]) -> list[PossibleDuplicates]:
    finder = DuplicateFinder()
    for number, rows in enumerate(pages, 1):
        finder.add(TransactionPage(number, 0, rows, b""))
    everything = [row for rows in pages for row in rows]
    return finder.find((position, everything[position]) for position in finder.candidates())


def test_adjacent_duplicates_are_marked() -> None:
    assert found([ride(18), ride(17), ride(17)], [ride(16)]) == [
        PossibleDuplicates(ride(17), [Occurrence(1, 2), Occurrence(1, 3)], adjacent=True, out_of_order=False)
    ]


def test_duplicates_across_a_page_break_are_adjacent() -> None:
    (one,) = found([ride(18), ride(17)], [ride(17), ride(16)])
    assert (one.occurrences, one.adjacent) == ([Occurrence(1, 2), Occurrence(2, 1)], True)


def test_a_duplicate_that_breaks_the_order_of_dates_is_marked() -> None:
    descending = [ride(day, amount=day) for day in range(28, 2, -1)]
    late = descending[3]
    (one,) = found([*descending[:20], late, *descending[20:]])
    assert (one.adjacent, one.out_of_order) == (False, True)


def test_in_a_feed_without_an_order_of_dates_none_is_marked() -> None:
    mixed = [ride(day, amount=day) for day in (3, 20, 5, 18, 2, 20)]
    (one,) = found([*mixed[:5], mixed[1]])
    assert not one.out_of_order


def test_the_excess_is_the_sum_of_all_but_one() -> None:
    (one,) = found([ride(1), ride(1), ride(1)])
    assert (one.count, one.excess) == (3, -2180)


def test_transactions_that_differ_in_any_field_are_no_duplicates() -> None:
    assert not found(
        [ride(1), ride(2), ride(1, amount=-1091), ride(1, vendor="YELLOW  CAB"), ride(1, category="Taxi")]
    )


few = st.builds(ride, st.integers(1, 3), st.integers(1, 2), st.sampled_from("AB"), st.sampled_from(["", "C"]))


@given(st.lists(st.lists(few, max_size=6), min_size=1, max_size=4))
def test_all_duplicates_are_found_and_nothing_else(pages: list[list[Transaction]]) -> None:
    counts = Counter((t.date, t.amount, t.vendor, t.category) for page in pages for t in page)
    duplicates = {
        (r.transaction.date, r.transaction.amount, r.transaction.vendor, r.transaction.category): r.count
        for r in found(*pages)
    }
    assert duplicates == {key: count for key, count in counts.items() if count > 1}
    for one in found(*pages):
        for place in one.occurrences:
            assert pages[place.page - 1][place.row - 1] == one.transaction


def test_a_long_feed_with_few_duplicates_has_few_candidates() -> None:
    start = date(2000, 1, 1)
    rows = [Transaction(start + timedelta(days=n), "", n, "A") for n in range(5000)]
    finder = DuplicateFinder()
    finder.add(TransactionPage(1, 0, [*rows, rows[7]], b""))
    assert finder.candidates() == [7, 5000]
