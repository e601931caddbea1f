"""Other pods in the cluster: a bank's feed, and pods that may not connect to Benchtop."""

from pathlib import Path

from tests.e2e.cluster import Object

FEED = Path(__file__).parents[2] / "services/local/src/local/demo_feed"
FEED_PORT = 8000

SERVER = """
import http.server, os

class Bank(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/failing/2.json":
            self.send_error(500)
        else:
            self.path = self.path.replace("/failing/", "/")
            super().do_GET()

os.chdir("/pages")
http.server.ThreadingHTTPServer(("", 8000), Bank).serve_forever()
"""
"""A server for the pages. Under /failing it serves the same pages, but returns an error for the second one."""

RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}


def namespace(name: str, label: str) -> Object:
    """A namespace that enforces the Pod Security level *restricted*."""
    labels = {"app.kubernetes.io/managed-by": label, "pod-security.kubernetes.io/enforce": "restricted"}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def pod(name: str, image: str, command: list[str], labels: dict[str, str] | None = None) -> Object:
    """A pod with the image of a service that runs another command."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": name, **(labels or {})}},
        "spec": {
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": 0,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 10001,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [
                {"name": "main", "image": image, "command": command, "securityContext": RESTRICTED}
            ],
        },
    }


def idle(name: str, image: str, labels: dict[str, str] | None = None) -> Object:
    """A pod that only sleeps, in which tests run commands."""
    return pod(name, image, ["python", "-c", "import threading; threading.Event().wait()"], labels)


def feed(image: str) -> list[Object]:
    """A pod that serves the demo feed, and its Service."""
    server = pod("feed", image, ["python", "-c", SERVER])
    server["spec"]["volumes"] = [{"name": "pages", "configMap": {"name": "feed"}}]
    main = server["spec"]["containers"][0]
    main["volumeMounts"] = [{"name": "pages", "mountPath": "/pages"}]
    main["readinessProbe"] = {"tcpSocket": {"port": FEED_PORT}, "periodSeconds": 1}
    pages = {page.name: page.read_text() for page in FEED.glob("*.json")}
    service = {"selector": {"app": "feed"}, "ports": [{"port": FEED_PORT}]}
    return [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "feed"}, "data": pages},
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "feed"}, "spec": service},
        server,
    ]
