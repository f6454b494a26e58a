from typing import Any

from django.utils import timezone
from rest_framework import serializers

from mpaspor.api.bodies import Body
from mpaspor.api.moments import ZONE_HELP, ZONE_NAME_HELP
from mpaspor.api.operations import shows
from mpaspor.core.templatetags.words import zone_name
from payments.api.examples import CLAIM, CLAIMED, PAID, TARIFF
from payments.enums import BillStatus, Outcome
from payments.models import Bill, Tariff
from payments.moments import stop_of


class TariffSerializer(serializers.ModelSerializer[Tariff]):
    amount = serializers.IntegerField(help_text="Whole Rupiah.")

    class Meta:
        model = Tariff
        fields = ("code", "name", "amount", "in_force_from", "in_force_until")


@shows({"results": [TARIFF]})
class TariffsSerializer(serializers.Serializer[Any]):
    results = TariffSerializer(many=True)


class LineSerializer(serializers.Serializer[Any]):
    tariff = serializers.CharField()
    description = serializers.CharField()
    amount = serializers.IntegerField(help_text="Whole Rupiah.")
    for_code = serializers.CharField(help_text="The code of the appointment that the fee is for.")


class PaymentSerializer(serializers.Serializer[Any]):
    ntpn = serializers.CharField(help_text="The state's number of the payment.")
    ntb = serializers.CharField(help_text="The bank's reference.")
    amount = serializers.IntegerField(help_text="Whole Rupiah.")
    paid_at = serializers.DateTimeField(help_text="By the bank's clock.")
    channel = serializers.CharField()
    outcome = serializers.ChoiceField(Outcome.choices, source="settlement.outcome")


@shows(PAID)
class BillSerializer(serializers.Serializer[Any]):
    """Read it while the zone of what is paid for is current: its moments are in that zone."""

    code = serializers.CharField()
    pays_for = serializers.CharField(
        source="payer", help_text="The code of the appointment, or of the party."
    )
    status = serializers.ChoiceField(BillStatus.choices)
    billing_code = serializers.CharField(
        allow_null=True, help_text="15 digits to pay with; null until the gateway gave it."
    )
    amount = serializers.IntegerField(help_text="Whole Rupiah.")
    pay_until = serializers.DateTimeField(allow_null=True)
    frozen = serializers.SerializerMethodField(
        help_text="During an outage the time to pay stands still: wait for a new pay_until."
    )
    zone = serializers.SerializerMethodField(help_text=ZONE_HELP)
    zone_name = serializers.SerializerMethodField(help_text=ZONE_NAME_HELP)
    lines = LineSerializer(many=True)
    payments = PaymentSerializer(many=True)

    def get_frozen(self, bill: Bill) -> bool:
        return stop_of(bill) is not None

    def get_zone(self, bill: Bill) -> str:
        return timezone.get_current_timezone_name()

    def get_zone_name(self, bill: Bill) -> str:
        return zone_name(timezone.get_current_timezone_name())


@shows(CLAIM)
class ClaimRequest(Body):
    ntpn = serializers.CharField(
        max_length=40, help_text="16 letters and digits of the receipt; gaps do not matter."
    )
    ntb = serializers.CharField(
        max_length=40, default="", allow_blank=True, help_text="The bank's reference, if known."
    )


@shows(CLAIMED)
class ClaimSerializer(serializers.Serializer[Any]):
    ntpn = serializers.CharField()
    ntb = serializers.CharField()
    claimed_at = serializers.DateTimeField()
    answer_due_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)
