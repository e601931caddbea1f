"""Requirements of the benchmarks: the virtual environment of the servers for comparison, and other programs."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from bench.errors import BenchError

ROOT = Path(__file__).parent.parent
LOCK = Path(__file__).with_name("requirements.lock")
PROGRAMS = ("wrk", "ledger", "hledger")


def peers(say: Callable[[str], None]) -> Path:
    """Return the virtual environment of `requirements.lock`; create it again if the lock has changed."""
    venv = ROOT / ".local" / "bench-venv"
    stamp = venv / "lock.sha256"
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text(encoding="ascii") != digest:
        say(f"setting up {venv.relative_to(ROOT)}")
        uv = Path(sys.executable).with_name("uv")
        _run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, venv)
        install = (uv, "pip", "install", "--quiet", "--python", venv / "bin/python")
        _run(*install, "--require-hashes", "--requirement", LOCK)
        stamp.write_text(digest, encoding="ascii")
    return venv


def name_missing_programs(say: Callable[[str], None]) -> None:
    """Print which of `PROGRAMS` are missing and how to install them; the benchmark does not install them."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        names = " ".join(missing)
        say(
            f"not installed: {', '.join(missing)}; the tables will have gaps."
            f" Debian, Ubuntu: sudo apt-get install {names}; macOS: brew install {names}"
        )


def _run(*command: str | Path) -> None:
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        raise BenchError(f"{' '.join(map(str, command))} failed; its output is above.")
