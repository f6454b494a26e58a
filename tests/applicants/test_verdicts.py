"""The verdict on a NIK, level by level: its form, its regions, what it says."""

from datetime import date

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from applicants.enums import Sex
from applicants.nik import Nik, differences
from applicants.nik_parts import Part, parts_of
from applicants.nik_problems import texts_of
from applicants.regions import retired_regions
from applicants.verdicts import Verdict, in_words, judge
from tests.applicants.test_regions import in_force
from tests.factories.applicants import valid_nik

TODAY = date(2026, 11, 23)
GOOD = "1173010107900001"
dates = st.dates(date(1927, 1, 1), TODAY)
districts = st.sampled_from(
    [code for code in {**in_force(), **retired_regions()} if len(code) == 6]
)
niks = st.builds(
    valid_nik,
    birth_date=dates,
    sex=st.sampled_from(Sex),
    serial=st.integers(1, 9999),
    district=districts,
)

Fault = tuple[str, int, int]


def verdict_on(text: str) -> Verdict:
    return judge(text, today=TODAY)


def nik_of(text: str) -> Nik:
    nik = verdict_on(text).nik
    assert nik, text
    return nik


def faults_of(text: str) -> list[Fault]:
    verdict = verdict_on(text)
    assert (verdict.nik is None) == bool(verdict.problems)
    return [(problem.code, problem.start, problem.end) for problem in verdict.problems]


def notes_of(text: str) -> list[Fault]:
    return [(note.code, note.start, note.end) for note in verdict_on(text).notes]


@pytest.mark.parametrize(
    ("digits", "sex", "born"),
    [
        ("1173010107900001", Sex.MAN, (date(1990, 7, 1),)),
        ("1173014107900001", Sex.WOMAN, (date(1990, 7, 1),)),
        ("1173012902000001", Sex.MAN, (date(2000, 2, 29),)),
        ("6571010101900001", Sex.MAN, (date(1990, 1, 1),)),
        ("9601010101900001", Sex.MAN, (date(1990, 1, 1),)),
        ("9101010101900001", Sex.MAN, (date(1990, 1, 1),)),
        ("1173010107110001", Sex.MAN, (date(1911, 7, 1), date(2011, 7, 1))),
    ],
)
def test_judge_well_formed_is_read_without_a_note(
    digits: str, sex: Sex, born: tuple[date, ...]
) -> None:
    nik = nik_of(digits)
    assert (nik.digits, nik.sex, nik.birth_dates(today=TODAY)) == (digits, sex, born)
    assert notes_of(digits) == []


@pytest.mark.parametrize(
    ("typed", "faults"),
    [
        ("1173018107900001", [("nik-day", 7, 8)]),
        ("1173014007900001", [("nik-day", 7, 8)]),
        ("1173017207900001", [("nik-day", 7, 8)]),
        ("1173010007900001", [("nik-day", 7, 8)]),
        ("1173013207900001", [("nik-day", 7, 8)]),
        ("1173010113900001", [("nik-month", 9, 10)]),
        ("1173010100900001", [("nik-month", 9, 10)]),
        ("1173010107900000", [("nik-serial", 13, 16)]),
        ("1173013002000001", [("nik-date", 7, 12)]),
        ("1173012902010001", [("nik-date", 7, 12)]),
        ("1173017104900001", [("nik-date", 7, 12)]),
        ("9971010101900001", [("nik-province", 1, 2)]),
        ("0073010107900001", [("nik-province", 1, 2)]),
        (
            "9973018113900000",
            [
                ("nik-province", 1, 2),
                ("nik-day", 7, 8),
                ("nik-month", 9, 10),
                ("nik-serial", 13, 16),
            ],
        ),
        ("117301010790001", [("nik-length", 1, 15)]),
        ("11730101079000011", [("nik-length", 1, 17)]),
        ("1", [("nik-length", 1, 1)]),
        ("", [("nik-missing", 1, 16)]),
        (" .-\u200b", [("nik-missing", 1, 16)]),
        ("11730101O7900001", [("nik-not-a-digit", 9, 9)]),
        (
            "11730181O7900000",
            [("nik-day", 7, 8), ("nik-not-a-digit", 9, 9), ("nik-serial", 13, 16)],
        ),
        ("I17301010790000", [("nik-not-a-digit", 1, 1), ("nik-length", 1, 15)]),
        ("l17301010790OOO1", [("nik-not-a-digit", 1, 15)]),
        ("Budi Santoso", [("nik-not-a-digit", 1, 11)]),
        ("117301/0107900001", [("nik-not-a-digit", 7, 7), ("nik-length", 1, 17)]),
        ("1173010107900\x0001", [("nik-not-a-digit", 14, 14)]),
    ],
)
def test_judge_malformed_names_every_place_at_fault(typed: str, faults: list[Fault]) -> None:
    assert faults_of(typed) == faults


