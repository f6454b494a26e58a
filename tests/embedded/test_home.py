import base64
import json
import stat
from pathlib import Path

import pytest

from mpaspor.embedded import postgres, valkey
from mpaspor.embedded.home import Home, NotOurs, own_folder

SOCKET_PATH_LIMIT = 103


def test_secrets_asked_again_stay_the_same(home: Home) -> None:
    first = home.secrets
    assert Home(home.path).secrets == first


def test_secrets_made_are_private_and_of_full_length(home: Home) -> None:
    for name in ("SEAL_KEYS", "INDEX_KEYS", "LETTER_KEYS"):
        key_id, _colon, key = home.secrets[name].partition(":")
        assert (key_id, len(base64.b64decode(key))) == ("1", 32)
    assert stat.S_IMODE((home.path / "secrets.json").stat().st_mode) == 0o600


def test_secrets_of_a_home_made_before_gain_what_they_lack_and_keep_the_rest(home: Home) -> None:
    kept = home.path / "secrets.json"
    before = {name: key for name, key in home.secrets.items() if name != "DUKCAPIL_KEY"}
    kept.write_text(json.dumps(before))
    now = Home(home.path).secrets
    assert now == before | {"DUKCAPIL_KEY": now["DUKCAPIL_KEY"]}
    assert Home(home.path).secrets == now
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_place_of_a_home_made_anew_is_another_one(home: Home) -> None:
    before = home.place
    (home.path / "secrets.json").unlink()
    assert Home(home.path).place != before


def test_sockets_of_a_home_with_a_long_path_fit(home: Home) -> None:
    longest = postgres.socket_folder(home) / ".s.PGSQL.5432.lock"
    assert len(bytes(longest)) <= SOCKET_PATH_LIMIT
    assert len(bytes(valkey.socket_path(home))) <= SOCKET_PATH_LIMIT


def test_own_folder_behind_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(NotOurs):
        own_folder(tmp_path / "link")
