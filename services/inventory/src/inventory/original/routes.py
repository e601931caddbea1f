"""All operations of the original paths."""

from inventory.original import admin, computers, containers, events, freezers, instruments, sites, users

OPERATIONS = [
    *sites.OPERATIONS,
    *freezers.OPERATIONS,
    *computers.OPERATIONS,
    *containers.OPERATIONS,
    *instruments.OPERATIONS,
    *users.OPERATIONS,
    *events.OPERATIONS,
    *admin.OPERATIONS,
]
