"""Who runs a command, as the operating system knows it: for the audit log."""

import os
import pwd
import socket
from functools import lru_cache

from ecosystem.domain.actor import Actor


@lru_cache
def caller() -> str:
    """Such as ``maria as root on ops-1 (command line)``: who logged in, whose rights, which machine."""
    try:
        user = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        # In a container a number need not have a name.
        user = f"user {os.getuid()}"
    try:
        login = os.getlogin()
    except OSError:
        # There is no terminal.
        login = user
    who = user if login == user else f"{login} as {user}"
    return f"{who} on {socket.gethostname()} (command line)"


def command_line() -> Actor:
    """Whoever may run commands may do what operations may."""
    return Actor(role="ops", source="api_key", name=caller())
