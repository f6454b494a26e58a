from datetime import date, datetime, timedelta
from importlib import import_module
from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from applicants.enums import (
    OPEN_VERDICTS,
    PRIVACY_MOVES,
    VERDICT_MOVES,
    ConsentKind,
    Detail,
    FactorKind,
    PrivacyKind,
    PrivacyStatus,
    RegistryVerdict,
    Relation,
    Retention,
    Sex,
)
from applicants.nik import masked
from mpaspor.core.breaker import Line
from mpaspor.core.codes import new_code
from mpaspor.core.sealed_columns import IndexColumns, SealedField, fill, opened
from mpaspor.notifications.models import Channel


class UserManager(BaseUserManager["User"]):
    def create_user(
        self, email: str | None = None, password: str | None = None, **fields: object
    ) -> "User":
        user = self.model(email=(email or "").lower() or None, **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str, **fields: object) -> "User":
        fields = {"is_staff": True, "is_superuser": True, "email_verified": True, **fields}
        return self.create_user(email, password, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """An account. It has an e-mail address or a mobile phone or both, each confirmed by a code."""

    code = models.CharField(max_length=10, unique=True, default=new_code, editable=False)
    name = models.CharField(_("name"), max_length=100)
    email = models.EmailField(_("e-mail"), null=True, blank=True, unique=True)
    phone = PhoneNumberField(_("mobile phone"), null=True, blank=True, unique=True)
    email_verified = models.BooleanField(_("e-mail confirmed"), default=False)
    phone_verified = models.BooleanField(_("mobile phone confirmed"), default=False)
    language = models.CharField(_("language"), max_length=8, default="id")
    # Where it cannot be, another confirmed contact gets them (applicants.notice_channels).
    notices_by = models.CharField(
        _("notices by"),
        max_length=8,
        choices=Channel,
        default=Channel.EMAIL,
        db_default=Channel.EMAIL,
    )
    # How many persons the account may look after; empty: the rule for everybody.
    person_limit = models.PositiveIntegerField(_("limit of persons"), null=True, blank=True)
    is_staff = models.BooleanField(_("officer"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("opened"), db_default=Now(), editable=False)
    # Since then the row has no name and no contact; what the law keeps still hangs on it.
    erased_at = models.DateTimeField(_("erased"), null=True, editable=False)
    # Sessions that were begun under another number have ended.
    session_version = models.PositiveIntegerField(default=0, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = (
            models.UniqueConstraint(Lower("email"), name="one_account_per_email"),
            models.CheckConstraint(
                condition=models.Q(email__isnull=False)
                | models.Q(phone__isnull=False)
                | models.Q(is_active=False),
                name="account_has_contact",
            ),
            models.CheckConstraint(
                condition=models.Q(notices_by__in=Channel.values), name="notices_by_a_channel"
            ),
        )

    def __str__(self) -> str:
        return self.name or self.code

    def clean(self) -> None:
        super().clean()
        self.email = self.email.lower() if self.email else None
        if not (self.email or self.phone):
            raise ValidationError(_("An account needs an e-mail or a mobile phone."))

    @property
    def confirmed(self) -> bool:
        """Whether the holder typed back a code that was sent to a contact of the account."""
        return self.email_verified or self.phone_verified

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        """What Django compares at each request. As ever while nothing ended the sessions."""
        digest: str = super()._get_session_auth_hash(secret)  # type: ignore[misc]
        return f"{digest}.{self.session_version}" if self.session_version else digest


class Session(AbstractBaseSession):
    """A browser that comes back, and whose it is (applicants.sessions)."""

    account = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="sessions")

    @classmethod
    def get_session_store_class(cls) -> Any:
        return import_module(settings.SESSION_ENGINE).SessionStore


class FormDraft(models.Model):
    """What an account's holder typed into a form and did not send yet, or was refused."""

    account = models.ForeignKey(User, on_delete=models.CASCADE, related_name="form_drafts")
    # The address of the form: one for each person or application.
    form = models.CharField(max_length=200)
    typed_sealed = SealedField(context="form-draft:{account_id}:{form}")
    updated_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "form"], name="one_draft_per_form"),
        )

    def __str__(self) -> str:
        return f"draft {self.pk}"


