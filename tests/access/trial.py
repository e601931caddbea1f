"""An issuer of tokens to try access with on one machine: `python -m tests.access.trial` (docs/access.md)."""

import json
import shlex
import signal

from tests.support.issuer import issuing

from chassis.access.permissions import ROLES

HOURS = 8


def main() -> None:
    """Run the issuer until Ctrl-C, after printing how to use it."""
    with issuing() as issuer:
        settings = {
            "ACCESS": "token",
            "ACCESS_ISSUERS": json.dumps([{"issuer": issuer.url}]),
            "ACCESS_ROLES": json.dumps({role: [f"user:{role}"] for role in ROLES}),
        }
        chosen = " ".join(f"{name}={shlex.quote(value)}" for name, value in settings.items())
        say(f"Start Benchtop with this issuer:\n\n{chosen} make run\n")
        for role in ROLES:
            token = issuer.token(role, lifetime=HOURS * 3600)
            say(f"A token for the role {role}, for {HOURS} hours:\n\n{token}\n")
        say("Ctrl-C stops the issuer.")
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


def say(text: str) -> None:
    """Print at once."""
    print(text, flush=True)  # noqa: T201  for the person at the terminal


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    main()
