"""Responses with an HTML page, and the security headers of the page."""

import base64
import hashlib
import re
from collections.abc import Mapping

from starlette.responses import HTMLResponse, Response

STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def headers_for(page: str) -> Mapping[str, str]:
    """The security headers of a page. They allow its own `<style>` elements, by their digests, and nothing else."""
    styles = " ".join(f"'sha256-{_digest(style)}'" for style in STYLE.findall(page)) or "'none'"
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src {styles}; img-src data:; base-uri 'none'; form-action 'none';"
            " frame-ancestors 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }


def html_page(page: str, headers: Mapping[str, str] | None = None) -> Response:
    """A response with an HTML page and its security headers."""
    return HTMLResponse(page, headers={**headers_for(page), **(headers or {})})


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
