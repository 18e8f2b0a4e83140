"""Compiling the pages: once per state of the sources and language, with no port inside.

``build`` writes a *release*: a folder with one folder of finished files per language, named by
the hash of everything they were made from. It is complete or absent, never half there; servers
read it once at their start, so a later build disturbs nobody. Compiled is a copy of the sources:
whoever saves a file meanwhile changes the next release, not this one.
"""

import fcntl
import hashlib
import json
import logging
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from ecosystem.domain.language import LANGUAGES
from ecosystem.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
WEB = ".web"
RELEASES = f"{WEB}/releases"
BUILT = f"{WEB}/build/client"

SOURCES = (
    "rxconfig.py",
    "assets/**/*",
    "ecosystem/ecosystem.py",
    "ecosystem/frontend_plugin.py",
    "ecosystem/pages/**/*.py",
    "ecosystem/state/**/*.py",
    "ecosystem/domain/**/*.py",
    "ecosystem/messages/*.po",
)
"""What the compiled pages depend on. State classes are here because the names and first
values of their fields are compiled in; domain, because those values and views come from it;
the catalogues, because the words of a page are looked up while it is compiled."""

CODE = ("ecosystem/**/*",)
"""What else is imported while pages are compiled, and changes nothing in them."""

LOCK = ("reflex.lock/package.json", "reflex.lock/package-lock.json")
PACKAGES = ("reflex", "reflex-base", "reflex-components-core")

Compiler = Callable[[Path, Path, Settings, str], None]

log = logging.getLogger(__name__)

KEPT_RELEASES = 4
BUILD_SECONDS = 600
OUTPUT_LINES = 40


class FrontendError(Exception):
    """The pages could not be built, or were not built from these sources. Says what to do."""


def fingerprint(root: Path = ROOT) -> str:
    """Return 16 hexadecimal digits that change whenever the compiled pages could."""
    return _digest(root, (*SOURCES, *LOCK))


def release(root: Path = ROOT, *, or_newest: bool = False) -> Path:
    """Return the folder with the pages compiled from the sources as they are now.

    In it is one folder for each of ``LANGUAGES``, by its code.

    Args:
        root: the checkout.
        or_newest: take the newest pages there are, with a warning, if a source was saved since.

    Raises:
        FrontendError: nobody has built them yet.
    """
    folder = root / RELEASES / fingerprint(root)
    if folder.is_dir():
        return folder
    finished = _finished(root / RELEASES) if or_newest else []
    if not finished:
        raise FrontendError("the pages are not built from these sources: run `make build` first")
    log.warning("sources were saved since the pages were compiled: start again to see them")
    return finished[-1]


