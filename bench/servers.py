"""The servers that return one row. Each is one process with the production settings of its documentation."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from bench.load import CONNECTIONS

POOL = CONNECTIONS
"""Database connections of each server: one for each client, so that no client waits for a connection."""
THREADS = 4
"""Threads of gunicorn's threaded worker; the results with 2 and 8 are the same."""


class Server(NamedTuple):
    """A server to start, and the paths to request."""

    name: str
    command: list[str | Path]
    environ: Mapping[str, str]
    paths: Mapping[str, str]
    """Paths to request, by their names in the table."""


OPEN: Mapping[str, str] = {"ACCESS": "open"}
"""Settings of a service that does not ask who calls, as the servers for comparison do not."""


def inventory(database_url: str, port: int, access: Mapping[str, str] = OPEN) -> Server:
    """Inventory as `inventory serve` runs in a pod: with its request log, metrics and request ids."""
    return Server(
        "inventory",
        [Path(sys.executable).with_name("inventory"), "serve"],
        {"DATABASE_URL": database_url, "PORT": str(port), "DATABASE_POOL_SIZE": str(POOL), **access},
        {"inventory `/site/1`": "/site/1", "inventory `/v1/sites/1`": "/v1/sites/1"},
    )


def bare(venv: Path, port: int, body: bytes) -> Server:
    """Uvicorn with an application that only returns fixed bytes."""
    return Server(
        "bare",
        _uvicorn(venv, "bench.peers.bare:create_app", port),
        {"BODY": body.decode()},
        {"(a) uvicorn, the same bytes, no database": "/"},
    )


def flask_sync(venv: Path, database_url: str, port: int) -> Server:
    """Flask with gunicorn's default worker, which closes the connection after each response."""
    return Server(
        "flask-sync",
        _gunicorn(venv, port),
        _database(database_url),
        {"(c) Flask, SQLAlchemy, psycopg2; gunicorn, sync worker": "/site/1"},
    )


def flask_threads(venv: Path, database_url: str, port: int) -> Server:
    """Flask with gunicorn's threaded worker, which keeps connections open."""
    return Server(
        "flask-threads",
        [*_gunicorn(venv, port), "--worker-class=gthread", f"--threads={THREADS}"],
        _database(database_url),
        {f"(c) the same; gunicorn, {THREADS} threads": "/site/1"},
    )


def fastapi(venv: Path, database_url: str, port: int) -> Server:
    """FastAPI with SQLAlchemy's asyncio extension."""
    return Server(
        "fastapi",
        _uvicorn(venv, "bench.peers.fastapi_app:create_app", port),
        _database(database_url),
        {"(d) FastAPI, SQLAlchemy async, asyncpg; uvicorn": "/site/1"},
    )


def _uvicorn(venv: Path, app: str, port: int) -> list[str | Path]:
    options = ["--factory", "--loop=uvloop", "--http=httptools", "--no-access-log", "--no-proxy-headers"]
    return [venv / "bin/python", "-m", "uvicorn", app, *options, "--host=127.0.0.1", f"--port={port}"]


def _gunicorn(venv: Path, port: int) -> list[str | Path]:
    app = "bench.peers.flask_app:create_app()"
    return [venv / "bin/python", "-m", "gunicorn", app, "--workers=1", f"--bind=127.0.0.1:{port}"]


def _database(url: str) -> dict[str, str]:
    return {"DATABASE_URL": url, "DATABASE_POOL_SIZE": str(POOL)}
