"""Sending a short message: the same checks as for placing a call."""

from typing import Any

from django.http import HttpRequest
from rest_framework import serializers

from cti.calls.numbers import dialable
from cti.control.capabilities import find_account, require
from cti.control.fields import PublicIdField, Target, TargetField
from cti.control.lines import line_of, require_own_line
from cti.control.params import read_params
from cti.control.vendor import ask
from integrations.contract.capabilities import Capability
from integrations.contract.things import Message
from integrations.models import Extension
from tenants import audit
from tenants.principals import Principal
from tenants.rls import tenant_scope


class MessageParams(serializers.Serializer[Any]):
    """A message to a number. `from` is a number or an extension of the account's; the vendor chooses where it is left out."""

    account_id = PublicIdField("acc")
    to = serializers.CharField(max_length=40)
    text = serializers.CharField(max_length=1600, trim_whitespace=False)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {"from": TargetField(required=False), **super().get_fields()}  # a word of Python's can't be an attribute

    def validate_to(self, to: str) -> str:
        try:
            return dialable(to, self.context["region"])
        except ValueError as error:
            raise serializers.ValidationError(f"No message can be sent there: {error}.") from error


def send_message(principal: Principal, body: Any, request: HttpRequest | None = None) -> dict[str, Any]:
    """Sends it; answers what the vendor took. Agents send from their own lines. Raises DRF's errors, and the contract's."""
    with tenant_scope(principal.tenant_id):
        params = read_params(MessageParams, body, principal.region)
        account = find_account(params["account_id"])
        require(account, Capability.SEND_MESSAGE)
        line = line_of(params["from"], account) if "from" in params else None
        require_own_line(principal, line)
    sender = _sender(params["from"], line) if "from" in params else None
    message = Message(from_=sender, to=params["to"], text=params["text"])
    vendor_id = ask(account, "send_message", lambda adapter: adapter.send_message(message))
    with tenant_scope(principal.tenant_id):
        audit.record(principal, "message.sent", account.public_id, {"to": params["to"]}, request)
    return {
        "account_id": account.public_id,
        "vendor_message_id": vendor_id,
        "to": params["to"],
        "text": params["text"],
    }


def _sender(target: Target, line: Extension | None) -> str | None:
    """As the vendor knows it. Internal numbers stand for their extension; others are what is to be shown, whoever has them."""
    if line is None or (target.number or "").startswith("+"):
        return target.number
    return line.vendor_extension_id
