"""/accounts/{id}/subscriptions: how a vendor's events come to us, and what a person has to set up for it."""

from typing import Any

from drf_spectacular.utils import extend_schema
from msgspec import to_builtins
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.times import rfc3339
from cti.api.accounts import AccountView
from cti.api.representations import subscription_json
from cti.api.schema import page_schema
from cti.api.serializers import SubscriptionSerializer
from cti.api.views import page_of
from cti.control.fields import TimeField
from cti.ingest.models import Delivery
from integrations.models import PbxAccount, VendorSubscription
from integrations.registry import adapter_class
from tenants.models import Scope
from tenants.rls import tenant_scope


class TemplateSerializer(serializers.Serializer[Any]):
    """What to paste for one kind of event, as the vendor names it."""

    event = serializers.CharField()
    body = serializers.CharField()


class SetupSerializer(serializers.Serializer[Any]):
    """How a person has the vendor call `callback_url`, where no API can."""

    steps = serializers.ListField(child=serializers.CharField())
    method = serializers.CharField()
    templates = TemplateSerializer(many=True)


class LastDeliverySerializer(serializers.Serializer[Any]):
    """What arrived last."""

    received_at = TimeField()
    status = serializers.ChoiceField(choices=Delivery.Status.values)
    note = serializers.CharField(allow_blank=True, help_text="what is wrong with it, or why it changed nothing")


class ShownSubscriptionSerializer(SubscriptionSerializer):
    last_delivery = LastDeliverySerializer(allow_null=True)
    setup = SetupSerializer(allow_null=True, help_text="null where the vendor's API does it")


class AccountSubscriptions(AccountView):
    required_scopes = {"GET": Scope.ACCOUNTS_READ}

    @extend_schema(operation_id="accounts_subscriptions", responses=page_schema(ShownSubscriptionSerializer))
    def get(self, request: Request, account_id: str) -> Response:
        """Our subscriptions to the vendor's events. `callback_url` is shown to those who may manage accounts."""
        account = self.find(account_id)
        may_manage = self.principal.has_scope(Scope.ACCOUNTS_MANAGE)
        with tenant_scope(self.principal.tenant_id):
            current = account.subscriptions.exclude(status="ended").order_by("id")
            shown = [_shown(account, each, with_callback=may_manage) for each in current]
        return page_of(shown, None)


def _shown(account: PbxAccount, row: VendorSubscription, *, with_callback: bool) -> dict[str, Any]:
    mine = Delivery.objects.filter(account_id=account.pk, subscription_id=row.pk).order_by("-received_at")
    last = mine.only("received_at", "status", "note").first()
    told = {"received_at": rfc3339(last.received_at), "status": last.status, "note": last.note} if last else None
    pasted = adapter_class(account.vendor).pasted_subscription if row.transport == "webhook" else None
    return {
        **subscription_json(account.vendor, row, last.received_at if last else None, with_callback=with_callback),
        "last_delivery": told,
        "setup": None if pasted is None else to_builtins(pasted),
    }
