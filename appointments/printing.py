"""How our papers are set: one A4 page that prints in black, a square in its corner."""

from io import BytesIO

import segno
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from applicants.papers import latin

MARGIN = 20
WIDTH = 170


def sheet(title: str) -> FPDF:
    page = FPDF(format="A4")
    page.set_title(title)
    page.set_margin(MARGIN)
    page.add_page()
    return page


def square(page: FPDF, address: str) -> None:
    """A QR at the top on the right; what follows begins below it."""
    picture = BytesIO()
    segno.make(address, error="m").save(picture, kind="png", scale=10, border=2)
    page.image(picture, x=210 - MARGIN - 45, y=MARGIN, w=45)
    page.set_y(max(page.get_y(), MARGIN + 50))


def row(page: FPDF, label: str, value: str) -> None:
    page.set_font("helvetica", "", 12)
    page.cell(45, 9, latin(label))
    page.set_font("helvetica", "B", 12)
    page.multi_cell(WIDTH - 45, 9, latin(value), new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def text(page: FPDF, words: str, height: float, width: int = WIDTH) -> None:
    page.multi_cell(width, height, latin(words), new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def line(page: FPDF, words: str, height: int) -> None:
    """Beside the square."""
    text(page, words, height, WIDTH - 50)
