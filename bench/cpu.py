"""CPU time of a process with all that it started."""

import psutil


def tree_seconds(pid: int) -> float:
    """Seconds of CPU, user and system, that a process and its descendants have used, those ended included."""
    while True:
        try:
            root = psutil.Process(pid)
            times = [process.cpu_times() for process in (root, *root.children(recursive=True))]
        except psutil.NoSuchProcess as error:
            if error.pid == pid:
                raise
            continue  # a child ended meanwhile: its time is now in its parent's account
        return sum(each.user + each.system + each.children_user + each.children_system for each in times)
