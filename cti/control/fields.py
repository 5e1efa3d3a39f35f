"""Serializer fields of the API's conventions: prefixed ids, times, and where a call goes to."""

from datetime import datetime
from typing import Any
from uuid import UUID

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import extend_schema_field
from msgspec import Struct
from rest_framework import serializers

from common.ids import InvalidId, parse_id, public_id
from common.times import rfc3339
from cti.calls.numbers import dialable


class PublicIdField(serializers.Field[UUID, str, str, Any]):
    """A UUID inside, `acc_…` outside."""

    def __init__(self, prefix: str, **options: Any) -> None:
        self.prefix = prefix
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> UUID:
        try:
            return parse_id(self.prefix, str(data))
        except InvalidId as error:
            raise serializers.ValidationError(f"Give an id of the form {self.prefix}_….") from error

    def to_representation(self, value: UUID) -> str:
        return public_id(self.prefix, value)


class PublicIdSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # its base registers it
    target_class = "cti.control.fields.PublicIdField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{self.target.prefix}_[0-9a-f]{{32}}$"}


class TimeField(serializers.DateTimeField):
    """RFC 3339, UTC, milliseconds."""

    def to_representation(self, value: Any) -> Any:
        return rfc3339(value) if isinstance(value, datetime) else value


class Target(Struct, frozen=True):
    """Where a call goes to or comes from: one of our extensions, or a number that can be dialled."""

    extension_id: UUID | None = None
    number: str | None = None


def read_target(data: Any, region: str) -> Target:
    """A number as somebody typed or pasted it, or an extension's id. Raises DRF's ValidationError."""
    if isinstance(data, str):
        data = {"extension_id": data} if data.startswith("ext_") else {"number": data}
    given = {name: value for name, value in data.items() if value not in (None, "")} if isinstance(data, dict) else {}
    if len(given) != 1 or not given.keys() <= {"number", "extension_id"}:
        raise serializers.ValidationError('Give either {"number": …} or {"extension_id": …}.')
    try:
        if "extension_id" in given:
            return Target(extension_id=parse_id("ext", str(given["extension_id"])))
        return Target(number=dialable(str(given["number"]), region))
    except ValueError as error:  # InvalidId is one
        raise serializers.ValidationError(f"This can't be called: {error}.") from error


@extend_schema_field(
    {
        "oneOf": [
            {"type": "object", "properties": {"number": {"type": "string"}}, "required": ["number"]},
            {"type": "object", "properties": {"extension_id": {"type": "string"}}, "required": ["extension_id"]},
            {"type": "string", "description": "a number, or an extension's id"},
        ]
    }
)
class TargetField(serializers.Field[Target, Any, Any, Any]):
    """`{"number": …}` as somebody typed or pasted it, or `{"extension_id": …}`. The context names the `region`."""

    def to_internal_value(self, data: Any) -> Target:
        return read_target(data, self.context["region"])

    def to_representation(self, value: Target) -> Any:
        return {"number": value.number} if value.number else {"extension_id": value.extension_id}