@pytest.mark.parametrize(
    ("digits", "notes"),
    [
        ("1199010107900001", [("nik-regency", 3, 4)]),
        ("1173990107900001", [("nik-district", 5, 6)]),
        ("1100000107900001", [("nik-regency", 3, 4)]),
        ("6405010107900001", [("nik-regency", 3, 4)]),
    ],
)
def test_judge_unknown_regency_or_district_is_a_note_and_accepted(
    digits: str, notes: list[Fault]
) -> None:
    assert nik_of(digits).digits == digits
    assert notes_of(digits) == notes


@pytest.mark.parametrize(
    "typed",
    [
        "117301 010790 0001",
        "1173.0101.0790.0001",
        "1173-0101-0790-0001",
        "1173–0101—0790‑0001",
        "1173−0101−0790−0001",
        "\t1173010107900001\n",
        "1173\u200b0101\u200d0790\ufeff0001",
        "1173\u00a00101\u20090790\u30000001",
        "１１７３０１０１０７９００００１",
        "١١٧٣٠١٠١٠٧٩٠٠٠٠١",
        "۱۱۷۳۰۱۰۱۰۷۹۰۰۰۰۱",
    ],
)
def test_judge_in_any_writing_is_the_same(typed: str) -> None:
    assert nik_of(typed) == Nik(GOOD)


@pytest.mark.parametrize(
    ("letter", "digit"), [("O", "0"), ("o", "0"), ("l", "1"), ("I", "1"), ("i", "1"), ("|", "1")]
)
def test_judge_look_alike_is_suggested_not_applied(letter: str, digit: str) -> None:
    place = GOOD.index(digit, 6)
    verdict = verdict_on(GOOD[:place] + letter + GOOD[place + 1 :])
    (problem,) = verdict.problems
    assert (verdict.nik, verdict.suggestion) == (None, GOOD)
    assert (problem.code, problem.start, problem.meant) == ("nik-not-a-digit", place + 1, digit)
    assert letter in str(problem.message)
    assert digit in str(problem.remedy)


@pytest.mark.parametrize(
    ("typed", "suggestion"),
    [
        ("II73OIOIO79OOOOI", GOOD),
        ("1173-01O1-0790-OOO1", GOOD),
        ("1173O18107900001", ""),
        ("1173O1O10790000", ""),
        ("1173O1X107900001", ""),
        ("Oil", ""),
        (GOOD, ""),
    ],
)
def test_judge_suggests_only_what_can_be_a_nik(typed: str, suggestion: str) -> None:
    assert verdict_on(typed).suggestion == suggestion


@given(niks)
def test_judge_of_a_generated_nik_accepts_it_without_a_note(digits: str) -> None:
    verdict = verdict_on(digits)
    assert (verdict.problems, verdict.notes) == ((), ())
    assert nik_of(digits).digits == digits


@given(born=dates, sex=st.sampled_from(Sex), district=districts)
def test_judge_of_any_birth_tells_it_back(born: date, sex: Sex, district: str) -> None:
    nik = nik_of(valid_nik(birth_date=born, sex=sex, district=district))
    assert nik.sex == sex
    assert born in nik.birth_dates(today=TODAY)
    assert differences(nik, birth_date=born, sex=sex) == ()


@given(digits=niks, place=st.integers(1, 16), digit=st.sampled_from("0123456789"))
def test_judge_of_one_changed_digit_names_the_places_of_the_rule_it_breaks(
    digits: str, place: int, digit: str
) -> None:
    """The rules told once more, in another way than the product tells them."""
    typed = digits[: place - 1] + digit + digits[place:]
    assert faults_of(typed) == broken_rules(typed)


def broken_rules(digits: str) -> list[Fault]:
    day, month, year = int(digits[6:8]), int(digits[8:10]), digits[10:12]
    good_day, good_month = day in {*range(1, 32), *range(41, 72)}, month in range(1, 13)
    broken = {
        ("nik-province", 1, 2): digits[:2] not in PROVINCES,
        ("nik-day", 7, 8): not good_day,
        ("nik-month", 9, 10): not good_month,
        ("nik-date", 7, 12): good_day and good_month and not in_a_calendar(day % 40, month, year),
        ("nik-serial", 13, 16): digits[12:] == "0000",
    }
    return [fault for fault, is_broken in broken.items() if is_broken]


