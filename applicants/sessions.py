"""Sessions: rows in PostgreSQL that know whose they are, with copies in Redis for a minute.

A copy is what the row holds, signed, under a digest of the key: Redis alone opens no session. An
ended session leaves a mark in Redis for as long as a copy could live, and a reader only adds where
nothing lies, so that no slow reader brings it back. Redis away or forgetful: the rows alone.
"""

import hashlib
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as RowStore
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from applicants.models import Session

# Where django.contrib.auth writes down whose session it is.
ACCOUNT = "_auth_user_id"
ENDED = "ended"
KEY_LENGTH = 40


class SessionStore(RowStore):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def load(self) -> dict[str, Any]:
        name = _name_of_copy(str(self.session_key))
        data = cache.get(name) or self._row_data(name)
        if data == ENDED:
            self._session_key = None
            return {}
        decoded: dict[str, Any] = self.decode(data)
        return decoded

    def save(self, must_create: bool = False) -> None:
        """The copy is made while the row is locked: whoever ends the session comes after it."""
        if self.session_key is None:
            self.create()
            return
        with transaction.atomic():
            super().save(must_create)
            copy = self.encode(dict(self.items()))
            cache.set(_name_of_copy(self.session_key), copy, settings.SESSION_CACHE_SECONDS)

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            super().delete(key)
            _mark_ended([key])

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = super().create_model_instance(data)
        assert isinstance(row, Session)
        row.account_id = data.get(ACCOUNT)
        return row

    def _row_data(self, name: str) -> str:
        live = Session.objects.filter(pk=self.session_key, expire_date__gt=timezone.now())
        data: str | None = live.values_list("session_data", flat=True).first()
        if data is None:
            return ENDED
        cache.add(name, data, settings.SESSION_CACHE_SECONDS)
        return data

    def _validate_session_key(self, key: str | None) -> bool:
        """What a browser sends can be anything; ours are letters and digits."""
        return bool(key and 8 <= len(key) <= KEY_LENGTH and key.isascii() and key.isalnum())


@transaction.atomic
def end_sessions(rows: Iterable[Session]) -> int:
    """At once; their copies count no more when the transaction is done. How many there were."""
    keys = [row.session_key for row in rows]
    transaction.on_commit(lambda: _mark_ended(keys))
    return Session.objects.filter(pk__in=keys).delete()[0]


def _mark_ended(keys: Iterable[str]) -> None:
    ended = {_name_of_copy(key): ENDED for key in keys}
    if ended:
        cache.set_many(ended, settings.SESSION_CACHE_SECONDS)


def _name_of_copy(key: str) -> str:
    return f"session:{hashlib.sha256(key.encode()).hexdigest()}"
