"""The bodies of commands: what `POST /calls` and each action take. One place for REST, the websocket and the documentation."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from common.ids import public_id
from cti.control.actions import VARIANT_FIELDS
from cti.control.fields import PublicIdField, TargetField, read_target

_ID = 200


class OriginateParams(serializers.Serializer[Any]):
    """A call to place. The extension or number in `from` is rung first."""

    account_id = PublicIdField("acc")
    to = TargetField()
    caller_id = serializers.CharField(required=False, max_length=_ID, help_text="where the vendor takes one")
    device_id = serializers.CharField(required=False, max_length=_ID, help_text="where the vendor has devices")
    external_id = serializers.CharField(required=False, max_length=_ID, allow_blank=True, help_text="yours; kept")
    options = serializers.DictField(required=False, help_text="the vendor's own, see its README")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {"from": TargetField(), **super().get_fields()}  # a word of Python's can't be an attribute


class LegParams(serializers.Serializer[Any]):
    """Which leg or device acts, where that matters."""

    leg_id = PublicIdField("leg", required=False)
    device_id = serializers.CharField(required=False, max_length=_ID)


class TransferParams(LegParams):
    to = TargetField()
    mode = serializers.ChoiceField(choices=["blind", "attended", "voicemail", "camp_on"], default="blind")


class CompleteTransferParams(LegParams):
    target_call_id = PublicIdField("call", required=False)


class ConsultParams(LegParams):
    to = TargetField()


class ConferenceParams(LegParams):
    target_call_id = PublicIdField("call")


class MoveParams(LegParams):
    device_id = serializers.CharField(max_length=_ID)


class PickupParams(LegParams):
    """`extension_id` is the line that takes the call, `device_id` one of its devices."""

    extension_id = PublicIdField("ext")


class DtmfParams(LegParams):
    digits = serializers.RegexField(r"^[0-9A-D*#,]+$", max_length=64)


class RecordingParams(LegParams):
    action = serializers.ChoiceField(choices=["start", "stop", "pause", "resume", "save", "discard"])


class SuperviseParams(LegParams):
    """Who supervises: one of our extensions, or a number. `leg_id` is the leg that is listened to."""

    mode = serializers.ChoiceField(choices=["listen", "whisper", "barge"])
    extension_id = PublicIdField("ext", required=False)
    number = serializers.CharField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Takes the two together as `by`."""
        extension_id, number = attrs.pop("extension_id", None), attrs.pop("number", None)
        given = {"extension_id": public_id("ext", extension_id) if extension_id else None, "number": number}
        return attrs | {"by": read_target(given, self.context["region"])}


class TagsParams(serializers.Serializer[Any]):
    add = serializers.ListField(child=serializers.CharField(max_length=100), required=False, max_length=100)
    remove = serializers.ListField(child=serializers.CharField(max_length=100), required=False, max_length=100)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not any(attrs.values()):
            raise serializers.ValidationError("Give tags to `add` or to `remove`.")
        return attrs | {"change": "remove" if attrs.get("remove") else "add"}


class DisconnectLegParams(serializers.Serializer[Any]):
    leg_id = PublicIdField("leg")


# What isn't listed takes LegParams.
ACTION_PARAMS: dict[str, type[serializers.Serializer[Any]]] = {
    "transfer": TransferParams,
    "complete-transfer": CompleteTransferParams,
    "consult": ConsultParams,
    "conference": ConferenceParams,
    "move": MoveParams,
    "pickup": PickupParams,
    "dtmf": DtmfParams,
    "recording": RecordingParams,
    "supervise": SuperviseParams,
    "tags": TagsParams,
    "disconnect-leg": DisconnectLegParams,
}


def read_params(serializer: type[serializers.Serializer[Any]], body: Any, region: str) -> dict[str, Any]:
    """A command's body, validated. Raises DRF's ValidationError with a sentence for each field."""
    reader = serializer(data={} if body is None else body, context={"region": region})
    reader.is_valid(raise_exception=True)
    data: dict[str, Any] = reader.validated_data
    return data


def read_action(action: str, body: Any, region: str) -> dict[str, Any]:
    """As `read_params`, for an action of a call."""
    return read_params(ACTION_PARAMS.get(action, LegParams), body, region)


def variant_of(action: str, params: Mapping[str, Any]) -> str:
    """Which of the action's operations is asked for: a key of ACTIONS[action]."""
    field = VARIANT_FIELDS.get(action)
    return str(params[field]) if field else ""
