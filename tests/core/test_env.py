import base64

import pytest

from mpaspor.core import env


def test_text_without_value_and_default_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_SUCH_THING", raising=False)
    with pytest.raises(env.SettingMissing, match="NO_SUCH_THING"):
        env.text("NO_SUCH_THING")


@pytest.mark.parametrize(
    ("given", "read"), [("1", True), ("YES", True), ("0", False), ("off", False), ("", True)]
)
def test_flag_reads_what_people_write(
    monkeypatch: pytest.MonkeyPatch, given: str, read: bool
) -> None:
    monkeypatch.setenv("A_FLAG", given)
    assert env.flag("A_FLAG", default=True) is read


def test_number_and_words_fall_back_to_their_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_NUMBER", "")
    assert env.number("A_NUMBER", 7) == 7
    assert env.words("NO_WORDS", "a, b ,,c") == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        (
            "postgres://u:p%40ss@db:5433/main?sslmode=require",
            ("main", "u", "p@ss", "db", "5433", {"sslmode": "require"}),
        ),
        ("postgres://u@/main?host=/run/pg", ("main", "u", "", "/run/pg", "", {})),
    ],
)
def test_database_reads_an_address(
    monkeypatch: pytest.MonkeyPatch, url: str, parts: tuple[object, ...]
) -> None:
    monkeypatch.setenv("A_DATABASE", url)
    read = env.database("A_DATABASE")
    names = ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
    assert tuple(read[name] for name in names) == parts


@pytest.mark.parametrize(
    ("url", "broker"),
    [
        ("redis://h:6379/3", "redis://h:6379/3"),
        ("unix:///run/v.sock?db=2", "redis+socket:///run/v.sock?virtual_host=2"),
        ("unix:///run/v.sock", "redis+socket:///run/v.sock?virtual_host=0"),
    ],
)
def test_broker_names_sockets_as_celery_reads_them(
    monkeypatch: pytest.MonkeyPatch, url: str, broker: str
) -> None:
    monkeypatch.setenv("A_REDIS", url)
    assert env.broker("A_REDIS") == broker


def key(sign: bytes, length: int = 32) -> str:
    return base64.b64encode(sign * length).decode()


def test_keys_reads_each_by_its_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEYS", f"1:{key(b'a')}, 7:{key(b'b')}")
    assert env.keys("SOME_KEYS") == {1: b"a" * 32, 7: b"b" * 32}


@pytest.mark.parametrize(
    "given",
    [
        "",
        key(b"a"),
        f"one:{key(b'a')}",
        f"0:{key(b'a')}",
        f"256:{key(b'a')}",
        f"1:{key(b'a', 16)}",
        "1:no base64",
        f"1:{key(b'a')},1:{key(b'b')}",
    ],
)
def test_keys_that_cannot_be_right_name_the_variable_and_no_key(
    monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("SOME_KEYS", given)
    with pytest.raises(env.SettingWrong, match=r"^SOME_KEYS ") as wrong:
        env.keys("SOME_KEYS")
    assert key(b"a")[:8] not in str(wrong.value)


def test_index_keys_that_would_share_a_column_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for ids in ((1, 3), (1, 2, 3), (1, 4)):
        monkeypatch.setenv("SOME_KEYS", ",".join(f"{id_}:{key(b'a')}" for id_ in ids))
        with pytest.raises(env.SettingWrong, match="SOME_KEYS may hold two keys at a time"):
            env.index_keys("SOME_KEYS")


def test_key_in_use_is_the_newest_unless_another_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {1: b"", 2: b""}
    assert env.key_in_use("SOME_KEY", known) == 2
    monkeypatch.setenv("SOME_KEY", "1")
    assert env.key_in_use("SOME_KEY", known) == 1
    monkeypatch.setenv("SOME_KEY", "3")
    with pytest.raises(env.SettingWrong, match="SOME_KEY names a key that is not there"):
        env.key_in_use("SOME_KEY", known)