def in_a_calendar(day: int, month: int, year: str) -> bool:
    last = [31, 29 if int(year) % 4 == 0 else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return day <= last[month - 1]


PROVINCES = {code for code in in_force() if len(code) == 2}


@given(st.text(max_size=40))
def test_judge_any_text_is_read_or_explained(text: str) -> None:
    verdict = verdict_on(text)
    if verdict.nik:
        assert nik_of(verdict.nik.digits) == verdict.nik
    else:
        assert all(problem.message and problem.remedy for problem in verdict.problems)
        assert all(1 <= problem.start <= problem.end for problem in verdict.problems)


@given(st.text("0123456789", min_size=16, max_size=16))
def test_judge_sixteen_digits_is_read_or_as_the_rules_say(text: str) -> None:
    assert faults_of(text) == broken_rules(text)


@given(st.lists(st.sampled_from(["", " ", ".", "-", "\u200b", "\u2011"]), min_size=16, max_size=16))
def test_judge_any_grouping_is_the_same(gaps: list[str]) -> None:
    typed = "".join(gap + digit for gap, digit in zip(gaps, GOOD, strict=True))
    assert nik_of(typed) == Nik(GOOD)


def test_texts_of_problems_say_a_remedy_that_they_share_once() -> None:
    with override("en"):
        first, second, third = texts_of(verdict_on("11730181O7900000").problems)
    assert first == "Digits 7 and 8 are the day of birth: 01 to 31, or 41 to 71 for women."
    assert second.endswith("Did you mean the digit 0?")
    assert third.startswith("Digits 13 to 16 are never 0000. Compare it with the identity card")


def test_verdict_never_repeats_the_nik() -> None:
    for typed in ("1173018107900001", "117301010790001", "11730101079000O1", GOOD):
        verdict = verdict_on(typed)
        assert typed[:12] not in repr(verdict)
        assert all(typed[:12] not in str(problem) for problem in verdict.problems)


@pytest.mark.parametrize(
    ("digits", "words"),
    [
        ("1173014107900001", "Muara Dua, Kota Lhokseumawe, Aceh; woman; born 1 July 1990"),
        (
            "1173010107110001",
            "Muara Dua, Kota Lhokseumawe, Aceh; man; born 1 July 1911 or 1 July 2011",
        ),
        ("9101010101900001", "Merauke, Kabupaten Merauke, Papua; man; born 1 January 1990"),
        ("1173990101900001", "Kota Lhokseumawe, Aceh; man; born 1 January 1990"),
        ("1199010101900001", "Aceh; man; born 1 January 1990"),
    ],
)
def test_in_words_says_what_is_known_and_never_a_wrong_century(digits: str, words: str) -> None:
    with override("en"):
        assert in_words(Nik(digits), today=TODAY) == words


def parts(typed: str) -> list[Part]:
    with override("en"):
        return parts_of(verdict_on(typed), today=TODAY)


def test_parts_of_a_nik_say_what_each_means() -> None:
    with override("en"):
        found = [(part.digits, str(part.name), part.says) for part in parts("1173014107110001")]
    assert found == [
        ("11", "Province", "Aceh"),
        ("73", "Regency or city", "Kota Lhokseumawe"),
        ("01", "District", "Muara Dua"),
        ("41", "Day of birth", "1, a woman: 40 is added to her day of birth"),
        ("07", "Month of birth", "July"),
        ("11", "Year of birth", "1911 or 2011"),
        ("0001", "Serial number", "a running number, given by the civil registry"),
    ]


@pytest.mark.parametrize(
    ("typed", "wrong", "noted"),
    [
        (GOOD, [], []),
        ("1173018107900000", [7, 13], []),
        ("1173013002900001", [7, 9, 11], []),
        ("9973010107900001", [1], []),
        ("1173O10107900001", [5], []),
        ("II73010107900001", [1], []),
        ("11730101079OOOO1", [11, 13], []),
        ("l17301010790OOO1", [1, 3, 5, 7, 9, 11, 13], []),
        ("1199010107900001", [], [3]),
        ("1173990107900001", [], [5]),
    ],
)
def test_parts_of_mark_what_is_wrong_and_what_is_unusual(
    typed: str, wrong: list[int], noted: list[int]
) -> None:
    found = parts(typed)
    assert [part.start for part in found if part.wrong] == wrong
    assert [part.start for part in found if part.noted] == noted


@pytest.mark.parametrize("typed", ["", "117301010790001", "Budi Santoso", "1" * 10_000])
def test_parts_of_what_has_not_sixteen_signs_are_none(typed: str) -> None:
    assert parts(typed) == []
