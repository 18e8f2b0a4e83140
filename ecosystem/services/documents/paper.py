"""Sheets of paper (A4) as PDF files: type, headings, facts, tables, QR codes.

Fonts are embedded, in subsets. The same content with the same ``made`` gives the same bytes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from struct import unpack
from typing import Literal

from fpdf import FPDF
from fpdf.enums import Align, TableBordersLayout, TableCellFillMode
from fpdf.fonts import FontFace, TTFFont

from ecosystem.domain.language import _, language
from ecosystem.domain.qr_code import matrix

FONTS = Path(__file__).parent / "fonts"
FAMILY = "inter"
REST = "rest"
EAST = "east"
FIRST_EASTERN = 0x2E80
"""The first code point of Chinese, Japanese and Korean letters."""
JOINED = range(0x0590, 0x0900)
"""Code points of scripts from right to left, whose letters join."""
MISSING = "□"

MARGIN = 20.0
"""Millimetres, on every side."""
SIZE = 9.5
"""Points of running text."""
LEADING = 5.0
"""Millimetres from one line of running text to the next."""

CODE_SIDE = 30.0
CODE_CLEAR = 6.0
"""Millimetres of a code's sides, and what stays free around it."""

LOGO = (50.0, 16.0)
"""The box of a logo, in millimetres."""

INK = (26, 32, 34)
QUIET = (92, 102, 105)
ACCENT = (15, 91, 90)
RULE = (217, 221, 219)

LONGEST_CELL = 2000
"""Letters of one cell: a row must fit on a page."""


@dataclass(frozen=True)
class Column:
    """A column of a table. ``width`` is its share of the line; numbers stand at its end."""

    label: str
    width: float = 1.0
    align: Literal["start", "end"] = "start"


class _Sheet(FPDF):
    """Every page says whose it is, what it is and which of how many."""

    def __init__(self, foot: str) -> None:
        super().__init__(format="A4")
        self._foot = foot

    def footer(self) -> None:
        self.set_y(-MARGIN + 4)
        self.set_font(FAMILY, size=7.5)
        self.set_text_color(*QUIET)
        foot = self._foot
        while self.get_string_width(foot) > self.epw * 0.8:
            foot = foot[:-2].rstrip(" …") + "…"
        self.cell(self.epw * 0.8, 4, foot)
        pages = _("Page {page} of {pages}").format(page=self.page_no(), pages="{nb}")
        self.cell(0, 4, pages, align=Align.R)


