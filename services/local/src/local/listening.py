"""Opens the port before anything else is started, so that a port that is taken is reported at once."""

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from chassis.web.middleware.allowed_hosts import bracketed

EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104  a value that a person may choose
"""Values of HOST that mean all addresses of the machine."""


class CannotListen(Exception):
    """The server cannot listen on the address; the message says why, and what to do."""


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens on host and port. `::` means all IPv6 and IPv4 addresses of the machine.

    Connections wait in the socket until the server accepts them.

    Raises:
        CannotListen: another program has the port, or this user is not allowed to listen on it.
    """
    try:
        listener = _listen(host, port)
    except OSError as error:
        raise CannotListen(_why(host, port, error)) from error
    with listener:
        yield listener


def origin(host: str, port: int) -> str:
    """The URL by which this machine reaches the server."""
    return f"http://{bracketed('127.0.0.1' if host in EVERY_ADDRESS else host)}:{port}"


def _listen(host: str, port: int) -> socket.socket:
    if host == "::" and not socket.has_dualstack_ipv6():
        host = "0.0.0.0"  # noqa: S104  the person chose all addresses
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, dualstack_ipv6=host == "::")


def _why(host: str, port: int, error: OSError) -> str:
    another = f"Choose another port: PORT={port + 1000} make run"
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken by another program. {another}"
    if error.errno == errno.EACCES:
        return f"This user is not allowed to listen on port {port}. {another}"
    return f"The server cannot listen on HOST={host}: {error.strerror}. The default is 127.0.0.1; :: is all addresses."
