"""The command `balances`: reports, which need no server, and the commands of the service.

Modules are imported where they are needed: a report does not wait for those of the server, and Ctrl-C is handled
while they load.
"""

import os
import sys

INTERRUPTED = 130


def main() -> int:
    """Run the command line; the result is the exit status."""
    try:
        return _run()
    except KeyboardInterrupt:
        print("balances: interrupted", file=sys.stderr)  # noqa: T201  for the person at the terminal
        return INTERRUPTED


def _run() -> int:
    from balances.cli.arguments import SUMMARIES, parser  # noqa: PLC0415  see above

    _open_standard_streams()
    options = parser().parse_args()
    if options.command in SUMMARIES:
        from balances.cli.print_report import run  # noqa: PLC0415  see above

        return run(options)
    return _run_service_command(options.command)


def _open_standard_streams() -> None:
    """Open standard streams that are closed, so that the event loop does not use their descriptors."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:  # noqa: PLR2004  0, 1 and 2 are the streams
        pass
    os.close(descriptor)


def _run_service_command(name: str) -> int:
    """Run `serve`, `migrate` or `refresh`, which use the database; their settings come from the environment."""
    import psycopg  # noqa: PLC0415  see above

    from balances.app import create  # noqa: PLC0415
    from balances.cli.refresh_feeds import refresh_feeds  # noqa: PLC0415
    from balances.settings import SCHEMA, SERVICE, BalancesSettings  # noqa: PLC0415
    from chassis import command_line  # noqa: PLC0415

    settings = command_line.read_settings_or_exit(BalancesSettings, SERVICE)
    try:
        if name == "refresh":
            return refresh_feeds(settings)
        if name == "migrate":
            command_line.migrate(SERVICE, settings, SCHEMA)
        else:
            command_line.migrate_and_serve(SERVICE, settings, SCHEMA, create)
    except psycopg.Error as error:
        command_line.exit_with_error(SERVICE, f"The database reported an error: {str(error).strip()}", 1)
    return 0