class ContactCode(models.Model):
    """The newest six-digit code sent to a contact for one purpose; it goes when typed back."""

    contact_index = models.BinaryField(unique=True)
    code_digest = models.BinaryField(default=bytes)
    sent_at = models.DateTimeField(null=True)
    # Codes sent within a day without one being typed back: the pause between them grows.
    sendings = models.PositiveSmallIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"contact code {self.pk}"


class PendingContact(models.Model):
    """A contact that somebody wants for their account and has not confirmed: it opens nothing.

    It lies outside the account, so that it keeps nobody from what is theirs.
    """

    account = models.ForeignKey(User, on_delete=models.CASCADE, related_name="pending_contacts")
    channel = models.CharField(max_length=8, choices=Channel)
    to = models.CharField(max_length=254)
    wanted_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "channel"], name="one_pending_of_a_kind"),
        )


class SmsCode(models.Model):
    """One code that went out by SMS, for the budgets; without the number itself."""

    number_index = models.BinaryField()
    block = models.CharField(max_length=16)
    sent_at = models.DateTimeField()
    # Whether it, or a later one to this number for the same purpose, was typed back.
    answered = models.BooleanField(default=False)

    class Meta:
        indexes = (
            models.Index(fields=["number_index", "sent_at"], name="sms_by_number"),
            models.Index(fields=["block", "sent_at"], name="sms_by_block"),
        )


class Lookup(models.Model):
    """How often it was asked, within a while, whether somebody is registered; for the budgets."""

    key_index = models.BinaryField(unique=True)
    began_at = models.DateTimeField(db_index=True)
    asked = models.PositiveSmallIntegerField(default=0)


class PasswordTries(models.Model):
    """What wrong passwords for an account have cost: a pause for each, owed until this moment."""

    account = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    # A device that the account signed in with before; empty for all others together.
    device = models.CharField(max_length=16, blank=True)
    owed_until = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["account", "device"], name="one_count_of_passwords_per_device"
            ),
        )

    def __str__(self) -> str:
        return f"password tries {self.pk}"


NIK_INDEX = IndexColumns(purpose="nik", odd="nik_index_odd", even="nik_index_even")


