"""When the pages are compiled, and that nothing of one stack is compiled into them."""

import re
import threading
import time
from importlib.resources import files
from pathlib import Path

import pytest

from ecosystem import frontend
from ecosystem.domain.language import LANGUAGES
from ecosystem.frontend_plugin import ReflexChangedError, use_page_origin
from ecosystem.settings import Settings

CLIENT = files("reflex_base").joinpath(".templates/web/utils/state.js").read_text()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the least a build looks at."""
    (tmp_path / "rxconfig.py").write_text("config = 1\n")
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "theme.css").write_text("a{}")
    return tmp_path


class Compiler:
    """Writes one page, as slowly as asked, and counts."""

    def __init__(self, seconds: float = 0) -> None:
        self.runs = 0
        self.languages: list[str] = []
        self._seconds = seconds

    def __call__(self, web: Path, sources: Path, settings: Settings, language: str) -> None:
        self.runs += 1
        self.languages.append(language)
        time.sleep(self._seconds)
        built = web.parent / frontend.BUILT
        built.mkdir(parents=True, exist_ok=True)
        (built / "index.html").write_text((sources / "assets" / "theme.css").read_text())
        (built / "404.html").write_text(language)


ONCE = len(LANGUAGES)
"""How often one build compiles: each language has pages of its own."""


def test_the_same_sources_are_compiled_once(checkout: Path) -> None:
    compiler = Compiler()
    first = frontend.build(Settings(), checkout, compiler)
    assert frontend.build(Settings(port=4000), checkout, compiler) == first
    assert compiler.runs == ONCE


@pytest.mark.parametrize("name", ["rxconfig.py", "assets/theme.css", "assets/new.svg"])
def test_a_changed_source_is_compiled_again(checkout: Path, name: str) -> None:
    compiler = Compiler()
    first = frontend.build(Settings(), checkout, compiler)
    (checkout / name).write_text("changed")
    assert frontend.build(Settings(), checkout, compiler) != first
    assert compiler.runs == 2 * ONCE


def test_stacks_that_start_together_share_one_build(checkout: Path) -> None:
    compiler = Compiler(seconds=0.2)
    folders: list[Path] = []
    threads = [
        threading.Thread(
            target=lambda: folders.append(frontend.build(Settings(), checkout, compiler))
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert compiler.runs == ONCE
    assert len(folders) == 4
    assert len(set(folders)) == 1


def test_a_source_saved_during_the_build_is_in_the_next_one(checkout: Path) -> None:
    compiler = Compiler()

    def interrupted(web: Path, sources: Path, settings: Settings, language: str) -> None:
        compiler(web, sources, settings, language)
        (checkout / "assets" / "theme.css").write_text("saved meanwhile")

    first = frontend.build(Settings(), checkout, interrupted)
    assert {(first / code / "index.html").read_text() for code in LANGUAGES} == {"a{}"}
    with pytest.raises(frontend.FrontendError):
        frontend.release(checkout)
    assert frontend.release(checkout, or_newest=True) == first
    second = frontend.build(Settings(), checkout, compiler)
    assert (second / "en" / "index.html").read_text() == "saved meanwhile"
    assert frontend.release(checkout, or_newest=True) == second


def test_each_language_has_pages_of_its_own(checkout: Path) -> None:
    compiler = Compiler()
    folder = frontend.build(Settings(), checkout, compiler)
    assert compiler.languages == list(LANGUAGES)
    assert {code: (folder / code / "404.html").read_text() for code in LANGUAGES} == {
        code: code for code in LANGUAGES
    }


def test_a_changed_translation_is_compiled(checkout: Path) -> None:
    compiler = Compiler()
    first = frontend.build(Settings(), checkout, compiler)
    messages = checkout / "ecosystem" / "messages"
    messages.mkdir(parents=True)
    (messages / "de.po").write_text('msgid "Trips"\nmsgstr "Reisen"\n')
    assert frontend.build(Settings(), checkout, compiler) != first


def test_a_failed_build_leaves_no_release(checkout: Path) -> None:
    def failing(web: Path, sources: Path, settings: Settings, language: str) -> None:
        raise frontend.FrontendError("the pages did not compile")

    with pytest.raises(frontend.FrontendError):
        frontend.build(Settings(), checkout, failing)
    with pytest.raises(frontend.FrontendError, match="make build"):
        frontend.release(checkout)


def test_old_releases_go(checkout: Path) -> None:
    made: list[Path] = []
    for number in range(frontend.KEPT_RELEASES + 2):
        (checkout / "rxconfig.py").write_text(f"config = {number}\n")
        made.append(frontend.build(Settings(), checkout, Compiler()))
    assert set((checkout / frontend.RELEASES).iterdir()) == set(made[-frontend.KEPT_RELEASES :])


def test_the_client_of_the_pinned_reflex_can_be_changed() -> None:
    changed = use_page_origin(CLIENT)
    assert "endpoint.port = window.location.port" in changed
    assert 'event.name == "_toast"' in changed
    assert use_page_origin(changed) == changed


def test_another_reflex_fails_the_build_instead_of_the_browser() -> None:
    with pytest.raises(ReflexChangedError, match=r"state\.js"):
        use_page_origin(CLIENT.replace("new URL(url_str)", "parse(url_str)"))


@pytest.mark.slow
@pytest.mark.parametrize("code", LANGUAGES)
def test_the_first_page_is_light(release: Path, code: str) -> None:
    release /= code
    html = (release / "index.html").read_text()
    wanted = set(re.findall(r'(?:href|src)="(/(?:assets|fonts)/[^"]+|/parts\.js)"', html))
    assert len(wanted) > 5
    total = sum(_compressed(release / name.lstrip("/")) for name in wanted)
    assert total + _compressed(release / "index.html") < 250_000


@pytest.mark.slow
def test_no_part_library_is_shipped(release: Path) -> None:
    for script in release.glob("*/assets/*.js"):
        text = script.read_text()
        assert "radix-ui" not in text
        assert "data-sonner" not in text


def _compressed(path: Path) -> int:
    sidecar = path.with_name(path.name + ".br")
    return (sidecar if sidecar.is_file() else path).stat().st_size
