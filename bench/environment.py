"""What the measurements need beside the project: the peers' virtual environment, and programs from Debian."""

import hashlib
import os
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
    """The virtual environment with what `requirements.lock` names; made anew when the lock has changed."""
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


def debian_programs(say: Callable[[str], None]) -> None:
    """Install those of `PROGRAMS` that are missing, where that can be done; else the tables say what is missing."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if not missing:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        say(f"not installed: {', '.join(missing)}; on Debian: apt-get install {' '.join(missing)}")
        return
    say(f"installing {', '.join(missing)} with apt-get")
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *missing]):
        done = subprocess.run(
            ["apt-get", "-qq", *command], env=environ, stdout=subprocess.DEVNULL, check=False
        )
        if done.returncode:
            say("apt-get could not; the tables say what is missing")
            return


def _run(*command: str | Path) -> None:
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        raise BenchError(f"{' '.join(map(str, command))} failed; it says above why.")
