"""The port, taken before anything else is started, so that a taken one costs no time."""

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from chassis.web.middleware.allowed_hosts import bracketed

EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104  what the person may ask for
"""Hosts that stand for every address of the machine."""


class CannotListen(Exception):
    """The address cannot be listened on."""


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens there; `::` is every address of IPv6 and IPv4, as far as the machine has them.

    Requests wait in it until the services answer.

    Raises:
        CannotListen: something else has it, or this user may not; the message says what to do.
    """
    try:
        listener = _listen(host, port)
    except OSError as error:
        raise CannotListen(_why(host, port, error)) from error
    with listener:
        yield listener


def origin(host: str, port: int) -> str:
    """The URL at which this machine reaches what listens there."""
    return f"http://{bracketed('127.0.0.1' if host in EVERY_ADDRESS else host)}:{port}"


def _listen(host: str, port: int) -> socket.socket:
    if host == "::" and not socket.has_dualstack_ipv6():
        host = "0.0.0.0"  # noqa: S104  what the person asked for
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, dualstack_ipv6=host == "::")


def _why(host: str, port: int, error: OSError) -> str:
    another = f"Choose another one: PORT={port + 1000} make run"
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken by another program. {another}"
    if error.errno == errno.EACCES:
        return f"This user may not listen on port {port}. {another}"
    return f"HOST={host} cannot be listened on: {error.strerror}. Leave it out for 127.0.0.1; :: is every address."
