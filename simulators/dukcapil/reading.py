"""The one page for people: which NIK gets which answer."""

from collections.abc import Mapping

from aiohttp import web

from simulators.dukcapil import citizens
from simulators.pages import fill, page

PAGES = "dukcapil/pages/"
DETAILS = {
    "name": "nama",
    "birth_place": "tempat lahir",
    "birth_date": "tanggal lahir",
    "sex": "jenis kelamin",
}


async def home(request: web.Request) -> web.Response:
    answers = {serial: mismatch(known) for serial, known in citizens.OTHERWISE.items()}
    answers |= {**citizens.VERDICTS, citizens.FAILING: "HTTP 500"}
    rows = [
        fill(PAGES + "row.html", serial=serial, answer=answer) for serial, answer in answers.items()
    ]
    return page(PAGES + "home.html", {"title": "Dukcapil", "rows_html": "".join(rows)})


def mismatch(known: Mapping[str, str]) -> str:
    """What the registry has instead."""
    return "MISMATCH, " + ", ".join(f"{DETAILS[name]} {value}" for name, value in known.items())
