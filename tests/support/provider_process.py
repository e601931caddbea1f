"""Runs Canaille, an OpenID Connect provider, with the users and the client that standard input describes as JSON.

It is a process of its own, so that a test can stop it, and so that its warnings are not errors of the tests.
"""

import datetime as dt
import json
import os
import socketserver
import ssl
import sys
import uuid
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # the tests have no TLS

import canaille
from canaille.app import models
from canaille.backends import Backend


class ThreadingServer(socketserver.ThreadingMixIn, WSGIServer):
    """A browser keeps connections open, and other requests must not wait for them."""

    daemon_threads = True


class QuietHandler(WSGIRequestHandler):
    """Logs no requests."""

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


def configuration(address: str, scheme: str, active: list[Any], inactive: list[Any]) -> dict[str, Any]:
    """Settings of Canaille; the address is its host and port."""
    return {
        "ENV_FILE": None,
        "SECRET_KEY": str(uuid.uuid4()),
        "PREFERRED_URL_SCHEME": scheme,
        "SERVER_NAME": address,
        "CANAILLE": {
            "DATABASE": "memory",
            "JAVASCRIPT": False,
            "HTMX": False,
            "ACL": {"DEFAULT": {"PERMISSIONS": ["use_oidc"]}},
            "LOGGING": {"version": 1, "disable_existing_loggers": True},
        },
        "CANAILLE_OIDC": {
            "ACTIVE_JWKS": active,
            "INACTIVE_JWKS": inactive,
            "TRUSTED_DOMAINS": ["127.0.0.1", "localhost"],  # they ask for no consent
        },
    }


def main() -> None:
    """Serve until the process is stopped."""
    given = json.load(sys.stdin)
    certificate = given.get("certificate")  # file with a certificate and its key; https is used then
    address = given.get("address", f"localhost:{given['port']}")
    scheme = "https" if certificate else "http"
    app = canaille.create_app(config=configuration(address, scheme, given["active"], given["inactive"]))
    backend = Backend.instance
    with app.app_context():
        for user in given["users"]:
            person = models.User(
                user_name=user["user_name"],
                formatted_name=user["name"],
                family_name=user["name"],
                emails=[user["email"]],
                password=user["password"],
            )
            backend.save(person)
            for name in user["groups"]:
                group = backend.get(models.Group, display_name=name) or models.Group(display_name=name)
                group.members = [*group.members, person]
                backend.save(group)
        client = models.Client(
            client_id=given["client"]["client_id"],
            client_secret=given["client"]["client_secret"],
            client_id_issued_at=dt.datetime.now(dt.UTC),
            client_name="Benchtop",
            client_uri="http://127.0.0.1",
            redirect_uris=given["client"]["redirect_uris"],
            grant_types=["authorization_code"],
            response_types=["code"],
            scope=["openid", "profile", "email", "groups"],
            token_endpoint_auth_method=given["client"]["method"],
            id_token_signed_response_alg="RS256",  # noqa: S106  no password
        )
        backend.save(client)
        backend.update(client, audience=[client])
        backend.save(client)

    def respond(environ: dict[str, Any], start_response: Any) -> Any:
        return app({**environ, "wsgi.url_scheme": scheme}, start_response)

    listen = given.get("listen", "localhost")
    server = make_server(listen, given["port"], respond, ThreadingServer, QuietHandler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        # The handshake is part of the request's thread, so a client that does not finish it stops no other
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    print("ready", flush=True)  # noqa: T201  the test waits for it
    server.serve_forever()


if __name__ == "__main__":
    main()
