"""/messages: short messages."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cti.api.idempotent import idempotent
from cti.api.views import ApiView
from cti.control.fields import PublicIdField
from cti.control.messages import MessageParams, send_message
from tenants.models import Scope


class MessageSerializer(serializers.Serializer[Any]):
    """A message that the vendor has taken."""

    account_id = PublicIdField("acc")
    vendor_message_id = serializers.CharField(allow_null=True, help_text="where the vendor tells one")
    to = serializers.CharField()
    text = serializers.CharField()


class Messages(ApiView):
    required_scopes = {"POST": Scope.CALLS_CONTROL}

    @extend_schema(operation_id="messages_send", request=MessageParams, responses={202: MessageSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Sends a short message. 202: the vendor has taken it; whether it arrives isn't told."""
        return Response(send_message(self.principal, request.data, request), status=202)
