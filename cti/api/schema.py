"""How the API describes itself as OpenAPI: what every operation has, beside what its view declares."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers

from cti.api.errors import ERROR_CODES

Fields = dict[str, serializers.Field[Any, Any, Any, Any]]
_UUID = "[0-9a-f]{32}"
_IDS = {
    "account_id": ("acc", _UUID),
    "call_id": ("call", _UUID),
    "extension_id": ("ext", _UUID),
    "queue_id": ("que", _UUID),
    "recording_id": ("rec", "[a-z2-7]+"),
}
"""What the ids in addresses are like."""

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="A text of your own, at most 255 characters: sending the same request with it again, within 24 hours,"
    " answers the first answer and does nothing.",
)


class VendorProblemSerializer(serializers.Serializer[Any]):
    """The vendor's own words."""

    name = serializers.CharField(allow_null=True)
    status = serializers.IntegerField(allow_null=True)
    code = serializers.CharField(allow_null=True)
    message = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """RFC 9457 problem details."""

    type = serializers.URLField(help_text="documentation of the code")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="a sentence for a person")
    code = serializers.ChoiceField(choices=list(ERROR_CODES), help_text="stable: what programs switch on")
    errors = serializers.DictField(  # type: ignore[assignment]  # DRF takes it off the class
        child=serializers.ListField(child=serializers.CharField()), allow_null=True, help_text="by field, in sentences"
    )
    vendor = VendorProblemSerializer(allow_null=True)
    request_id = serializers.CharField()


class ApiSchema(AutoSchema):
    """Adds the errors that any operation may answer, the ids in addresses, and Idempotency-Key to every POST."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: ComponentRegistry
    ) -> dict[str, Any] | None:
        operation = super().get_operation(path, path_regex, path_prefix, method, registry)
        if operation is not None:
            problem = {"schema": self.resolve_serializer(ProblemSerializer, "response").ref}
            for statuses in ("4XX", "5XX"):
                operation["responses"][statuses] = {
                    "description": "A problem",
                    "content": {"application/problem+json": problem},
                }
        return operation

    def get_override_parameters(self) -> list[Any]:
        ids = [
            OpenApiParameter(name, {"type": "string", "pattern": f"^{prefix}_{digits}$"}, OpenApiParameter.PATH)
            for name, (prefix, digits) in _IDS.items()
            if f"{{{name}}}" in self.path
        ]
        return [*ids, IDEMPOTENCY_KEY] if self.method == "POST" else ids

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix("/api/v1/").partition("/")[0]]


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its base registers it
    target_class = "tenants.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "pb_<prefix>_<secret>"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # likewise
    target_class = "tenants.authentication.MemberSessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "with X-CSRFToken on changes"}


def page_schema(serializer: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """A list answer of these."""
    name = serializer.__name__.removesuffix("Serializer")
    fields: Fields = {
        "results": serializer(many=True),
        "next": serializers.CharField(allow_null=True, help_text="the cursor of the next page; null on the last"),
    }
    return inline_serializer(f"{name}Page", fields)
