from django.db import models
from django.utils.translation import gettext_lazy as _


class Sex(models.TextChoices):
    WOMAN = "F", _("Woman")
    MAN = "M", _("Man")


class Relation(models.TextChoices):
    """What a guardian is to the child."""

    MOTHER = "mother", _("Mother")
    FATHER = "father", _("Father")
    GUARDIAN = "guardian", _("Guardian")


class ConsentKind(models.TextChoices):
    CHILD = "child", _("To apply for a child")


class PrivacyKind(models.TextChoices):
    CORRECTION = "correction", _("Put something right")
    ERASURE = "erasure", _("Delete my account and my data")


class PrivacyStatus(models.TextChoices):
    OPEN = "open", _("Waiting for an answer")
    GRANTED = "granted", _("Done")
    DECLINED = "declined", _("Not possible")
    TAKEN_BACK = "taken_back", _("Taken back")


PRIVACY_MOVES: list[tuple[str, str]] = [
    (PrivacyStatus.OPEN, PrivacyStatus.GRANTED),
    (PrivacyStatus.OPEN, PrivacyStatus.DECLINED),
    (PrivacyStatus.OPEN, PrivacyStatus.TAKEN_BACK),
]


class Retention(models.TextChoices):
    """What is kept for some time and then deleted by itself."""

    DRAFTS = "drafts", _("Drafts of applications")
    UNPAID = "unpaid", _("Applications nobody paid for")
    DOCUMENTS = "documents", _("Photos and PDFs of documents, after the day of the visit")
    RECEIPTS = "receipts", _("Pictures of receipts, after the money was looked after")
    VISITS = "visits", _("From the visit until the passport is handed over")
    NUMBERS = "numbers", _("Queue numbers and calls, after the day")
    CODES = "codes", _("Six-digit codes")
    NOTICES = "notices", _("Messages, and records of e-mails and SMS")
    FOLLOWINGS = "followings", _("News of offices, for who has not signed in any more")
    REQUESTS = "requests", _("Answered requests about data")
    PAYMENTS = "payments", _("Bills and payments")


class Purpose(models.TextChoices):
    """What a code was asked for: one sent for this opens nothing else."""

    CONFIRM = "confirm"
    RECOVER = "recover"
    STEP_UP = "step-up"
    ADD = "add"
    LOOK_UP = "look-up"


class FactorKind(models.TextChoices):
    """What somebody shows beside the password."""

    APP = "app", _("Authenticator app")
    PASSKEY = "passkey", _("Passkey")


class RegistryVerdict(models.TextChoices):
    """What the civil registry says of a person as an account typed them."""

    PENDING = "pending", _("Being asked")
    UNAVAILABLE = "unavailable", _("No answer yet, asked again")
    MATCH = "match", _("As in the registry")
    MISMATCH = "mismatch", _("Differs from the registry")
    NOT_FOUND = "not_found", _("NIK not found")
    NOT_ONLINE = "not_online", _("NIK not online yet")
    BLOCKED = "blocked", _("NIK blocked")


# The registry is still to be asked; the person goes on provisionally.
OPEN_VERDICTS = (RegistryVerdict.PENDING, RegistryVerdict.UNAVAILABLE)
FINAL_VERDICTS = (
    RegistryVerdict.MATCH,
    RegistryVerdict.MISMATCH,
    RegistryVerdict.NOT_FOUND,
    RegistryVerdict.NOT_ONLINE,
    RegistryVerdict.BLOCKED,
)

VERDICT_MOVES: list[tuple[str, str]] = [
    (RegistryVerdict.PENDING, RegistryVerdict.UNAVAILABLE),
    *((still, final) for still in OPEN_VERDICTS for final in FINAL_VERDICTS),
    # Asked anew, with other data or after the registry was put right.
    *((known, RegistryVerdict.PENDING) for known in (RegistryVerdict.UNAVAILABLE, *FINAL_VERDICTS)),
]


class Detail(models.TextChoices):
    """What the registry compares, besides the NIK."""

    NAME = "name", _("Full name")
    BIRTH_PLACE = "birth_place", _("Place of birth")
    BIRTH_DATE = "birth_date", _("Date of birth")
    SEX = "sex", _("Sex")