def compile_pages(web: Path, sources: Path, settings: Settings, language: str) -> None:
    """Compile the pages of ``sources`` in one language into the folder ``web``.

    Raises:
        FrontendError: the compiler failed; the message ends with its last lines.
    """
    # Node and npm live in the virtual environment and need not be on anyone's PATH. The shell
    # puts them first, because only settings.py reads the environment.
    command = [
        "/bin/sh",
        "-c",
        'PATH="$0:$PATH"; export PATH; exec env REFLEX_USE_NPM=1 REFLEX_TELEMETRY_ENABLED=false '
        + 'REFLEX_WEB_WORKDIR="$3" '
        + "REFLEX_CHECK_LATEST_VERSION=false npm_config_prefer_offline=true npm_config_audit=false "
        # The same lock file wherever it is used, whatever registry a machine asks.
        + "npm_config_omit_lockfile_registry_resolved=true "
        + 'npm_config_fund=false npm_config_update_notifier=false ECOSYSTEM_ENV="$1" '
        + 'PAGES_LANGUAGE="$2" "$4" '
        + "-m reflex export --no-zip --frontend-only --env prod",
        str(Path(sys.executable).parent),
        settings.ecosystem_env,
        language,
        str(web),
        sys.executable,
    ]
    try:
        done = subprocess.run(
            command,
            cwd=sources,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=BUILD_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise FrontendError(f"the pages did not compile within {BUILD_SECONDS} s") from None
    if done.returncode != 0:
        tail = "\n".join(done.stdout.splitlines()[-OUTPUT_LINES:])
        raise FrontendError(f"the pages did not compile:\n{tail}")


def build(
    settings: Settings,
    root: Path = ROOT,
    compiler: Compiler = compile_pages,
) -> Path:
    """Compile the pages unless a release of the same sources exists; return its folder.

    Several stacks may call this at once on one checkout: one builds, the others wait for it.
    Nothing of ``settings`` ends up in the release. With nothing to do it takes milliseconds
    and touches no network.

    Raises:
        FrontendError: the compiler failed; the message ends with its last lines.
    """
    folder = root / RELEASES / fingerprint(root)
    if folder.is_dir():
        return folder
    with _one_at_a_time(root), tempfile.TemporaryDirectory(prefix="ecosystem-pages-") as copied:
        folder = root / RELEASES / fingerprint(root)
        if folder.is_dir():
            return folder
        sources = Path(copied)
        _copy(root, sources)
        incoming = root / RELEASES / ".incoming"
        shutil.rmtree(incoming, ignore_errors=True)
        (root / WEB).mkdir(exist_ok=True)
        # One after the other: they share .web, and the second finds Node's part warm.
        for language in LANGUAGES:
            compiler(root / WEB, sources, settings, language)
            _collect(root, incoming / language)
        _order_lock(sources)
        for name in LOCK:
            _copy_file(sources / name, root / name)
        return _keep(incoming, root / RELEASES / fingerprint(sources))


def _copy(root: Path, to: Path) -> None:
    """Copy everything that compiling needs, with its times, so that nothing looks newer."""
    for pattern in (*SOURCES, *LOCK, *CODE):
        for path in root.glob(pattern):
            if path.suffix != ".pyc":
                _copy_file(path, to / path.relative_to(root))
    if (root / ".env").is_file():
        (to / ".env").symlink_to(root / ".env")


def _copy_file(path: Path, to: Path) -> None:
    if path.is_file() and (not to.is_file() or path.read_bytes() != to.read_bytes()):
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, to)


def _digest(root: Path, patterns: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    for name in PACKAGES:
        digest.update(f"{name}=={version(name)}\n".encode())
    for pattern in patterns:
        for path in sorted(root.glob(pattern)):
            if path.is_file():
                digest.update(f"{path.relative_to(root).as_posix()}\n".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _order_lock(root: Path) -> None:
    """Write Reflex's package.json in one order; its own depends on what was installed before."""
    path = root / LOCK[0]
    if path.is_file():
        text = json.dumps(json.loads(path.read_text()), indent=2, sort_keys=True) + "\n"
        if text != path.read_text():
            path.write_text(text)


def _collect(root: Path, folder: Path) -> None:
    """Copy what was just built for one language into the release that is being made."""
    built = root / BUILT
    if not (built / "index.html").is_file():
        raise FrontendError(f"the compiler reported success but wrote no {BUILT}/index.html")
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(built, folder)


def _keep(incoming: Path, folder: Path) -> Path:
    """Move what was built to its place at once, and drop releases nobody starts any more."""
    incoming.rename(folder)
    for old in _finished(folder.parent)[:-KEPT_RELEASES]:
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)
    return folder


def _finished(releases: Path) -> list[Path]:
    """Complete releases, oldest first."""
    if not releases.is_dir():
        return []
    found = (path for path in releases.iterdir() if not path.name.startswith("."))
    return sorted(found, key=lambda path: path.stat().st_mtime)


@contextmanager
def _one_at_a_time(root: Path) -> Iterator[None]:
    # rxconfig.py is there in every checkout and no build replaces it, unlike .web.
    with (root / "rxconfig.py").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
