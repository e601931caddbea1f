"""Pages of HTML, with the headers that keep a browser from doing more with them than showing them."""

import base64
import hashlib
import re
from collections.abc import Mapping

from starlette.responses import HTMLResponse, Response

STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def headers_for(page: str) -> Mapping[str, str]:
    """The security headers of a page; what its `<style>` elements hold is allowed, and nothing else."""
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
    """A response with a page."""
    return HTMLResponse(page, headers={**headers_for(page), **(headers or {})})


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
