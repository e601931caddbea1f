"""The ways in which people look at a page."""

from itertools import product
from typing import Literal, NamedTuple

Scheme = Literal["light", "dark"]

HEIGHTS = {320: 640, 768: 1024, 1440: 900}
"""Height of the window by its width, in CSS pixels: a small phone, a tablet and a desk."""


class View(NamedTuple):
    """A window, and what the browser is set to."""

    width: int = 1440
    scheme: Scheme = "light"
    script: bool = True
    """Whether JavaScript is on."""

    @property
    def height(self) -> int:
        """Height of the window."""
        return HEIGHTS[self.width]

    def __str__(self) -> str:
        """The view in the names of tests and screenshots."""
        return f"{self.width}-{self.scheme}" + ("" if self.script else "-no-script")


SCHEMES: tuple[Scheme, ...] = ("light", "dark")

VIEWS = [View(*choice) for choice in product(HEIGHTS, SCHEMES, (True, False))]
"""Every combination."""

PHONE_AND_DESK = [View(width, script=script) for width, script in product((320, 1440), (True, False))]
"""For tests that do something: the colours do not matter to them."""
