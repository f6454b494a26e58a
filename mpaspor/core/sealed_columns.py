"""Which columns are sealed, and how equal texts in them are found: one declaration for each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.db import models

from mpaspor.core.sealed import blind_indexes, seal, unseal


@dataclass(frozen=True)
class IndexColumns:
    """Two unique columns that take turns: `odd` for keys with an odd id, `even` for the others.

    A row is written under every key that the process has. So while two keys are in use, two
    processes that do not have the same keys still have one column in common, and its unique index
    keeps equal texts from becoming two rows.
    """

    purpose: str
    odd: str
    even: str

    def column(self, key_id: int) -> str:
        return self.odd if key_id % 2 else self.even

    def values(self, plain: str) -> dict[str, bytes | None]:
        """What both columns hold for this text; nothing where we have no key."""
        found = blind_indexes(plain, purpose=self.purpose)
        under_keys = {self.column(key_id): index for key_id, index in found.items()}
        return {self.odd: None, self.even: None, **under_keys}

    def matches(self, plain: str) -> models.Q:
        """The row of this text, under whichever of our keys it was written."""
        found = models.Q()
        for key_id, index in blind_indexes(plain, purpose=self.purpose).items():
            found |= models.Q(**{self.column(key_id): index})
        return found

    def key_ids(self) -> dict[str, int | None]:
        """The key under which each column is to be."""
        ours = {self.column(key_id): key_id for key_id in settings.INDEX_KEYS}
        return {self.odd: None, self.even: None, **ours}


if TYPE_CHECKING:
    BinaryField = models.BinaryField[Any, Any]
else:
    BinaryField = models.BinaryField


class SealedField(BinaryField):
    """What `seal` made. `context` names the row it is bound to, like `identity:{code}`.

    A column declared so is known to `manage.py rotate_keys`. To a migration it is a BinaryField.
    """

    def __init__(
        self, *args: Any, context: str = "", index: IndexColumns | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.context, self.index = context, index

    def deconstruct(self) -> Any:
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.BinaryField", args, options

    def opened(self, row: models.Model) -> str:
        """The plain text; raises SealBroken."""
        return unseal(bytes(getattr(row, self.attname) or b""), context=self._place(row))

    def fill(self, row: models.Model, plain: str) -> None:
        """Seals the text into the row, which must know what `context` names, and indexes it."""
        setattr(row, self.attname, seal(plain, context=self._place(row)))
        for column, value in self.index.values(plain).items() if self.index else ():
            setattr(row, column, value)

    @property
    def columns(self) -> list[str]:
        """All columns that hang on the keys."""
        return [self.attname, *((self.index.odd, self.index.even) if self.index else ())]

    def _place(self, row: models.Model) -> str:
        return self.context.format_map(vars(row))


def opened(row: models.Model, column: str) -> str:
    """The plain text of a sealed column; raises SealBroken."""
    return _field(row, column).opened(row)


def fill(row: models.Model, column: str, plain: str) -> None:
    """Seals the text into the row, unsaved, and indexes it."""
    _field(row, column).fill(row, plain)


def sealed_fields() -> Iterator[SealedField]:
    """All of the service, table by table."""
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, SealedField):
                yield field


def _field(row: models.Model, column: str) -> SealedField:
    field = row._meta.get_field(column)
    assert isinstance(field, SealedField)
    return field
