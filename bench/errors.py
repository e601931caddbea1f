"""Errors of the benchmarks."""


class BenchError(Exception):
    """A measurement is not possible; the message gives the reason and what to do."""
