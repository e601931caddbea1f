"""The port, taken before anything else is started, so that a taken one costs no time."""

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager


class PortTaken(Exception):
    """The address cannot be listened on."""


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket bound to the address.

    Raises:
        PortTaken: something else has it, or this user may not; the message says what to do.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            reason = "is taken by another program" if error.errno == errno.EADDRINUSE else f"fails: {error}"
            raise PortTaken(
                f"Port {port} on {host} {reason}. Choose another one: PORT={port + 1000} make run"
            ) from error
        yield listener
