"""The servers that answer with one row, each one process with the settings of its documentation for production."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from bench.load import CONNECTIONS

POOL = CONNECTIONS
"""Database connections that each may open: as many as there are clients, so that none waits for one."""
THREADS = 4
"""Of gunicorn's threaded worker; 2 and 8 come to the same."""


class Server(NamedTuple):
    """A server to start, and what to ask of it."""

    name: str
    command: list[str | Path]
    environ: Mapping[str, str]
    paths: Mapping[str, str]
    """What to ask, by the name in the table."""


def inventory(database_url: str, port: int) -> Server:
    """Inventory as `inventory serve` runs in a pod: with its request log, metrics and request ids."""
    return Server(
        "inventory",
        [Path(sys.executable).with_name("inventory"), "serve"],
        {"DATABASE_URL": database_url, "PORT": str(port), "DATABASE_POOL_SIZE": str(POOL)},
        {"inventory `/site/1`": "/site/1", "inventory `/v1/sites/1`": "/v1/sites/1"},
    )


def bare(venv: Path, port: int, body: bytes) -> Server:
    """Uvicorn with an application that does nothing."""
    return Server(
        "bare",
        _uvicorn(venv, "bench.peers.bare:create_app", port),
        {"BODY": body.decode()},
        {"(a) uvicorn, the same bytes, no database": "/"},
    )


def flask_sync(venv: Path, database_url: str, port: int) -> Server:
    """Flask on gunicorn's default worker, which closes the connection after each answer."""
    return Server(
        "flask-sync",
        _gunicorn(venv, port),
        _database(database_url),
        {"(c) Flask, SQLAlchemy, psycopg2; gunicorn, sync worker": "/site/1"},
    )


def flask_threads(venv: Path, database_url: str, port: int) -> Server:
    """Flask on gunicorn's threaded worker, which keeps connections open."""
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
