"""The cache of verified tokens and of answers."""

import time

from chassis.access.expiring_cache import ExpiringCache


def test_the_entry_that_was_not_used_for_the_longest_time_makes_room() -> None:
    cache = ExpiringCache[str, int](2)
    cache.put("a", 1, 60)
    cache.put("b", 2, 60)
    cache.get("a")
    cache.put("c", 3, 60)
    assert [cache.get(key) for key in "abc"] == [1, None, 3]


def test_an_entry_expires() -> None:
    cache = ExpiringCache[str, int](2)
    cache.put("a", 1, 0.01)
    time.sleep(0.02)
    assert cache.get("a") is None


def test_an_entry_whose_time_is_over_is_not_kept() -> None:
    cache = ExpiringCache[str, int](2)
    cache.put("a", 1, -30)
    assert cache.get("a") is None


def test_a_new_value_replaces_the_old_one() -> None:
    cache = ExpiringCache[str, int](2)
    cache.put("a", 1, 60)
    cache.put("a", 2, 60)
    cache.put("b", 3, 60)
    assert [cache.get("a"), cache.get("b")] == [2, 3]


def test_clear_forgets_all_entries() -> None:
    cache = ExpiringCache[str, int](2)
    cache.put("a", 1, 60)
    cache.clear()
    assert cache.get("a") is None
