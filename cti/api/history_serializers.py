"""What is over, field by field, as the documentation has it; cti/history/records.py fills it."""

from typing import Any

from rest_framework import serializers

from cti.control.fields import PublicIdField, TimeField
from integrations.contract.events import Direction


class RecordPartySerializer(serializers.Serializer[Any]):
    number = serializers.CharField(allow_null=True, help_text="E.164 where it can be, else as the vendor wrote it")
    name = serializers.CharField(allow_null=True)


class _CallRecordFields(serializers.Serializer[Any]):
    source = serializers.ChoiceField(choices=["patchbay", "vendor"])  # type: ignore[assignment]  # DRF takes it off the class
    call_id = PublicIdField("call", allow_null=True, help_text="null for vendors' entries whose call we don't have")
    account_id = PublicIdField("acc")
    direction = serializers.ChoiceField(choices=list(Direction))
    to = RecordPartySerializer()
    extension_id = PublicIdField("ext", allow_null=True)
    started_at = TimeField()
    ended_at = TimeField(allow_null=True, help_text="null where the vendor tells the duration alone")
    duration_s = serializers.FloatField(allow_null=True, help_text="of our own calls: of the conversation")
    missed = serializers.BooleanField()
    result = serializers.CharField(allow_blank=True, help_text="our `end_reason`, or the vendor's word")
    recording_id = serializers.CharField(allow_null=True, help_text="`rec_…`, for GET /recordings/{id}")
    vendor_item_id = serializers.CharField(allow_null=True)


# `from` is a word of Python's, so these classes are made where it can be a string.
CallRecordSerializer = type(
    "CallRecordSerializer",
    (_CallRecordFields,),
    {"__doc__": "A call that has ended.", "from": RecordPartySerializer()},
)


class _VoicemailFields(serializers.Serializer[Any]):
    vendor_voicemail_id = serializers.CharField()
    account_id = PublicIdField("acc")
    extension_id = PublicIdField("ext", allow_null=True)
    received_at = TimeField()
    duration_s = serializers.FloatField(allow_null=True)
    heard = serializers.BooleanField(allow_null=True)


VoicemailSerializer = type(
    "VoicemailSerializer",
    (_VoicemailFields,),
    {"__doc__": "A message that a caller left.", "from": RecordPartySerializer()},
)