class Identity(models.Model):
    """One NIK, however many accounts know the person: sealed, found by its blind index."""

    code = models.CharField(max_length=10, unique=True, default=new_code, editable=False)
    nik_sealed = SealedField(context="identity:{code}", index=NIK_INDEX)
    nik_index_odd = models.BinaryField(null=True, unique=True)
    nik_index_even = models.BinaryField(null=True, unique=True)
    created_at = models.DateTimeField()
    # Since then another text is sealed here, and the index finds nobody.
    erased_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "identities"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(nik_index_odd__isnull=False)
                | models.Q(nik_index_even__isnull=False),
                name="identity_is_indexed",
            ),
        )
        triggers: ClassVar = [
            pgtrigger.Protect(name="identity_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def nik(self) -> str:
        """The NIK in the clear: for the registry and for masking, never to be logged."""
        return opened(self, "nik_sealed")

    def seal(self, nik: str) -> None:
        fill(self, "nik_sealed", nik)

    @property
    def masked_nik(self) -> str:
        return str(_("erased")) if self.erased_at else masked(self.nik)


class Person(models.Model):
    """An account's view of a person: themselves or a family member."""

    code = models.CharField(max_length=10, unique=True, default=new_code, editable=False)
    account = models.ForeignKey(User, on_delete=models.PROTECT, related_name="persons")
    identity = models.ForeignKey(Identity, on_delete=models.PROTECT, related_name="persons")
    name = models.CharField(_("full name"), max_length=100)
    birth_place = models.CharField(_("place of birth"), max_length=60)
    birth_date = models.DateField(_("date of birth"))
    sex = models.CharField(_("sex"), max_length=1, choices=Sex)
    # The NIK says another birth date or sex and the person confirmed theirs; an officer looks.
    differs_from_nik = models.BooleanField(_("differs from the NIK"), default=False)
    # Of a child: a grown-up of the same account, and what they are to the child.
    guardian = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.PROTECT,
        related_name="wards",
        verbose_name=_("parent or guardian"),
    )
    relation = models.CharField(
        _("relation to the child"), max_length=8, choices=Relation, blank=True
    )
    created_at = models.DateTimeField(_("added"))

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("persons")
        constraints = (
            models.UniqueConstraint(fields=["account", "identity"], name="person_once_an_account"),
            models.CheckConstraint(
                condition=models.Q(guardian__isnull=True, relation="")
                | models.Q(guardian__isnull=False, relation__in=Relation.values),
                name="guardian_has_relation",
            ),
            models.CheckConstraint(
                condition=models.Q(guardian__isnull=True) | ~models.Q(guardian=models.F("id")),
                name="guardian_is_another",
            ),
        )
        triggers: ClassVar = [
            pgtrigger.ReadOnly(name="person_bound", fields=["code", "account", "identity"]),
            pgtrigger.Trigger(
                name="guardian_of_the_account",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("guardian_id"),
                when=pgtrigger.Before,
                func="""
                IF NEW.guardian_id IS NOT NULL AND NOT EXISTS (
                    SELECT 1 FROM applicants_person
                    WHERE id = NEW.guardian_id AND account_id = NEW.account_id)
                THEN RAISE EXCEPTION 'guardian of person % is not of the account', NEW.code;
                END IF;
                RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="guardian_with_consent",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("guardian_id"),
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                func="""
                IF NEW.guardian_id IS NOT NULL AND NOT EXISTS (
                    SELECT 1 FROM applicants_consent WHERE person_id = NEW.id AND kind = 'child')
                   AND EXISTS (SELECT 1 FROM applicants_person WHERE id = NEW.id)
                THEN RAISE EXCEPTION 'no consent to apply for person %', NEW.code;
                END IF;
                RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def age_on(self, day: date) -> int:
        """Whole years on that day."""
        had_birthday = (day.month, day.day) >= (
            self.birth_date.month,
            self.birth_date.day,
        )
        return day.year - self.birth_date.year - (not had_birthday)


class Consent(models.Model):
    """What an account's holder agreed to, word for word. Kept when it is withdrawn and afterwards.

    `version` and `language` name the text: templates/consents/<kind>/<version>.<language>.txt.
    """

    account = models.ForeignKey(User, on_delete=models.PROTECT, related_name="consents")
    person = models.ForeignKey(
        Person, null=True, on_delete=models.SET_NULL, related_name="consents"
    )
    kind = models.CharField(_("kind of consent"), max_length=16, choices=ConsentKind)
    version = models.PositiveSmallIntegerField(_("version of the text"))
    language = models.CharField(_("language"), max_length=8)
    given_at = models.DateTimeField(_("given"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = (
            models.UniqueConstraint(
                fields=["account", "person", "kind"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="one_consent_in_force",
            ),
        )
        triggers: ClassVar = [
            pgtrigger.Protect(name="consent_kept", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="consent_only_withdrawn",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                func="""
                IF (NEW.id, NEW.account_id, NEW.kind, NEW.version, NEW.language, NEW.given_at)
                   IS DISTINCT FROM
                   (OLD.id, OLD.account_id, OLD.kind, OLD.version, OLD.language, OLD.given_at)
                   OR NEW.person_id IS DISTINCT FROM OLD.person_id AND NEW.person_id IS NOT NULL
                   OR NEW.withdrawn_at IS DISTINCT FROM OLD.withdrawn_at
                      AND OLD.withdrawn_at IS NOT NULL
                THEN RAISE EXCEPTION 'consents are append-only';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.version} {self.language}"


class SecondFactor(models.Model):
    """What the holder of an account shows beside the password: codes of an app, or a passkey."""

    code = models.CharField(max_length=10, unique=True, default=new_code, editable=False)
    account = models.ForeignKey(User, on_delete=models.CASCADE, related_name="second_factors")
    kind = models.CharField(max_length=8, choices=FactorKind)
    secret_sealed = SealedField(null=True, context="second-factor:{account_id}:{code}")
    # The half-minute of the newest code of the app that was taken.
    last_step = models.BigIntegerField(null=True)
    # A passkey's public half, as fido2 writes it, and the id under which the passkey names itself.
    credential = models.BinaryField(null=True)
    credential_id = models.BinaryField(null=True, unique=True)
    added_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["account"],
                condition=models.Q(kind=FactorKind.APP),
                name="one_authenticator_app_an_account",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    kind=FactorKind.APP, secret_sealed__isnull=False, last_step__isnull=False
                )
                | models.Q(
                    kind=FactorKind.PASSKEY, credential__isnull=False, credential_id__isnull=False
                ),
                name="second_factor_is_whole",
            ),
        )
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="code_taken_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__last_step__lt=pgtrigger.F("old__last_step")),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def secret(self) -> str:
        """An app's secret in the clear, to make or judge codes by."""
        return opened(self, "secret_sealed")

    @secret.setter
    def secret(self, secret: str) -> None:
        fill(self, "secret_sealed", secret)


class RecoveryCode(models.Model):
    """One of the codes on the paper that stands in for a lost device, once."""

    account = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    code_sealed = SealedField(context="recovery-code:{account_id}")
    used_at = models.DateTimeField(null=True)

    class Meta:
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="recovery_code_used_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__used_at__isnull=False)
                & pgtrigger.Q(old__used_at__df=pgtrigger.F("new__used_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"recovery code {self.pk}"

    @property
    def digits(self) -> str:
        """In the clear."""
        return opened(self, "code_sealed")

    @digits.setter
    def digits(self, digits: str) -> None:
        fill(self, "code_sealed", digits)


class StepTries(models.Model):
    """How often a second factor was shown to an account and not yet found right."""

    account = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True)
    tries = models.PositiveSmallIntegerField(default=0)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.account_id}: {self.tries}"


class PrivacyRequestQuerySet(models.QuerySet["PrivacyRequest"]):
    def open(self) -> "PrivacyRequestQuerySet":
        return self.filter(status=PrivacyStatus.OPEN)

    def overdue(self, at: datetime) -> "PrivacyRequestQuerySet":
        return self.open().filter(due_at__lt=at)


class PrivacyRequest(models.Model):
    """What an account's holder asks about their data, and the answer (UU 27/2022 on personal data).

    Words and answer lie sealed: people write their NIK into them.
    """

    code = models.CharField(_("code"), max_length=10, unique=True, default=new_code, editable=False)
    account = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="privacy_requests", verbose_name=_("account")
    )
    kind = models.CharField(_("asked for"), max_length=12, choices=PrivacyKind)
    status = models.CharField(
        _("status"), max_length=12, choices=PrivacyStatus, default=PrivacyStatus.OPEN
    )
    words_sealed = SealedField(context="privacy-request:{code}:words", null=True)
    answer_sealed = SealedField(context="privacy-request:{code}:answer", null=True)
    asked_at = models.DateTimeField(_("asked"))
    due_at = models.DateTimeField(_("answer due"))
    answered_at = models.DateTimeField(_("answered"), null=True)
    answered_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("answered by")
    )

    objects = PrivacyRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request about data")
        verbose_name_plural = _("requests about data")
        constraints = (
            models.UniqueConstraint(
                fields=["account", "kind"],
                condition=models.Q(status=PrivacyStatus.OPEN),
                name="one_open_request_of_a_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(status=PrivacyStatus.OPEN, answered_at__isnull=True)
                | ~models.Q(status=PrivacyStatus.OPEN) & models.Q(answered_at__isnull=False),
                name="request_open_until_answered",
            ),
            models.CheckConstraint(
                condition=models.Q(due_at__gt=models.F("asked_at")), name="answer_due_later"
            ),
        )
        triggers: ClassVar = [
            pgtrigger.FSM(name="privacy_moves", field="status", transitions=PRIVACY_MOVES),
            pgtrigger.ReadOnly(
                name="request_bound", fields=["code", "account", "kind", "asked_at", "due_at"]
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def words(self) -> str:
        return self._opened("words")

    @property
    def answer(self) -> str:
        return self._opened("answer")

    def is_overdue(self, at: datetime) -> bool:
        return self.status == PrivacyStatus.OPEN and self.due_at < at

    def write(self, what: str, text: str) -> None:
        """Seals the words or the answer into the row, not yet saved."""
        fill(self, f"{what}_sealed", text)

    def _opened(self, what: str) -> str:
        column = f"{what}_sealed"
        return opened(self, column) if getattr(self, column) is not None else ""


class RetentionRule(models.Model):
    """How many days something is kept, from a day on."""

    kind = models.CharField(_("what is kept"), max_length=12, choices=Retention)
    days = models.PositiveSmallIntegerField(_("days"))
    in_force_from = models.DateField(_("in force from"))

    class Meta:
        verbose_name = _("rule for keeping data")
        verbose_name_plural = _("rules for keeping data")
        ordering = ("kind", "-in_force_from")
        constraints = (
            models.UniqueConstraint(fields=["kind", "in_force_from"], name="rule_once_a_day"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.in_force_from}"


REASON_LENGTH = 200


class VerificationQuerySet(models.QuerySet["Verification"]):
    def for_an_officer(self, at: datetime) -> "VerificationQuerySet":
        """The registry did not answer so often, or for so long, that a person decides."""
        often = models.Q(attempts__gte=settings.VERIFICATION_TRIES)
        long = models.Q(since__lte=at - timedelta(days=settings.VERIFICATION_DAYS))
        return self.filter(often | long, verdict__in=OPEN_VERDICTS)


class Verification(models.Model):
    """What the civil registry says of a person as the account typed them: the verdict, no data."""

    person = models.OneToOneField(
        Person, on_delete=models.CASCADE, related_name="verification", verbose_name=_("person")
    )
    verdict = models.CharField(
        _("verdict"),
        max_length=11,
        choices=RegistryVerdict,
        default=RegistryVerdict.PENDING,
        editable=False,
    )
    mismatches = ArrayField(
        models.CharField(max_length=11, choices=Detail),
        verbose_name=_("what differs"),
        default=list,
        blank=True,
        editable=False,
    )
    # Counts how often the person was asked about anew: an answer to an older question is dropped.
    round = models.PositiveIntegerField(default=1)
    since = models.DateTimeField(_("to be asked since"))
    next_at = models.DateTimeField(_("asked next"), null=True)
    attempts = models.PositiveIntegerField(_("tries without an answer"), default=0)
    asked_at = models.DateTimeField(_("asked last"), null=True)
    trouble = models.CharField(_("trouble with the registry"), max_length=80, blank=True)
    # The officer's word, where the registry gave none.
    reason = models.CharField(_("reason"), max_length=REASON_LENGTH, blank=True)

    objects = VerificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("check with the registry")
        verbose_name_plural = _("checks with the registry")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(verdict__in=OPEN_VERDICTS, next_at__isnull=False)
                | (~models.Q(verdict__in=OPEN_VERDICTS) & models.Q(next_at__isnull=True)),
                name="open_verdict_is_asked_again",
            ),
            models.CheckConstraint(
                condition=models.Q(verdict=RegistryVerdict.MISMATCH, mismatches__len__gte=1)
                | (~models.Q(verdict=RegistryVerdict.MISMATCH) & models.Q(mismatches=[])),
                name="mismatch_names_details",
            ),
        )
        indexes = (
            models.Index(
                fields=["next_at"],
                name="verification_due",
                condition=models.Q(next_at__isnull=False),
            ),
        )
        triggers: ClassVar = [
            pgtrigger.FSM(name="verdict_moves", field="verdict", transitions=VERDICT_MOVES),
        ]

    def __str__(self) -> str:
        return self.person.code

    @property
    def needs_the_person(self) -> bool:
        """The registry answered, and something has to be put right, here or there."""
        return self.verdict not in (*OPEN_VERDICTS, RegistryVerdict.MATCH)

    @property
    def differing(self) -> list[str]:
        """What differs, in words."""
        return [str(Detail(name).label) for name in self.mismatches]

    def get_mismatches_display(self) -> str:
        """As Django names it for a field with choices of its own."""
        return ", ".join(self.differing)


class RegistryLine(Line):
    """Whether the civil registry answers."""

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(pk=1), name="one_registry_line"),)
