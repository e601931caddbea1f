"""Run a command and say what it used: `wait4.py SECONDS OUTPUT COMMAND…` prints JSON.

The peak of memory that Linux reports for a process begins at that of the process which started it, so this one
stays small: it is run as `python -I -S` and imports little. After SECONDS it ends the command.
"""

import os
import signal
import sys
import time


def main() -> None:
    """Run by the arguments."""
    seconds, output, *command = sys.argv[1:]
    start = time.perf_counter()
    to_file = (os.POSIX_SPAWN_OPEN, 1, output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=[to_file])
    signal.signal(signal.SIGALRM, lambda *_: os.kill(pid, signal.SIGKILL))
    signal.alarm(int(seconds))
    _, status, used = os.wait4(pid, 0)
    elapsed = time.perf_counter() - start
    code = os.waitstatus_to_exitcode(status)
    print(f"[{code}, {elapsed:.4f}, {used.ru_utime + used.ru_stime:.4f}, {used.ru_maxrss / 1024:.1f}]")


if __name__ == "__main__":
    main()
