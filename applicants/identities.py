"""The one row of a NIK, when nobody looks after it any more."""

from datetime import datetime

from applicants.models import Identity


def erase_identity_if_unused(identity: Identity, *, at: datetime) -> bool:
    """Destroys the sealed NIK when no open account looks after it any more.

    The row is locked first, so that nobody takes it up at that moment; whoever comes later with
    this NIK gets a row of their own.
    """
    row = Identity.objects.select_for_update().get(pk=identity.pk)
    if row.erased_at or row.persons.filter(account__erased_at=None).exists():
        return False
    row.seal(f"erased {row.code}")
    row.erased_at = at
    row.save()
    return True
