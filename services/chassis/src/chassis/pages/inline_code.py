"""Code in sentences: what stands between backticks in a description is code on a page."""

import re

from markupsafe import Markup, escape

CODE = re.compile(r"`([^`]+)`")


def with_code(text: str) -> Markup:
    """The HTML of a description."""
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704  escaped before
