"""Ends the parts of a stack whose parent died without being able to stop them.

Run as a plain script by :mod:`ecosystem.local.processes`, one for each parent. The parent
keeps the write end of our standard input: ``+<group> <signal>`` names a process group that
it started, ``-<group>`` one that has ended. End of input means that the parent is gone
(even by SIGKILL), and then every group that is left is asked to stop and, five seconds
later, killed. Only the standard library, so that it starts in a few milliseconds.
"""

import os
import select
import signal
import sys
import time

GRACE_SECONDS = 5.0


def follow(descriptor: int, parent: int) -> dict[int, int]:
    """Read the parent's notes until it is gone; the groups left over, with their signals."""
    groups: dict[int, int] = {}
    pending = b""
    while True:
        readable, _, _ = select.select([descriptor], [], [], 1.0)
        if not readable:
            # A fork of the parent may still hold the pipe open: the parent itself counts.
            if os.getppid() != parent:
                return groups
            continue
        chunk = os.read(descriptor, 4096)
        if not chunk:
            return groups
        *lines, pending = (pending + chunk).split(b"\n")
        for line in lines:
            group, _, number = line[1:].partition(b" ")
            if line.startswith(b"+"):
                groups[int(group)] = int(number)
            else:
                groups.pop(int(group), None)


def alive(group: int) -> bool:
    """Whether a process of this group still exists."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def send(group: int, number: int) -> None:
    """Signal a group that may have ended in this very moment."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return


def main() -> None:
    """Wait for the parent's end, then end what it left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups = follow(sys.stdin.fileno(), int(sys.argv[1]))
    for group, number in groups.items():
        send(group, number)
    deadline = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < deadline and any(alive(group) for group in groups):
        time.sleep(0.05)
    for group in groups:
        send(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
