"""Run a command and print the resources that it used: `wait4.py SECONDS OUTPUT COMMAND…` prints JSON.

Linux counts the memory peak of a process from the memory of the process that started it. This program therefore stays
small: it runs as `python -I -S` and imports little. It ends the command after SECONDS.
"""

import os
import signal
import sys
import time


def main() -> None:
    """Run the command."""
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
