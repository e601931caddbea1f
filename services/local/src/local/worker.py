"""The notification processor beside the services: a process of its own, started again if it dies."""

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
"""From linux/prctl.h: the signal that the kernel sends when the parent is gone."""


@asynccontextmanager
async def beside(environment: Mapping[str, str], output: Path) -> AsyncIterator[None]:
    """Keep `inventory worker` running, its output in a file; stopped at the end."""
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
                start_new_session=True,  # Ctrl-C is for the parent, which then stops this one
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
