"""The things of the API, field by field, as its documentation has them; cti/api/representations.py fills them."""

from typing import Any

from rest_framework import serializers

from cti.control.actions import ACTIONS
from cti.control.fields import PublicIdField, TimeField
from integrations.contract.capabilities import Capability, grouped
from integrations.contract.events import Direction, EndReason
from integrations.models import PbxAccount, VendorSubscription
from tenants.models import Role, Scope

CALL_STATES = ["initiated", "alerting", "connected", "held", "queued", "parked", "ended"]


class CapabilitiesSerializer(serializers.Serializer[Any]):
    """`{"calls": ["hangup", …], "recording": […], …}`. A group of which nothing can be done is left out."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        groups = sorted(grouped(Capability))
        return {group: serializers.ListField(child=serializers.CharField(), required=False) for group in groups}


class TagSerializer(serializers.Serializer[Any]):
    """What a call can be tagged with."""

    name = serializers.CharField()


class VendorSerializer(serializers.Serializer[Any]):
    """A PBX vendor of the catalogue."""

    key = serializers.CharField()
    name = serializers.CharField()
    auth = serializers.ChoiceField(choices=["oauth2", "api_key", "password", "ticket"])
    fields = serializers.DictField(help_text="JSON Schema of what an account needs")  # type: ignore[assignment]  # DRF takes it off the class
    capabilities = CapabilitiesSerializer()
    event_transport = serializers.ChoiceField(choices=["webhook", "sse", "websocket", "poll"])
    remarks = serializers.ListField(child=serializers.CharField(), help_text="what to know beforehand")


class AccountSerializer(serializers.Serializer[Any]):
    """A connected PBX. Its credentials never come back."""

    id = PublicIdField("acc")
    vendor = serializers.CharField()
    name = serializers.CharField()
    base_url = serializers.CharField()
    status = serializers.ChoiceField(choices=PbxAccount.Status.values)
    status_detail = serializers.CharField(allow_blank=True, help_text="in words: what is wrong and what to do")
    settings = serializers.DictField()
    authorize_url = serializers.URLField(
        allow_null=True, help_text="while an admin has to authorize: the page of ours where a browser begins"
    )
    granted_scopes = serializers.ListField(child=serializers.CharField(), allow_null=True)
    missing_permissions = serializers.ListField(
        child=serializers.CharField(), help_text="sentences: what doesn't work because the vendor didn't permit it"
    )
    created_at = TimeField()
    last_event_at = TimeField(allow_null=True)
    directory_synced_at = TimeField(allow_null=True)


class SubscriptionSerializer(serializers.Serializer[Any]):
    """Our subscription to the vendor's events."""

    id = PublicIdField("sub")
    transport = serializers.CharField()
    status = serializers.ChoiceField(choices=VendorSubscription.Status.values)
    mode = serializers.CharField(allow_null=True)
    event_types = serializers.ListField(child=serializers.CharField())
    expires_at = TimeField(allow_null=True)
    renewed_at = TimeField(allow_null=True)
    last_event_at = TimeField(allow_null=True)
    last_error = serializers.CharField(allow_null=True)
    callback_url = serializers.URLField(
        allow_null=True, help_text="secret: whoever knows it can tell us events; null for who may not manage accounts"
    )


class AuthorizeSerializer(serializers.Serializer[Any]):
    """Where to authorize."""

    authorize_url = serializers.URLField(help_text="a page of ours, for the browser of a signed-in admin")


class CheckSerializer(serializers.Serializer[Any]):
    """What a live round trip to the vendor showed."""

    ok = serializers.BooleanField()
    detail = serializers.CharField(help_text="in words: what was seen, or what is wrong and what to do")
    latency_ms = serializers.FloatField()


class SyncSerializer(serializers.Serializer[Any]):
    """What reading the vendor's directory brought."""

    extensions = serializers.IntegerField(help_text="how many the vendor lists")
    synced_at = TimeField()


class DeviceSerializer(serializers.Serializer[Any]):
    """A phone, or a program that acts as one."""

    device_id = serializers.CharField(help_text="the vendor's own id, as it stands in calls' legs and commands take it")
    name = serializers.CharField()
    type = serializers.CharField(allow_blank=True, help_text="the vendor's word")
    online = serializers.BooleanField(allow_null=True, help_text="null where the vendor doesn't tell")
    active = serializers.BooleanField(help_text="whether calls placed without naming a device use it")


class PresenceSerializer(serializers.Serializer[Any]):
    """What a user says of themselves; null is what the vendor doesn't tell."""

    activity = serializers.CharField(allow_null=True, help_text="the vendor's word, as its own catalogue has it")
    available = serializers.BooleanField(allow_null=True)
    note = serializers.CharField(allow_null=True)
    expires_at = TimeField(allow_null=True)


class DiversionSerializer(serializers.Serializer[Any]):
    """Where a line's calls go instead."""

    active = serializers.BooleanField()
    number = serializers.CharField(allow_null=True)
    rules = serializers.DictField(help_text="the vendor's own, where it has more than one number")


