"""Description of the machine and the versions, without which the figures mean little."""

import datetime as dt
import os
import platform
import re
import subprocess
import sysconfig
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import psutil

from bench.environment import LOCK
from local.postgres_process import bundled

OURS = ("starlette", "uvicorn", "uvloop", "psycopg", "msgspec", "httpx")
PEERS = ("flask", "gunicorn", "psycopg2-binary", "sqlalchemy", "fastapi", "asyncpg")
PROGRAMS = (("wrk", "-v"), ("ledger", "--version"), ("hledger", "--version"))


def describe(load_generator: str) -> str:
    """A few lines with the time, the machine and the versions."""
    now = dt.datetime.now(dt.UTC)
    memory = psutil.virtual_memory().total / 2**30
    ours = ", ".join(f"{name} {version(name)}" for name in OURS)
    peers = ", ".join(f"{name} {_locked(name)}" for name in PEERS)
    programs = ", ".join(_program(command) for command in PROGRAMS)
    lines = (
        f"Measured {now:%Y-%m-%d %H:%M} UTC in one run; load by {load_generator}.",
        f"Machine: {os.cpu_count()} cores, {_cpu_model()}, {memory:.0f} GiB, {platform.platform()}.",
        f"The machine's load average just before was {psutil.getloadavg()[0]:.1f}.",
        f"Benchtop: {_python()}, {ours}, PostgreSQL {_postgres()}.",
        f"For comparison: {peers}; {programs}.",
    )
    return "\n".join(lines)


def _python() -> str:
    optimized = "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or "")
    return f"Python {platform.python_version()} (built with{'' if optimized else 'out'} profile-guided optimization)"


def _postgres() -> str:
    return _program((str(bundled("postgres")), "--version")).removeprefix(f"{bundled('postgres')} ")


def _cpu_model() -> str:
    try:
        found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def _locked(name: str) -> str:
    found = re.search(rf"^{re.escape(name)}==(\S+)", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else "absent"


def _program(command: Sequence[str]) -> str:
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return f"{command[0]} absent"
    found = re.search(r"\d+(\.\d+)+", said.stdout + said.stderr)
    return f"{command[0]} {found[0] if found else 'of unknown version'}"
