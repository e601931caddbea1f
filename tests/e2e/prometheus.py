"""A client of the HTTP API of Prometheus."""

from typing import Any

import httpx

Sample = tuple[dict[str, str], float]


class Prometheus:
    """Use the Prometheus at `url`."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=30, trust_env=False)

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def _get(self, path: str, **parameters: str) -> Any:
        answer = self._client.get(f"/api/v1/{path}", params=parameters).json()
        if answer["status"] != "success":
            raise ValueError(f"{parameters}: {answer['error']}")
        return answer["data"]

    def query(self, expression: str) -> list[Sample]:
        """Labels and value of each series that an expression returns now.

        Raises:
            ValueError: Prometheus cannot parse the expression.
        """
        return [
            (one["metric"], float(one["value"][1])) for one in self._get("query", query=expression)["result"]
        ]

    def rules(self) -> list[dict[str, Any]]:
        """The rules that Prometheus evaluates."""
        return [rule for group in self._get("rules")["groups"] for rule in group["rules"]]

    def firing(self, namespace: str) -> set[tuple[str, str]]:
        """Names and jobs of the alerts that fire for a namespace."""
        return {
            (alert["labels"]["alertname"], alert["labels"]["job"])
            for alert in self._get("alerts")["alerts"]
            if alert["state"] == "firing" and alert["labels"].get("namespace") == namespace
        }
