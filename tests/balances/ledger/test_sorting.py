"""Sorting in parts has the same result as sorting at once."""

from random import Random

import pytest

from balances.ledger.sorting import AT_ONCE, in_order


@pytest.mark.parametrize("count", [0, 1, 2, AT_ONCE, AT_ONCE + 1, 3 * AT_ONCE])
def test_items_are_in_order(count: int) -> None:
    random = Random(7)
    items = [random.randrange(count) for _ in range(count)]
    assert list(in_order(iter(items))) == sorted(items)
