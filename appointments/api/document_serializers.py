from typing import Any

from rest_framework import serializers

from appointments.api.examples import AGAIN, DOCUMENT, WANTED
from appointments.documents.enums import DocumentStatus, Media, Reason, Remark
from appointments.documents.judging import NOTE_LENGTH
from mpaspor.api.bodies import Body, OneOf
from mpaspor.api.operations import shows

VERDICTS = (DocumentStatus.COMPLETE, DocumentStatus.NOT_COMPLETE)


@shows({"kind": "ktp", "file": "the bytes of the photo or PDF"}, media="multipart/form-data")
class DocumentRequest(Body):
    kind = serializers.CharField(max_length=20, help_text="One of those that the list names.")
    file = serializers.FileField(
        allow_empty_file=True, help_text="Its name and declared type do not matter."
    )


@shows(AGAIN)
class VerdictRequest(Body):
    verdict = OneOf([(each.value, each.label) for each in VERDICTS])
    reason = OneOf(
        Reason.choices, default="", help_text="Why it is to be sent again; needed for that."
    )
    note = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=NOTE_LENGTH,
        help_text="To the person, who reads it as it is; needed for the reason `other`.",
    )


@shows(DOCUMENT)
class SentSerializer(serializers.Serializer[Any]):
    """A photo or PDF that was sent, and an officer's verdict on it."""

    code = serializers.CharField()
    application = serializers.CharField(source="application.code")
    kind = serializers.CharField()
    status = serializers.ChoiceField(DocumentStatus.choices)
    reason = serializers.ChoiceField(
        [("", ""), *Reason.choices], help_text="Why it is to be sent again."
    )
    note = serializers.CharField(allow_blank=True, help_text="The officer's words to the person.")
    remarks = serializers.ListField(
        child=serializers.ChoiceField(Remark.choices),
        help_text="What the photo looks like to us; it is taken all the same.",
    )
    media = serializers.ChoiceField(Media.choices)
    pages = serializers.IntegerField()
    length = serializers.IntegerField(help_text="In bytes, of what is kept.")
    sha256 = serializers.CharField(help_text="Of what is kept.")
    uploaded_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)


@shows(WANTED)
class WantedSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField(source="paper.code")
    name = serializers.CharField()
    needed = serializers.BooleanField(
        source="is_needed", help_text="Without it the application is not whole."
    )
    when = serializers.CharField(
        allow_blank=True, help_text="The circumstance it is for, if it is only for one."
    )
    document = SentSerializer(allow_null=True)
