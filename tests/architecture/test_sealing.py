"""A sealed column that `manage.py rotate_keys` does not know keeps its old key for ever."""

from django.apps import apps
from django.db import models

from mpaspor.core.sealed_columns import SealedField, sealed_fields


def looks_sealed(field: "models.Field[object, object]") -> bool:
    sounds = field.name.endswith("_sealed") or field.name in {"payload", "sealed"}
    return isinstance(field, models.BinaryField) and sounds


def test_every_column_that_looks_sealed_is_declared_so() -> None:
    fields = [field for model in apps.get_models() for field in model._meta.local_fields]
    assert [
        str(field) for field in fields if looks_sealed(field) and not isinstance(field, SealedField)
    ] == []
    assert {"applicants.Identity.nik_sealed", "notifications.Notice.payload"} <= {
        str(field) for field in sealed_fields()
    }
