"""An address that cannot be used is refused with the reason and the remedy."""

import socket

import pytest

from local.listening import CannotListen, listening


def test_a_taken_port_is_refused_with_another_one_to_try() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(CannotListen, match=rf"Port {port} .* is taken .*PORT={port + 1000} make run"),
            listening("127.0.0.1", port),
        ):
            pass


def test_an_address_that_this_machine_does_not_have_is_refused_with_the_usual_ones() -> None:
    documentation_only = "203.0.113.1"  # RFC 5737
    with (
        pytest.raises(CannotListen, match=f"cannot listen on HOST={documentation_only}: .* 127.0.0.1"),
        listening(documentation_only, 0),
    ):
        pass
