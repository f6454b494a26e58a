from typing import Any

from rest_framework import serializers

from applicants.api.examples import CHECKED, PERSON, TYPED, VERDICT
from applicants.enums import Detail, RegistryVerdict, Relation, Sex
from mpaspor.api.bodies import Body, Code, OneOf
from mpaspor.api.operations import shows

# The deeds say more about what is wrong; these only keep out what is absurd.
LONG = 500


@shows({name: value for name, value in TYPED.items() if name != "nik"})
class PersonChange(Body):
    """A NIK is for life: whoever mistyped it takes the person out."""

    name = serializers.CharField(max_length=LONG, help_text="As on the identity card.")
    birth_place = serializers.CharField(max_length=LONG)
    birth_date = serializers.DateField()
    sex = OneOf(Sex.choices)
    confirms_difference = serializers.BooleanField(
        default=False,
        help_text="The birth date and sex are right although the NIK says otherwise "
        "(problem differs-from-nik).",
    )
    guardian = Code(
        default="",
        allow_blank=True,
        help_text="For a child: the code of the mother, father or guardian, a grown-up of your "
        "account.",
    )
    relation = OneOf(Relation.choices, default="", help_text="What they are to the child.")
    consent = serializers.BooleanField(
        default=False,
        help_text="For a child: whoever applies has read /privacy/consents/child/ in the language "
        "of Accept-Language and agrees.",
    )


@shows(TYPED)
class PersonRequest(PersonChange):
    nik = serializers.CharField(max_length=LONG, help_text="16 digits, in any usual writing.")


@shows(CHECKED)
class NikCheckRequest(Body):
    nik = serializers.CharField(max_length=LONG, help_text="In any usual writing.")
    birth_date = serializers.DateField(required=False, help_text="To be compared with the NIK.")
    sex = OneOf(Sex.choices, required=False, help_text="To be compared with the NIK.")


class RemarkSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    start = serializers.IntegerField(help_text="The first place it is about, counted from 1.")
    end = serializers.IntegerField(help_text="The last place it is about.")
    message = serializers.CharField(help_text="What is wrong or unusual.")
    remedy = serializers.CharField(help_text="What to do about it.")
    meant = serializers.CharField(
        allow_blank=True, help_text="The digit that a letter was probably meant to be, or empty."
    )


class DifferenceSerializer(serializers.Serializer[Any]):
    field = serializers.CharField(help_text="birth_date or sex")
    message = serializers.CharField()


class SaysSerializer(serializers.Serializer[Any]):
    """Null where a code is in no table of any year."""

    province = serializers.CharField(source="region.province")
    regency = serializers.CharField(source="region.regency", allow_null=True)
    district = serializers.CharField(source="region.district", allow_null=True)
    sex = serializers.ChoiceField(Sex.choices)
    birth_dates = serializers.ListField(
        child=serializers.DateField(),
        help_text="One day, or two a century apart: a NIK has two digits for the year.",
    )


@shows(VERDICT)
class VerdictSerializer(serializers.Serializer[Any]):
    """Never the NIK itself."""

    valid = serializers.BooleanField(
        help_text="It can be a NIK. Whose it is only the civil registry can tell."
    )
    problems = RemarkSerializer(many=True, help_text="Why it cannot be a NIK.")
    notes = RemarkSerializer(many=True, help_text="Unusual, and accepted.")
    differences = DifferenceSerializer(many=True, help_text="To be asked about, not refused.")
    says = SaysSerializer(allow_null=True, help_text="What the digits mean, if it is valid.")


class RegistrySerializer(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(
        RegistryVerdict.choices,
        help_text="pending and unavailable: asked by itself, go on meanwhile. mismatch: compare "
        "with the documents. not_found, not_online, blocked: to be put right at the registry.",
    )
    mismatches = serializers.ListField(
        child=serializers.ChoiceField(Detail.choices),
        help_text="What the registry has otherwise; never what it has.",
    )


@shows(PERSON)
class PersonSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    nik = serializers.CharField(source="identity.masked_nik", help_text="Masked.")
    name = serializers.CharField()
    birth_place = serializers.CharField()
    birth_date = serializers.DateField()
    sex = serializers.ChoiceField(Sex.choices)
    differs_from_nik = serializers.BooleanField()
    guardian = serializers.CharField(
        source="guardian.code", default=None, allow_null=True, help_text="Of a child."
    )
    relation = serializers.ChoiceField(Relation.choices, allow_blank=True)
    registry = RegistrySerializer(
        source="verification", help_text="What the civil registry says of the person as typed."
    )
