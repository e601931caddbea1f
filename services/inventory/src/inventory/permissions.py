"""What may be done with the resources of inventory, and the lowest role that may do it (docs/access.md)."""

from chassis.access.permissions import Resource

SITES = Resource("sites", get="viewer", list="viewer", create="keeper", update="keeper", delete="admin")
FREEZERS = Resource("freezers", get="viewer", list="viewer", create="keeper", update="keeper", delete="admin")
COMPUTERS = Resource(
    "computers", get="viewer", list="viewer", create="keeper", update="keeper", delete="admin"
)
INSTRUMENTS = Resource("instruments", list="viewer")
CONTAINERS = Resource(
    "containers", get="viewer", list="viewer", create="member", update="member", delete="admin"
)
USERS = Resource("users", get="viewer", list="viewer", create="admin", update="admin", delete="admin")
# To update an event is also to close it, or to queue its notifications again, as `PUT /events/{id}` does
EVENTS = Resource("events", get="viewer", list="viewer", create="member", update="member")
NOTIFICATIONS = Resource("notifications", get="viewer", list="viewer", replay="keeper")
# The numbers, and the names of the fullest freezers
OVERVIEW = Resource("overview", get="viewer")

RESOURCES = [SITES, FREEZERS, COMPUTERS, INSTRUMENTS, CONTAINERS, USERS, EVENTS, NOTIFICATIONS, OVERVIEW]
