"""CPU time of a process and its descendants."""

import psutil


def tree_seconds(pid: int) -> float:
    """User and system CPU time of a process and its descendants in seconds, including those that have ended."""
    while True:
        try:
            root = psutil.Process(pid)
            times = [process.cpu_times() for process in (root, *root.children(recursive=True))]
        except psutil.NoSuchProcess as error:
            if error.pid == pid:
                raise
            continue  # a child has ended meanwhile: its CPU time now counts for its parent
        return sum(each.user + each.system + each.children_user + each.children_system for each in times)