class Paper:
    """A document that is written from top to bottom.

    Args:
        title: what stands at its top and in the file's own title.
        made: the moment the file says it was made; aware.
        sender: the name in the letterhead.
        foot: a line at the foot of every page.
        accent: the sender's colour, like ``#0F5B5A``; empty for ours.
        logo: the sender's, a PNG; her name stands in its place without one.
        code: what a camera reads at the upper end corner of the first page; what is written
            beside it keeps clear of it.
    """

    def __init__(
        self,
        title: str,
        *,
        made: datetime,
        sender: str = "Ecosystem",
        foot: str = "",
        code: str = "",
        accent: str = "",
        logo: bytes = b"",
    ) -> None:
        pdf = _Sheet(foot or title)
        pdf.set_title(title)
        pdf.set_author(sender)
        pdf.set_creator("Ecosystem")
        pdf.set_producer("Ecosystem")
        pdf.set_lang(language().locale.replace("_", "-"))
        pdf.set_creation_date(made)
        pdf.set_margins(MARGIN, MARGIN, MARGIN)
        pdf.c_margin = 0
        pdf.set_auto_page_break(True, MARGIN + 4)
        pdf.add_font(FAMILY, "", FONTS / "inter-regular.ttf")
        pdf.add_font(FAMILY, "B", FONTS / "inter-semibold.ttf")
        pdf.add_font(REST, "", FONTS / "dejavu-sans-rest.ttf")
        pdf.set_fallback_fonts([REST], exact_match=False)
        pdf.add_page()
        self._pdf = pdf
        self._eastern = self._shaping = False
        self._code_ends = 0.0
        if code:
            self._qr(code)
        if logo:
            self._logo(logo)
        self._letterhead(title, sender, _rgb(accent) if accent else ACCENT)

    def _logo(self, content: bytes) -> None:
        """At the upper start corner, as large as its box lets it be."""
        pdf = self._pdf
        # Width and height stand in the first chunk of a PNG (ISO/IEC 15948, 11.2.2).
        wide, high = unpack(">II", content[16:24])
        scale = min(LOGO[0] / wide, LOGO[1] / high)
        pdf.image(BytesIO(content), x=pdf.l_margin, y=pdf.get_y(), w=wide * scale, h=high * scale)
        pdf.ln(high * scale + 3)

    def _letterhead(self, title: str, sender: str, color: tuple[int, int, int]) -> None:
        self._write(sender, size=9.5, bold=True, color=color, leading=5)
        self.gap(3)
        self._write(title, size=20, bold=True, leading=9)
        self.gap(3)

    def heading(self, text: str) -> None:
        """A section; it never stands alone at the foot of a page."""
        self.gap(5)
        if self._pdf.will_page_break(24):
            self._pdf.add_page()
        self._write(text, size=12, bold=True, leading=6.5)
        self.gap(1)

    def text(self, text: str, *, quiet: bool = False, bold: bool = False) -> None:
        """A paragraph; line breaks in it are kept."""
        self._write(text, bold=bold, color=QUIET if quiet else INK)
        self.gap(1.5)

    def facts(self, rows: Iterable[tuple[str, str]], *, label_width: float = 48) -> None:
        """Labels with what they say; ``label_width`` in millimetres. Empty facts are left out."""
        pdf = self._pdf
        for label, value in rows:
            if not value:
                continue
            if pdf.will_page_break(LEADING * 2):
                pdf.add_page()
            top = pdf.get_y()
            self._write(label, color=QUIET, width=label_width - 3)
            below = pdf.get_y()
            pdf.set_xy(pdf.l_margin + label_width, top)
            self._write(value, width=pdf.epw - label_width)
            pdf.set_xy(pdf.l_margin, max(below, pdf.get_y()) + 0.6)

    def table(
        self,
        columns: Sequence[Column],
        rows: Iterable[Sequence[str]],
        *,
        totals: Iterable[Sequence[str]] = (),
        size: float = 8.5,
    ) -> None:
        """Rows under their labels, which are repeated on every page; ``totals`` in bold."""
        pdf = self._pdf
        pdf.set_font(FAMILY, size=size)
        pdf.set_text_color(*INK)
        pdf.set_draw_color(*RULE)
        pdf.set_line_width(0.2)
        with pdf.table(
            col_widths=tuple(column.width for column in columns),
            text_align=tuple(Align.R if c.align == "end" else Align.L for c in columns),
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            headings_style=FontFace(emphasis="BOLD", color=QUIET),
            cell_fill_mode=TableCellFillMode.NONE,
            line_height=size * 0.48,
            padding=(1.4, 1.5, 1.4, 0),
        ) as table:
            table.row([self._set(column.label) for column in columns])
            for row in rows:
                table.row([self._set(cell[:LONGEST_CELL]) for cell in row])
            for row in totals:
                table.row(
                    [self._set(cell[:LONGEST_CELL]) for cell in row],
                    style=FontFace(emphasis="BOLD", color=INK),
                )
        self.gap(2)

    def gap(self, height: float = 4) -> None:
        """White space, in millimetres."""
        self._pdf.ln(height)

    def below_code(self) -> None:
        """Go on under the code, where the whole line is free."""
        self._pdf.set_y(max(self._pdf.get_y() + 3, self._code_ends))

    def new_page(self) -> None:
        self._pdf.add_page()

    def finished(self) -> bytes:
        """The file."""
        return bytes(self._pdf.output())

    def _qr(self, text: str) -> None:
        modules = matrix(text.encode())
        pdf = self._pdf
        step = CODE_SIDE / len(modules)
        left, top = pdf.w - MARGIN - CODE_SIDE, MARGIN
        pdf.set_fill_color(*INK)
        for y, row in enumerate(modules):
            for first, count in _runs(row):
                # A run of dark modules is one bar: no hairlines between them.
                pdf.rect(left + first * step, top + y * step, count * step, step, style="F")
        pdf.set_fill_color(255)
        self._code_ends = top + CODE_SIDE + CODE_CLEAR

    def _write(
        self,
        text: str,
        *,
        size: float = SIZE,
        bold: bool = False,
        color: tuple[int, int, int] = INK,
        leading: float = LEADING,
        width: float = 0,
    ) -> None:
        pdf = self._pdf
        pdf.set_font(FAMILY, "B" if bold else "", size)
        pdf.set_text_color(*color)
        if not width and pdf.page_no() == 1 and pdf.get_y() < self._code_ends:
            width = pdf.epw - CODE_SIDE - CODE_CLEAR
        pdf.multi_cell(
            width, leading, self._set(text), align=Align.L, new_x="LMARGIN", new_y="NEXT"
        )

    def _set(self, text: str) -> str:
        """The text as it can be set: fonts for its letters at hand, the others as boxes."""
        pdf = self._pdf
        if not self._eastern and any(ord(c) >= FIRST_EASTERN for c in text):
            pdf.add_font(EAST, "", FONTS / "droid-sans-east.ttf")
            pdf.set_fallback_fonts([REST, EAST], exact_match=False)
            self._eastern = True
        if not self._shaping and any(ord(c) in JOINED for c in text):
            pdf.set_text_shaping(True)
            self._shaping = True
        plain = text.replace("\r\n", "\n").replace("\t", " ")
        return "".join(c if c == "\n" or self._has(c) else MISSING for c in plain)

    def _has(self, letter: str) -> bool:
        fonts = (font for font in self._pdf.fonts.values() if isinstance(font, TTFFont))
        return any(ord(letter) in font.cmap for font in fonts)


def _rgb(colour: str) -> tuple[int, int, int]:
    """The parts of ``#0F5B5A``."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _runs(row: Sequence[bool]) -> Iterable[tuple[int, int]]:
    """First and length of each run of dark modules."""
    first = None
    for x, dark in enumerate([*row, False]):
        if dark and first is None:
            first = x
        elif not dark and first is not None:
            yield first, x - first
            first = None
