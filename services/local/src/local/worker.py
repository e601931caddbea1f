"""Runs the notification worker as a separate process, and starts it again whenever it ends."""

import asyncio
import ctypes
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import structlog

log = structlog.get_logger()

PR_SET_PDEATHSIG = 1
"""From linux/prctl.h: sets the signal that the kernel sends when the parent process has ended."""


@asynccontextmanager
async def running(environment: Mapping[str, str], output: Path) -> AsyncIterator[None]:
    """Run `inventory worker` until the end of the block, with its output appended to a file."""
    supervision = asyncio.create_task(_supervise(environment, output))
    try:
        yield
    finally:
        supervision.cancel()
        with suppress(asyncio.CancelledError):
            await supervision


async def _supervise(environment: Mapping[str, str], output: Path) -> None:
    command = Path(sys.executable).parent / "inventory"
    while True:
        with output.open("ab") as file:
            process = await asyncio.create_subprocess_exec(
                str(command),
                "worker",
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,  # Ctrl-C goes to the parent, which then stops the worker
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        try:
            status = await process.wait()
        except asyncio.CancelledError:
            await _stop(process)
            raise
        log.warning("The worker ended and is started again", status=status, output=str(output))
        await asyncio.sleep(1)


async def _stop(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(2):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
