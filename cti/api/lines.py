"""/extensions/{id}/…: what is behind a line at its vendor: devices, presence, diversion."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cti.api.directory import find_line
from cti.api.representations import device_json, diversion_json, presence_json
from cti.api.schema import page_schema
from cti.api.serializers import DeviceSerializer, DiversionSerializer, PresenceSerializer
from cti.api.views import ApiView, page_of, read_body
from cti.control.devices import list_devices
from cti.control.fields import TimeField
from cti.control.lines import require_own_line
from cti.presence import lines
from integrations.contract.things import Diversion, Presence
from integrations.models import Extension, PbxAccount
from tenants import audit
from tenants.models import Scope
from tenants.rls import tenant_scope


class Devices(ApiView):
    required_scopes = {"GET": Scope.DIRECTORY_READ}

    @extend_schema(operation_id="extensions_devices", responses=page_schema(DeviceSerializer))
    def get(self, request: Request, extension_id: str) -> Response:
        """The line's devices, asked of the vendor now. `device_id` is what commands on calls take."""
        line, account = find_line(self.principal, extension_id)
        return page_of([device_json(each) for each in list_devices(account, line)], None)


class LineView(ApiView):
    """Reading is for the directory's readers; changing is calls' control, for agents of their own lines."""

    required_scopes = {"GET": Scope.DIRECTORY_READ, "PUT": Scope.CALLS_CONTROL}

    def find_to_change(self, extension_id: str) -> tuple[Extension, PbxAccount]:
        """Raises NotFound, and PermissionDenied to agents whose line it isn't."""
        line, account = find_line(self.principal, extension_id)
        with tenant_scope(self.principal.tenant_id):
            require_own_line(self.principal, line)
        return line, account

    def record(self, action: str, line: Extension, fields: list[str]) -> None:
        with tenant_scope(self.principal.tenant_id):
            audit.record(self.principal, action, line.public_id, {"fields": sorted(fields)}, self.request)


class PresenceChange(serializers.Serializer[Any]):
    """What is left out, or null, stays as it is."""

    activity = serializers.CharField(required=False, allow_null=True, max_length=100, help_text="the vendor's word")
    available = serializers.BooleanField(required=False, allow_null=True)
    note = serializers.CharField(required=False, allow_null=True, allow_blank=True, max_length=500)
    expires_at = TimeField(required=False, allow_null=True)


class LinePresence(LineView):
    @extend_schema(operation_id="extensions_presence", responses=PresenceSerializer)
    def get(self, request: Request, extension_id: str) -> Response:
        """What the line's user says of themselves, asked of the vendor now."""
        line, account = find_line(self.principal, extension_id)
        return Response(presence_json(lines.read_presence(account, line)))

    @extend_schema(operation_id="extensions_set_presence", request=PresenceChange, responses=PresenceSerializer)
    def put(self, request: Request, extension_id: str) -> Response:
        """Changes what is given; answers how it stands then."""
        line, account = self.find_to_change(extension_id)
        body = read_body(request, PresenceChange)
        told = lines.set_presence(account, line, Presence(**body))
        self.record("extension.presence_set", line, list(body))
        return Response(presence_json(told))


class DiversionChange(serializers.Serializer[Any]):
    """Replaces the diversion as a whole."""

    active = serializers.BooleanField()
    number = serializers.CharField(required=False, allow_null=True, max_length=40)
    rules = serializers.DictField(required=False, help_text="the vendor's own, where it has more than one number")


class LineDiversion(LineView):
    @extend_schema(operation_id="extensions_diversion", responses=DiversionSerializer)
    def get(self, request: Request, extension_id: str) -> Response:
        """Where the line's calls go instead, asked of the vendor now."""
        line, account = find_line(self.principal, extension_id)
        return Response(diversion_json(lines.read_diversion(account, line)))

    @extend_schema(operation_id="extensions_set_diversion", request=DiversionChange, responses=DiversionSerializer)
    def put(self, request: Request, extension_id: str) -> Response:
        """Diverts the line's calls, or no longer; answers how it stands then."""
        line, account = self.find_to_change(extension_id)
        body = read_body(request, DiversionChange)
        told = lines.set_diversion(account, line, Diversion(**body))
        self.record("extension.diversion_set", line, list(body))
        return Response(diversion_json(told))
