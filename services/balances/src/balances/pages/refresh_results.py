"""The results of refreshes in words."""

from collections.abc import Mapping

import msgspec


class Result(msgspec.Struct, frozen=True):
    """How a refresh can end."""

    kind: str
    """The kind of its tag: `ok` or `bad`."""
    name: str
    reason: str
    """What happened, as the end of a sentence."""
    advice: str


RESULTS: Mapping[str, Result] = {
    "complete": Result("ok", "Complete", "the whole feed was read", ""),
    "unreachable": Result(
        "bad",
        "Not reachable",
        "the bank did not answer, or not in time",
        "This often passes. The feed can be read again in some minutes.",
    ),
    "invalid": Result(
        "bad",
        "Not valid",
        "the bank answered with something that cannot be used",
        "A refresh never guesses, so it used nothing of that answer. The details say where the error is."
        " If it does not pass, ask whoever provides the feed.",
    ),
    "inconsistent": Result(
        "bad",
        "Not consistent",
        "the pages of the feed contradict each other",
        "This happens if the feed changes while it is read. It can be read again.",
    ),
}