class ExtensionSerializer(serializers.Serializer[Any]):
    """An extension of a PBX; `member_id` is the agent whose line it is."""

    id = PublicIdField("ext")
    account_id = PublicIdField("acc")
    vendor_extension_id = serializers.CharField()
    number = serializers.CharField()
    external_number = serializers.CharField(allow_null=True)
    name = serializers.CharField()
    type = serializers.ChoiceField(choices=["user", "dialplan", "queue", "device"])
    member_id = PublicIdField("mem", allow_null=True)
    presence = PresenceSerializer(allow_null=True, help_text="as last heard; null where the PBX hasn't told of it")
    line_state = serializers.CharField(allow_null=True, help_text="as last heard; null where the PBX hasn't told of it")


class CallerIdSerializer(serializers.Serializer[Any]):
    """A number that an extension may show as its own."""

    caller_id = serializers.CharField(help_text="the vendor's id of it")
    number = serializers.CharField(allow_null=True, help_text="null: to show none")


class PartySerializer(serializers.Serializer[Any]):
    """Somebody on a call."""

    number = serializers.CharField(allow_null=True, help_text="E.164 where it can be, else as dialled")
    number_raw = serializers.CharField(allow_null=True, help_text="as the vendor sent it")
    name = serializers.CharField(allow_null=True)
    extension_id = PublicIdField("ext", allow_null=True)
    anonymous = serializers.BooleanField()


class LegSerializer(serializers.Serializer[Any]):
    """A party's connection to a call (CSTA)."""

    id = PublicIdField("leg")
    vendor_leg_id = serializers.CharField(allow_null=True)
    extension_id = PublicIdField("ext", allow_null=True)
    device_id = serializers.CharField(allow_null=True)
    number = serializers.CharField(allow_null=True)
    name = serializers.CharField(allow_null=True)
    role = serializers.ChoiceField(choices=["caller", "callee", "participant", "supervisor"])
    state = serializers.ChoiceField(choices=["initiated", "alerting", "connected", "hold", "queued", "fail", "null"])
    muted = serializers.BooleanField()
    joined_at = TimeField()
    left_at = TimeField(allow_null=True)
    end_reason = serializers.ChoiceField(choices=list(EndReason), allow_null=True)


class RecordingSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=["off", "on", "paused"])
    saved = serializers.BooleanField()


class _CallFields(serializers.Serializer[Any]):
    id = PublicIdField("call")
    account_id = PublicIdField("acc")
    vendor = serializers.CharField()
    vendor_call_id = serializers.CharField(allow_null=True)
    external_id = serializers.CharField(allow_null=True, help_text="yours, given with POST /calls")
    direction = serializers.ChoiceField(choices=list(Direction))
    state = serializers.ChoiceField(choices=CALL_STATES)
    version = serializers.IntegerField(help_text="grows with every change; the ETag")
    to = PartySerializer()
    via = PartySerializer(allow_null=True)
    queue_id = PublicIdField("que", allow_null=True)
    legs = LegSerializer(many=True)
    recording = RecordingSerializer()
    tags = serializers.ListField(child=serializers.CharField())
    parked_at = serializers.CharField(allow_null=True, help_text="the place that it is parked at, while it is parked")
    conference = serializers.BooleanField(help_text="several talk with each other, as opposed to a consultation")
    muted = serializers.BooleanField()
    started_at = TimeField()
    answered_at = TimeField(allow_null=True)
    ended_at = TimeField(allow_null=True)
    end_reason = serializers.ChoiceField(choices=list(EndReason), allow_null=True)
    missed = serializers.BooleanField(help_text="an inbound call that ended unanswered")
    contact = serializers.DictField(allow_null=True)
    actions = serializers.ListField(
        child=serializers.ChoiceField(choices=list(ACTIONS)), help_text="what can be done to this call now"
    )


# `from` is a word of Python's, so this class is made where it can be a string.
CallSerializer = type(
    "CallSerializer",
    (_CallFields,),
    {"__doc__": "What a customer experiences as one call.", "from": PartySerializer()},
)


class EventSerializer(serializers.Serializer[Any]):
    """An event of the log."""

    id = PublicIdField("evt")
    type = serializers.CharField()
    sequence = serializers.IntegerField(help_text="grows by exactly 1 within the tenant")
    occurred_at = TimeField()
    received_at = TimeField()
    tenant_id = PublicIdField("ten")
    account_id = PublicIdField("acc", allow_null=True)
    vendor = serializers.CharField(allow_null=True)
    data = serializers.DictField(help_text="`call` as it was right after, and `change`")  # type: ignore[assignment]  # DRF takes it off the class


class TenantSerializer(serializers.Serializer[Any]):
    id = PublicIdField("ten")
    name = serializers.CharField()
    slug = serializers.CharField()
    region = serializers.CharField(help_text="ISO 3166 country of numbers without a country code")


class ActorSerializer(serializers.Serializer[Any]):
    type = serializers.ChoiceField(choices=["api_key", "member"])
    id = serializers.CharField(help_text="`key_…` or `mem_…`")
    name = serializers.CharField()


class MeSerializer(serializers.Serializer[Any]):
    """Whose credential this is."""

    tenant = TenantSerializer()
    actor = ActorSerializer()
    role = serializers.ChoiceField(choices=Role.values, allow_null=True, help_text="null for API keys")
    member_id = PublicIdField("mem", allow_null=True)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Scope.values))
    extensions = ExtensionSerializer(many=True, help_text="the member's own lines")
