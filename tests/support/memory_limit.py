"""A memory limit on a process, like that of a container: the kernel kills a process that exceeds it."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

V1 = Path("/sys/fs/cgroup/memory")
V2 = Path("/sys/fs/cgroup")


class Contained:
    """A control group with a memory limit."""

    def __init__(self, folder: Path, peak: str) -> None:
        self._folder = folder
        self._peak = peak

    def add(self, process: subprocess.Popen[str]) -> None:
        """Put a process under the limit."""
        (self._folder / "cgroup.procs").write_text(str(process.pid))

    @property
    def peak(self) -> int:
        """Peak memory in bytes, including memory of the kernel for files and sockets."""
        return int((self._folder / self._peak).read_text())


@contextmanager
def limited(most: int) -> Iterator[Contained | None]:
    """Create a control group with a limit in bytes; yield None if this user may not create one."""
    version_1 = (V1 / "memory.limit_in_bytes").exists()
    folder = (V1 if version_1 else V2) / f"benchtop-{os.getpid()}"
    try:
        folder.mkdir()
        (folder / ("memory.limit_in_bytes" if version_1 else "memory.max")).write_text(str(most))
    except OSError:
        with suppress(OSError):
            folder.rmdir()
        yield None
        return
    try:
        yield Contained(folder, "memory.max_usage_in_bytes" if version_1 else "memory.peak")
    finally:
        for pid in (folder / "cgroup.procs").read_text().split():
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
                psutil.Process(int(pid)).wait(10)
        folder.rmdir()


def resident_peak(pid: int) -> int:
    """The peak memory of a process, in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
