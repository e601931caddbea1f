"""An ingress takes a moment to notice what there is behind it."""

import httpx
from tests.e2e.waiting import NotYet, until

EACH_SERVICE = ("/health", "/inventory/health", "/balances/health")


def answered(client: httpx.Client, path: str, host: str | None = None) -> httpx.Response:
    """The first answer to GET that is a 200."""

    def look() -> httpx.Response:
        answer = client.get(path, headers={"Host": host} if host else None)
        if answer.status_code != 200:
            raise NotYet(f"{answer.status_code} {answer.text[:200]}")
        return answer

    return until(f"{host or ''}{path} is answered", look, seconds=30)
