"""The `status` command."""

import argparse

from chassis import command_line
from status.app import SERVICE, StatusSettings, create


def main() -> None:
    """Parse the command line, and serve."""
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
    parser.add_subparsers(dest="command", required=True).add_parser("serve", help="serve HTTP requests")
    parser.parse_args()
    settings = command_line.read_settings_or_exit(StatusSettings, SERVICE)
    command_line.create_and_serve(SERVICE, settings, create)
