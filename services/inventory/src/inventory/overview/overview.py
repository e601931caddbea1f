"""The numbers of an overview."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from inventory.common.fields import Id

Count = Annotated[int, Meta(ge=0)]

FREEZERS = 10
"""Greatest number of freezers that an overview names."""


class FullFreezer(msgspec.Struct, frozen=True):
    """A freezer, and how many containers are in it."""

    id: Annotated[Id, Meta(description="Id of the freezer")]
    name: Annotated[str, Meta(description="Name of the freezer")]
    site_id: Annotated[Id, Meta(description="Id of its site")]
    site_name: Annotated[str, Meta(description="Name of its site")]
    containers: Annotated[Count, Meta(description="Number of containers in it")]


class Overview(msgspec.Struct, frozen=True):
    """How much the lab keeps."""

    sites: Annotated[Count, Meta(description="Number of sites")]
    freezers: Annotated[Count, Meta(description="Number of freezers")]
    computers: Annotated[Count, Meta(description="Number of computers")]
    containers: Annotated[Count, Meta(description="Number of containers")]
    users: Annotated[Count, Meta(description="Number of users that are active")]
    fullest_freezers: Annotated[
        Sequence[FullFreezer],
        Meta(description=f"The freezers with the most containers, at most {FREEZERS}, the fullest first"),
    ]
