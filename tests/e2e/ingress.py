"""Wait for the Ingress controller, which needs a moment to notice new pods."""

import httpx
from tests.e2e.waiting import NotYet, until

EACH_SERVICE = ("/health", "/inventory/health", "/balances/health")


def answered(client: httpx.Client, path: str, host: str | None = None) -> httpx.Response:
    """Repeat a GET until the status is 200, and return the response."""

    def look() -> httpx.Response:
        answer = client.get(path, headers={"Host": host} if host else None)
        if answer.status_code != 200:
            raise NotYet(f"{answer.status_code} {answer.text[:200]}")
        return answer

    return until(f"{host or ''}{path} returns 200", look, seconds=30)
