import pytest
from hypothesis import given
from hypothesis import strategies as st

from applicants.names import NameNotValid, PlaceNotValid, clean_name, clean_place


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Suharto", "Suharto"),
        ("Budi Santoso", "Budi Santoso"),
        ("  Budi \t Santoso\n", "Budi Santoso"),
        ("Nur'aini", "Nur'aini"),
        ("Ma`ruf Amin", "Ma`ruf Amin"),
        ("Sa’diyah", "Sa’diyah"),
        ("D'Angelo O'Brien", "D'Angelo O'Brien"),
        ("H. M. Said, S.H.", "H. M. Said, S.H."),
        ("Jean-Luc Pattiselanno", "Jean-Luc Pattiselanno"),
        ("René Müller", "René Müller"),
        ("Rene\u0301", "René"),
        ("Đặng Thị Hường", "Đặng Thị Hường"),
        ("Muhammad / Mohamad Ali", "Muhammad / Mohamad Ali"),
        ("Ni Luh Ayu (Putu)", "Ni Luh Ayu (Putu)"),
        ("Ny", "Ny"),
        ("Q", "Q"),
        ("Raden Mas 2 Soerjo", "Raden Mas 2 Soerjo"),
        ("Budi\u200bSantoso\ufeff", "BudiSantoso"),
        ("李小龍", "李小龍"),
        ("محمد", "محمد"),
        ("A" * 100, "A" * 100),
        ("Null", "Null"),
    ],
)
def test_clean_name_of_any_usual_kind_is_kept(typed: str, name: str) -> None:
    assert clean_name(typed) == name


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "12345",
        "...",
        "-",
        "Budi\x00Santoso",
        "Budi\x07",
        "Budi\u202eosotnaS",
        "\u2066Budi\u2069",
        "A" * 101,
        "<b>Budi</b>",
        "Budi😀",
        "budi@example.com",
        "Budi; DROP TABLE",
        "Budi\ud800",
    ],
)
def test_clean_name_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(NameNotValid):
        clean_name(typed)


def test_clean_place_is_kept_or_refused_at_its_own_field() -> None:
    assert clean_place(" Ujung Pandang  (Makassar) ") == "Ujung Pandang (Makassar)"
    assert clean_place("Kab. Fak-Fak") == "Kab. Fak-Fak"
    with pytest.raises(PlaceNotValid) as no:
        clean_place("B" * 61)
    assert (no.value.code, no.value.field) == ("birth-place-not-valid", "birth_place")


@given(st.text(max_size=120))
def test_clean_name_any_text_is_kept_as_it_is_next_time_or_refused(text: str) -> None:
    try:
        name = clean_name(text)
    except NameNotValid:
        return
    assert clean_name(name) == name
    assert 0 < len(name) <= 100


@pytest.mark.parametrize("typed", ["Siti 1173014107900001", "0812345678 Siti", "Siti ١١٧٣٠١"])
def test_clean_name_with_a_nik_or_a_phone_in_it_is_refused(typed: str) -> None:
    with pytest.raises(NameNotValid):
        clean_name(typed)
