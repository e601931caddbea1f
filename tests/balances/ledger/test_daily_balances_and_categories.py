"""Daily balances, and totals by category."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from balances.ledger.categories import Category, CategoryTotals
from balances.ledger.daily_balances import DailyBalances, Day
from balances.ledger.transaction import Transaction

transactions = st.lists(
    st.builds(
        Transaction,
        st.dates(date(2024, 1, 1), date(2024, 1, 9)),
        st.sampled_from(["", "Office", "Travel"]),
        st.integers(-(10**20), 10**20),
        st.just("X"),
    )
)


@given(transactions, st.randoms())
def test_the_order_of_the_feed_does_not_matter(rows: list[Transaction], random: object) -> None:
    one, other = DailyBalances(), DailyBalances()
    one.add(rows)
    shuffled = sorted(rows, key=lambda _: random.random())  # type: ignore[attr-defined]  # hypothesis' Random
    for row in shuffled:
        other.add([row])
    assert one.days() == other.days()


@given(transactions)
def test_the_last_balance_is_the_total_and_categories_add_up_to_it(rows: list[Transaction]) -> None:
    daily, categories = DailyBalances(), CategoryTotals()
    daily.add(rows)
    categories.add(rows)
    total = sum(row.amount for row in rows)
    assert daily.total == total
    assert sum(day.amount for day in daily.days()) == total
    assert [day.balance for day in daily.days()][-1:] == ([total] if rows else [])
    assert sum(one.total for one in categories.categories()) == total


def test_a_balance_is_the_sum_of_all_days_up_to_it() -> None:
    daily = DailyBalances()
    daily.add(
        [
            Transaction(date(2024, 1, 3), "", 5, "C"),
            Transaction(date(2024, 1, 1), "", -20, "A"),
            Transaction(date(2024, 1, 3), "", 1, "D"),
        ]
    )
    assert daily.days() == [Day(date(2024, 1, 1), 1, -20, -20), Day(date(2024, 1, 3), 2, 6, -14)]


def test_ten_times_ten_cents_is_one_dollar() -> None:
    daily = DailyBalances()
    daily.add([Transaction(date(2024, 1, 1), "", 10, "A")] * 10)
    assert Decimal(daily.total).scaleb(-2) == 1


def test_an_empty_category_is_a_category() -> None:
    totals = CategoryTotals()
    totals.add([Transaction(date(2024, 1, 1), name, 7, "A") for name in ("B", "", "B")])
    assert list(totals.categories()) == [Category("", 1, 7), Category("B", 2, 14)]
