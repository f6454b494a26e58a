import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from mpaspor.core.sealed import SealBroken, blind_index, blind_indexes, seal, unseal

NIK = "3273010107900001"
OLD, NEW = b"o" * 32, b"n" * 32


@given(plain=st.text(), context=st.text())
def test_unseal_in_the_same_place_gives_back_the_text(plain: str, context: str) -> None:
    assert unseal(seal(plain, context=context), context=context) == plain


def test_seal_of_the_same_text_twice_looks_different() -> None:
    assert seal(NIK, context="a") != seal(NIK, context="a")


def test_seal_holds_nothing_of_the_text() -> None:
    sealed = seal(NIK, context="a")
    assert NIK.encode() not in sealed
    assert len(sealed) == 1 + 12 + len(NIK) + 16


def test_unseal_in_another_place_is_refused() -> None:
    sealed = seal(NIK, context="identity:AAA")
    with pytest.raises(SealBroken):
        unseal(sealed, context="identity:BBB")


@pytest.mark.parametrize("place", range(1 + 12 + len(NIK) + 16))
def test_unseal_of_an_altered_value_is_refused(place: int) -> None:
    altered = bytearray(seal(NIK, context="a"))
    altered[place] ^= 1
    with pytest.raises(SealBroken):
        unseal(bytes(altered), context="a")


@pytest.mark.parametrize("length", [0, 1, 5, 13, 20])
def test_unseal_of_a_cut_value_is_refused(length: int) -> None:
    with pytest.raises(SealBroken):
        unseal(seal(NIK, context="a")[:length], context="a")


def test_a_broken_seal_says_nothing_of_the_text() -> None:
    with pytest.raises(SealBroken) as broken:
        unseal(seal(NIK, context="identity:AAA")[:-1], context="identity:AAA")
    assert str(broken.value) == "identity:AAA"


def test_seal_with_two_keys_uses_the_named_one_and_opens_both(settings: Settings) -> None:
    settings.SEAL_KEYS = {1: OLD, 2: NEW}
    settings.SEAL_WITH = 1
    before = seal(NIK, context="a")
    settings.SEAL_WITH = 2
    after = seal(NIK, context="a")

    assert (before[0], after[0]) == (1, 2)
    assert unseal(before, context="a") == unseal(after, context="a") == NIK


def test_unseal_under_a_key_that_was_taken_away_is_refused(settings: Settings) -> None:
    sealed = seal(NIK, context="a")
    settings.SEAL_KEYS = {2: NEW}
    with pytest.raises(SealBroken):
        unseal(sealed, context="a")


def test_blind_index_of_equal_texts_is_equal() -> None:
    assert blind_index(NIK, purpose="nik") == blind_index(NIK, purpose="nik")
    assert len(blind_index(NIK, purpose="nik")) == 1 + 32


@pytest.mark.parametrize(("plain", "purpose"), [("3273010107900002", "nik"), (NIK, "phone")])
def test_blind_index_of_another_text_or_purpose_differs(plain: str, purpose: str) -> None:
    assert blind_index(plain, purpose=purpose) != blind_index(NIK, purpose="nik")


def test_blind_index_needs_the_key(settings: Settings) -> None:
    before = blind_index(NIK, purpose="nik")
    settings.INDEX_KEYS = {1: b"x" * 32}
    assert blind_index(NIK, purpose="nik") != before


def test_blind_index_with_two_keys_is_under_the_named_one(settings: Settings) -> None:
    before = blind_index(NIK, purpose="nik")
    settings.INDEX_KEYS = settings.INDEX_KEYS | {2: NEW}
    assert blind_index(NIK, purpose="nik") == before
    settings.INDEX_WITH = 2
    assert blind_indexes(NIK, purpose="nik") == {1: before, 2: blind_index(NIK, purpose="nik")}
