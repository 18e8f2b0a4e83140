"""Where a run keeps its files: in memory where there is room, since databases write a lot."""

import os
import shutil
import tempfile
from pathlib import Path

import psutil
import pytest

FOLDER = pytest.StashKey[Path]()
MEMORY = Path("/dev/shm")
ROOM = 4 * 2**30
"""Bytes that must be free; a whole run needs about half of them."""

_PREFIX = "ecosystem-tests-"


def new_folder() -> Path:
    """A folder for this run alone, which the server's own account can pass, too."""
    base = MEMORY if _roomy() else Path(tempfile.gettempdir())
    _forget_abandoned(base)
    made = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=base))
    made.chmod(0o755)
    return made


def run_folder_of(config: pytest.Config) -> Path:
    """The folder that all workers of a run share."""
    return config.stash[FOLDER]


def use(folder: Path) -> None:
    """Let this process and those it starts keep their temporary files there."""
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)


def _roomy() -> bool:
    if not os.access(MEMORY, os.W_OK):
        return False
    # What is written there is memory, whatever size the folder claims to have.
    return min(shutil.disk_usage(MEMORY).free, psutil.virtual_memory().available) > ROOM


def _forget_abandoned(base: Path) -> None:
    """Delete what runs left behind that were killed."""
    for folder in base.glob(f"{_PREFIX}*"):
        number = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if number.isdigit() and not psutil.pid_exists(int(number)):
            shutil.rmtree(folder, ignore_errors=True)
