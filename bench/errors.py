"""What can go wrong while measuring."""


class BenchError(Exception):
    """A measurement cannot be made; the message says why and what to do."""
