"""Finds a Chromium for the browser tests, or installs one without root.

In this order: ``$CHROMIUM``, the one that the npm package ``@sparticuz/chromium`` carries (a
headless shell: a page costs it a third of what a whole browser spends on windows that nobody
sees; it brings its own graphics libraries), a ``chromium`` or ``google-chrome`` of the system.
``python -m tests.browser.chromium`` does it and prints the path.
"""

import fcntl
import os
import platform
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

VERSION = "153.0.0"
FOLDER = Path(__file__).resolve().parents[2] / ".venv" / "chromium" / VERSION

_SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    # It asks its maker for nothing: a test sees only what the product does.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--no-first-run",
)
_UNPACK = """
const fs = require("fs"), zlib = require("zlib");
const [source, target] = process.argv.slice(1);
fs.writeFileSync(target, zlib.brotliDecompressSync(fs.readFileSync(source)));
"""


class NoBrowser(Exception):
    """No Chromium can be had here; the message says what was tried."""


@dataclass(frozen=True)
class Browser:
    """What Playwright's ``launch`` needs: ``executable_path``, ``args``, ``env``."""

    executable: Path
    arguments: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)

    def launch_options(self) -> dict[str, object]:
        """Keyword arguments for ``playwright.chromium.launch``."""
        return {
            "executable_path": str(self.executable),
            "args": list(self.arguments),
            "env": {**os.environ, **self.environment},
        }


def find() -> Browser:
    """The browser to test with, installed first if there is none.

    Raises:
        NoBrowser: none is installed and none can be.
    """
    chosen = os.environ.get("CHROMIUM", "")
    if chosen:
        if not Path(chosen).is_file():
            raise NoBrowser(f"CHROMIUM={chosen} is not a file")
        return Browser(Path(chosen), _ARGUMENTS)
    try:
        return _bundled()
    except NoBrowser:
        for name in _SYSTEM_NAMES:
            path = shutil.which(name)
            if path and _starts(Path(path)):
                return Browser(Path(path), _ARGUMENTS)
        raise


def _starts(path: Path, **environment: str) -> bool:
    """Whether it is a browser: some systems have a script that only says how to get one."""
    try:
        shown = subprocess.run(
            [path, "--version"],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return shown.returncode == 0 and "Chrom" in shown.stdout


def _bundled() -> Browser:
    if not (sys.platform == "linux" and platform.machine() in ("x86_64", "amd64")):
        raise NoBrowser("install Chromium or Chrome, or set CHROMIUM to its path")
    FOLDER.parent.mkdir(parents=True, exist_ok=True)
    with (FOLDER.parent / "lock").open("w") as lock:
        # Test workers ask at the same moment: one installs, the others wait.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (FOLDER / "complete").exists():
            _install()
    environment = {
        "LD_LIBRARY_PATH": str(FOLDER / "al2023" / "lib"),
        "FONTCONFIG_PATH": str(FOLDER / "fonts"),
    }
    executable = FOLDER / "chromium"
    if not _starts(executable, **environment):
        raise NoBrowser(f"@sparticuz/chromium {VERSION} does not start on this machine")
    return Browser(executable, (*_ARGUMENTS, "--headless=shell"), environment)


def _install() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    programs = Path(sys.executable).parent
    npm, node = programs / "npm", programs / "node"
    if not npm.exists():
        raise NoBrowser("npm is missing in the virtual environment; run: make test")
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"}
    _run(
        [
            npm,
            "install",
            "--prefix",
            FOLDER / "npm",
            "--no-save",
            "--no-audit",
            "--no-fund",
            "--omit=dev",
            "--omit=optional",
            "--ignore-scripts",
            f"@sparticuz/chromium@{VERSION}",
        ],
        environment,
    )
    packed = FOLDER / "npm" / "node_modules" / "@sparticuz" / "chromium" / "bin"
    # Newer releases have a folder for each processor.
    if (packed / "x64").is_dir():
        packed = packed / "x64"
    for archive in sorted(packed.glob("*.br")):
        target = FOLDER / archive.name.removesuffix(".br")
        _run([node, "-e", _UNPACK, archive, target], environment)
        if target.suffix == ".tar":
            with tarfile.open(target) as tar:
                folder = FOLDER if target.stem != "al2023" else FOLDER / "al2023"
                # Python 3.11.4 brought filters; what is unpacked is pinned either way.
                guarded = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
                tar.extractall(folder, **guarded)  # pyright: ignore[reportArgumentType]
            target.unlink()
    executable = FOLDER / "chromium"
    if not executable.exists():
        raise NoBrowser(f"@sparticuz/chromium {VERSION} has no chromium in {packed}")
    executable.chmod(0o755)
    shutil.rmtree(FOLDER / "npm")
    (FOLDER / "complete").touch()


def _run(command: list[str | Path], environment: dict[str, str]) -> None:
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=240, check=False
        )
    except subprocess.TimeoutExpired:
        raise NoBrowser(f"{Path(command[0]).name} took longer than four minutes") from None
    if done.returncode:
        raise NoBrowser(f"{Path(command[0]).name} failed: {(done.stderr or done.stdout).strip()}")


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{find().executable}\n")
    except NoBrowser as error:
        sys.exit(f"no browser for the browser tests: {error}")
