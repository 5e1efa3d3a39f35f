"""Queues, field by field, as the documentation has them; cti/queues/records.py fills them."""

from typing import Any

from rest_framework import serializers

from cti.control.fields import PublicIdField, TimeField
from cti.queues.known import AGENT_STATES


class QueueStatsSerializer(serializers.Serializer[Any]):
    """As the vendor counts; null is what it doesn't tell. Times in seconds."""

    waiting = serializers.IntegerField(allow_null=True)
    longest_wait_s = serializers.FloatField(allow_null=True)
    agents_logged_in = serializers.IntegerField(allow_null=True)
    agents_available = serializers.IntegerField(allow_null=True)
    answered = serializers.IntegerField(allow_null=True)
    abandoned = serializers.IntegerField(allow_null=True)
    average_wait_s = serializers.FloatField(allow_null=True)


class AgentChoiceSerializer(serializers.Serializer[Any]):
    """What an agent may name: `code` is for the request, `name` for people."""

    code = serializers.CharField()
    name = serializers.CharField()


class QueueSerializer(serializers.Serializer[Any]):
    """A queue of callers."""

    id = PublicIdField("que")
    account_id = PublicIdField("acc")
    vendor_queue_id = serializers.CharField()
    number = serializers.CharField(allow_null=True)
    name = serializers.CharField()
    extension_id = PublicIdField("ext", allow_null=True, help_text="the queue's own entry in the directory")
    pause_codes = AgentChoiceSerializer(many=True, help_text="why its agents may pause; empty where there are no codes")
    skills = AgentChoiceSerializer(many=True, help_text="with what its agents may log in; empty where there are none")
    stats = QueueStatsSerializer()
    stats_at = TimeField(allow_null=True, help_text="when the vendor told them")
    stats_age_s = serializers.FloatField(allow_null=True, help_text="how old they are")


class QueueAgentSerializer(serializers.Serializer[Any]):
    """A user's part in a queue."""

    extension_id = PublicIdField("ext", allow_null=True)
    vendor_extension_id = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=AGENT_STATES)
    pause_code = serializers.CharField(allow_null=True)
    skill = serializers.CharField(allow_null=True)
    since = TimeField(allow_null=True, help_text="when this state began, as far as anybody knows")
    logged_in_at = TimeField(allow_null=True)


class QueueCallSerializer(serializers.Serializer[Any]):
    """A caller who waits."""

    call_id = PublicIdField(
        "call", allow_null=True, help_text="null while we don't know the call, or you may not see it"
    )
    vendor_call_id = serializers.CharField()
    number = serializers.CharField(allow_null=True)
    name = serializers.CharField(allow_null=True)
    position = serializers.IntegerField(allow_null=True)
    waiting_since = TimeField(allow_null=True)


class QueueCommandSerializer(serializers.Serializer[Any]):
    """What the vendor accepted."""

    queue_id = PublicIdField("que")
    extension_id = PublicIdField("ext")
    action = serializers.CharField()
