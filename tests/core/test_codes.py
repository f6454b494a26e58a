import pytest

from mpaspor.core.codes import ALPHABET, new_code, typed_code


def test_new_code_has_ten_letters_that_nobody_confuses() -> None:
    codes = [new_code() for _ in range(500)]
    assert {len(code) for code in codes} == {10}
    assert set("".join(codes)) == set(ALPHABET)
    assert set(ALPHABET) & set("0O1IL2Z5S8B") == set()


def test_new_code_is_never_given_twice() -> None:
    codes = [new_code() for _ in range(5000)]
    assert len(set(codes)) == 5000


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("acd3-efg4-hj", "ACD3EFG4HJ"),
        (" A C D 3 E F G 4 H J\n", "ACD3EFG4HJ"),
        ("ACD3.EFG4.HJ", "ACD3EFG4HJ"),
        ("ACD3\x00EFG4HJ", "ACD3EFG4HJ"),
        ("", ""),
    ],
)
def test_typed_code_forgives_how_it_is_written(typed: str, code: str) -> None:
    assert typed_code(typed) == code
