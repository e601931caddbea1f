"""The `status` command."""

import argparse

from chassis import command_line
from status import session_key
from status.app import SERVICE, StatusSettings, create


def main() -> None:
    """Parse the command line and run the command."""
    parser = argparse.ArgumentParser(
        "status",
        description=SERVICE.description,
        epilog="Settings come from the environment: docs/settings.md.",
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"status {SERVICE.version}",
        help="show the version, and exit",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="serve HTTP requests")
    session_key.add_parser(commands)
    arguments = parser.parse_args()
    settings = command_line.read_settings_or_exit(StatusSettings, SERVICE)
    if arguments.command == session_key.COMMAND:
        session_key.run(SERVICE, settings, arguments)
    else:
        command_line.create_and_serve(SERVICE, settings, create)
