"""The people an account looks after: its holder and their family."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applicants.birth_dates import read_date, refuse_impossible
from applicants.enums import Sex
from applicants.guardians import keep_consent, set_guardian
from applicants.models import NIK_INDEX, Identity, Person, User
from applicants.names import clean_name, clean_place
from applicants.nik import Difference, Nik, differences
from applicants.nik_problems import Problem, texts_of
from applicants.queries import has_room, person_limit
from applicants.verdicts import judge
from applicants.verifying import request_anew, request_verification
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal


class NikNotValid(Refusal):
    """`facts["problems"]` holds what is wrong (nik_problems.Problem), digit by digit."""

    code = "nik-not-valid"
    message = "%(reasons)s"
    field = "nik"
    status = 422

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems=problems, reasons=" ".join(texts_of(problems)))


class SexNotValid(Refusal):
    code = "sex-not-valid"
    message = _("Choose woman or man, as on the identity card.")
    field = "sex"
    status = 422


class TooManyPersons(Refusal):
    code = "too-many-persons"
    message = _("An account can look after %(limit)s people, and yours has that many.")
    remedy = _("Other family members can open an account of their own.")


class PersonAlreadyKnown(Refusal):
    """`facts["person"]` is the one the account has."""

    code = "person-already-known"
    message = _("A person with this NIK is already in your account.")
    remedy = _("Open that person under “My applications” to correct something.")
    field = "nik"


class DiffersFromNik(Refusal):
    """UU 24/2013 art. 13: a NIK is for life and never changed, whatever its digits say."""

    code = "differs-from-nik"
    message = "%(reasons)s"
    remedy = _(
        "Compare what you typed with the documents. If it is as they say, confirm it: a NIK is "
        "never changed, and the office will look at both."
    )
    status = 422

    def __init__(self, found: Sequence[Difference]) -> None:
        super().__init__(
            differences=found, reasons=" ".join(str(difference.message) for difference in found)
        )


@transaction.atomic
def add_person(
    *,
    account: User,
    nik: str,
    name: str,
    birth_place: str,
    birth_date: date,
    sex: str,
    confirms_difference: bool = False,
    guardian: Person | None = None,
    relation: str = "",
    consented_in: str = "",
    by: trail.By,
    at: datetime,
) -> Person:
    """A person the account looks after from now on. `nik`, names and place are as typed.

    A child also needs `guardian`, their `relation` and the account's consent, whose text was read
    `consented_in` a language (empty: not agreed). Of a grown-up these are not looked at.

    Raises NikNotValid, NameNotValid, PlaceNotValid, BirthDateNotValid, SexNotValid; DiffersFromNik
    unless `confirms_difference`; TooManyPersons, PersonAlreadyKnown; as set_guardian and
    keep_consent do.
    """
    read = known_nik(nik, at=at)
    # Before the identity, as whoever takes a person out does.
    person = Person(account=locked(account), created_at=at)
    _fill(person, name, birth_place, birth_date, sex, at=at)
    person.differs_from_nik = _differs(read, person, confirmed=confirms_difference)
    person.identity = _identity(read, at=at)
    _refuse_beyond_limit(person)
    set_guardian(person, guardian, relation, at=at)
    person.save()
    keep_consent(person, consented_in=consented_in, by=by, at=at)
    request_verification(person, at=at)
    _record("add_person", person, by=by, at=at)
    return person


@transaction.atomic
def correct_person(
    *,
    person: Person,
    name: str,
    birth_place: str,
    birth_date: date,
    sex: str,
    confirms_difference: bool = False,
    guardian: Person | None = None,
    relation: str = "",
    consented_in: str = "",
    by: trail.By,
    at: datetime,
) -> Person:
    """Everything but the NIK, which stays. A consent in force counts on.

    Raises as add_person does, and GuardsChildren when a guardian would become a child.
    """
    locked(person.account)
    person = (
        Person.objects.select_for_update(of=("self",)).select_related("identity").get(pk=person.pk)
    )
    before = _told_to_the_registry(person)
    _fill(person, name, birth_place, birth_date, sex, at=at)
    person.differs_from_nik = _differs(
        Nik(person.identity.nik), person, confirmed=confirms_difference
    )
    set_guardian(person, guardian, relation, at=at)
    person.save()
    keep_consent(person, consented_in=consented_in, by=by, at=at)
    if _told_to_the_registry(person) != before:
        request_anew(person, at=at)
    _record("correct_person", person, by=by, at=at)
    return person


def today(at: datetime) -> date:
    """The day in Indonesia's capital."""
    return timezone.localdate(at)


def known_nik(text: str, *, at: datetime) -> Nik:
    """The NIK as typed; raises NikNotValid."""
    verdict = judge(text, today=today(at))
    if verdict.nik is None:
        raise NikNotValid(verdict.problems)
    return verdict.nik


def possible_birth_date(text: str, *, at: datetime) -> date:
    """The date as typed; raises BirthDateNotValid."""
    birth_date = read_date(text)
    refuse_impossible(birth_date, today=today(at))
    return birth_date


def _fill(
    person: Person, name: str, birth_place: str, birth_date: date, sex: str, *, at: datetime
) -> None:
    refuse_impossible(birth_date, today=today(at))
    if sex not in Sex.values:
        raise SexNotValid
    person.name, person.birth_place = clean_name(name), clean_place(birth_place)
    person.birth_date, person.sex = birth_date, sex


def _told_to_the_registry(person: Person) -> tuple[object, ...]:
    return person.name, person.birth_place, person.birth_date, person.sex


def _differs(nik: Nik, person: Person, *, confirmed: bool) -> bool:
    found = differences(nik, birth_date=person.birth_date, sex=person.sex)
    if found and not confirmed:
        raise DiffersFromNik(found)
    return bool(found)


def _identity(nik: Nik, *, at: datetime) -> Identity:
    """The one row of this NIK, whoever typed it first; not to be erased until we commit."""
    new = Identity(created_at=at)
    new.seal(nik.digits)
    Identity.objects.bulk_create([new], ignore_conflicts=True)
    rows = Identity.objects.select_for_update(no_key=True)
    # None when it was erased while we waited for it: then it is a new one.
    known = rows.filter(NIK_INDEX.matches(nik.digits)).first()
    return known or _identity(nik, at=at)


def refuse_if_full(account: User) -> None:
    """Raises TooManyPersons."""
    if not has_room(account):
        raise TooManyPersons(limit=person_limit(account))


def locked(account: User) -> User:
    """So that two tabs do not both take the last place, nor a guardian go while a child comes."""
    return User.objects.select_for_update(no_key=True).get(pk=account.pk)


def _refuse_beyond_limit(person: Person) -> None:
    account = person.account
    if known := account.persons.filter(identity=person.identity).first():
        raise PersonAlreadyKnown(person=known.code)
    refuse_if_full(account)


def _record(deed: str, person: Person, *, by: trail.By, at: datetime) -> None:
    trail.record(
        deed,
        subject=f"person:{person.code}",
        by=by,
        at=at,
        identity=person.identity.code,
        differs_from_nik=person.differs_from_nik,
    )
