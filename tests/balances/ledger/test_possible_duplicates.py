"""Alike transactions are findings with evidence; none is dropped."""

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


def test_adjacent_repeats_say_so() -> None:
    assert found([ride(18), ride(17), ride(17)], [ride(16)]) == [
        PossibleDuplicates(ride(17), [Occurrence(1, 2), Occurrence(1, 3)], adjacent=True, out_of_order=False)
    ]


def test_adjacent_over_a_page_break_is_adjacent() -> None:
    (repeat,) = found([ride(18), ride(17)], [ride(17), ride(16)])
    assert (repeat.occurrences, repeat.adjacent) == ([Occurrence(1, 2), Occurrence(2, 1)], True)


def test_a_repeat_that_breaks_the_date_order_says_so() -> None:
    descending = [ride(day, amount=day) for day in range(28, 2, -1)]
    late = descending[3]
    (repeat,) = found([*descending[:20], late, *descending[20:]])
    assert (repeat.adjacent, repeat.out_of_order) == (False, True)


def test_without_any_date_order_none_is_broken() -> None:
    mixed = [ride(day, amount=day) for day in (3, 20, 5, 18, 2, 20)]
    (repeat,) = found([*mixed[:5], mixed[1]])
    assert not repeat.out_of_order


def test_all_are_kept_and_the_excess_is_what_all_but_one_come_to() -> None:
    (repeat,) = found([ride(1), ride(1), ride(1)])
    assert (repeat.count, repeat.excess) == (3, -2180)


def test_any_difference_makes_them_different() -> None:
    assert not found(
        [ride(1), ride(2), ride(1, amount=-1091), ride(1, vendor="YELLOW  CAB"), ride(1, category="Taxi")]
    )


few = st.builds(ride, st.integers(1, 3), st.integers(1, 2), st.sampled_from("AB"), st.sampled_from(["", "C"]))


@given(st.lists(st.lists(few, max_size=6), min_size=1, max_size=4))
def test_the_repeats_are_those_of_a_multiset(pages: list[list[Transaction]]) -> None:
    counts = Counter((t.date, t.amount, t.vendor, t.category) for page in pages for t in page)
    repeats = {
        (r.transaction.date, r.transaction.amount, r.transaction.vendor, r.transaction.category): r.count
        for r in found(*pages)
    }
    assert repeats == {key: count for key, count in counts.items() if count > 1}
    for repeat in found(*pages):
        for page, row in ((one.page, one.row) for one in repeat.occurrences):
            assert pages[page - 1][row - 1] == repeat.transaction


def test_a_long_feed_with_few_repeats_has_few_candidates() -> None:
    start = date(2000, 1, 1)
    rows = [Transaction(start + timedelta(days=n), "", n, "A") for n in range(5000)]
    finder = DuplicateFinder()
    finder.add(TransactionPage(1, 0, [*rows, rows[7]], b""))
    assert finder.candidates() == [7, 5000]
