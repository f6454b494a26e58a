"""What officers may do with the rows of no office: fees, money, the audit trail.

The rows of an office are guarded by quota.access and appointments.access.
"""

from typing import Any

from django.contrib.auth.backends import BaseBackend

from quota.access import Account, officer_may
from quota.enums import Role

MONEY = frozenset(
    {
        "payments.view_tariff",
        "payments.view_bill",
        "payments.view_billline",
        "payments.view_payment",
        "payments.view_settlement",
    }
)
# The centre may all that others may.
MAY = {
    Role.TREASURER: MONEY,
    Role.AUDITOR: MONEY | {"audit.view_entry"},
    Role.CENTRE: frozenset(
        {
            "applicants.view_verification",
            "applicants.change_verification",
            "payments.add_tariff",
            "payments.change_tariff",
            "payments.view_incident",
            "payments.add_incident",
            "payments.change_incident",
            "applicants.view_privacyrequest",
            "applicants.view_retentionrule",
            "applicants.add_retentionrule",
        }
    ),
}


class OfficerRoles(BaseBackend):
    """Permissions follow from the officer's role and from nothing else."""

    def get_user_permissions(self, user_obj: Account, obj: Any = None) -> set[str]:
        own = [may for role, may in MAY.items() if officer_may(user_obj, role)]
        return set().union(*own)

    def has_module_perms(self, user_obj: Account, app_label: str) -> bool:
        permissions = self.get_user_permissions(user_obj)
        return any(permission.startswith(f"{app_label}.") for permission in permissions)
