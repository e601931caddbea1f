"""What may be done with the resources of balances, and the lowest role that may do it (docs/access.md)."""

from chassis.access.permissions import Resource

BALANCES = Resource("balances", get="viewer", list="viewer")
TRANSACTIONS = Resource("transactions", list="viewer")
CATEGORIES = Resource("categories", list="viewer")
VENDORS = Resource("vendors", list="viewer")
REPEATS = Resource("repeats", list="viewer")
FEEDS = Resource("feeds", get="viewer", list="viewer", refresh="keeper")

RESOURCES = [BALANCES, TRANSACTIONS, CATEGORIES, VENDORS, REPEATS, FEEDS]
