"""Code in sentences: what stands between backticks in a description is code on a page."""

import re

from markupsafe import Markup, escape

CODE = re.compile(r"`([^`]+)`")

SHORT = 24
"""Code of at most this many characters stands on one line."""


def with_code(text: str) -> Markup:
    """The HTML of a description."""
    return Markup(CODE.sub(_code, str(escape(text))))  # noqa: S704  escaped before


def _code(found: re.Match[str]) -> str:
    code = found[1]
    return f'<code class="nowrap">{code}</code>' if len(code) <= SHORT else f"<code>{code}</code>"
