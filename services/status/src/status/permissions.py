"""What may be done with the resources of status, and the lowest role that may do it (docs/access.md)."""

from chassis.access.permissions import Resource

SERVICES = Resource("services", get="viewer")

RESOURCES = [SERVICES]
