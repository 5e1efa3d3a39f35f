"""A vendor without a network: it asks for every kind of field, and takes one password."""

from collections.abc import Sequence

from integrations.contract.adapter import PbxAdapter
from integrations.contract.capabilities import Capability
from integrations.contract.commands import CheckResult
from integrations.contract.errors import VendorRejected, VendorUnavailable
from integrations.contract.things import VendorExtension

PASSWORD = "open sesame"
HOSTILE = "<img src=x onerror=alert(1)>"


class FakePbx(PbxAdapter):
    """Its directory can't be had while `lines` is 0."""

    key = "fake"
    label = "Fake PBX"
    auth = "password"
    event_transport = "webhook"
    default_base_url = "http://{host}/api"
    credentials_schema = {
        "type": "object",
        "properties": {
            "user": {"type": "string", "title": "User", "minLength": 1},
            "password": {"type": "string", "title": "Password", "minLength": 1, "writeOnly": True},
            "users": {
                "type": "array",
                "title": "Users",
                "writeOnly": True,
                "items": {
                    "type": "object",
                    "properties": {
                        "user": {"type": "string", "minLength": 1},
                        "password": {"type": "string", "minLength": 1, "writeOnly": True},
                    },
                    "required": ["user", "password"],
                    "additionalProperties": False,
                },
            },
        },
        "anyOf": [
            {"title": "One user", "required": ["user", "password"]},
            {"title": "A list of users", "required": ["users"]},
        ],
        "additionalProperties": False,
    }
    settings_schema = {
        "type": "object",
        "properties": {
            "lines": {"type": "integer", "title": "Lines", "minimum": 0, "maximum": 9, "default": 2},
            "transport": {"type": "string", "title": "Transport", "enum": ["webhook", "sse"], "default": "webhook"},
            "watched": {"type": "array", "title": "Watched", "description": "Numbers.", "items": {"type": "string"}},
            "verify_tls": {"type": "boolean", "title": "Check the TLS certificate", "default": True},
            "paths": {"type": "object", "title": "Paths", "additionalProperties": {"type": "string"}},
            "manager": {
                "type": "object",
                "properties": {"secret": {"type": "string", "title": "Manager's secret", "writeOnly": True}},
            },
        },
        "additionalProperties": False,
    }
    declared = frozenset({Capability.LIST_EXTENSIONS})
    remarks = ("It isn't there.",)

    async def check(self) -> CheckResult:
        users = self.account.credentials.get("users", [self.account.credentials])
        if any(user["password"] != PASSWORD for user in users):
            raise VendorRejected("Fake PBX doesn't know that user and password. Check them.", status=401)
        return CheckResult(ok=True, detail="it hums", latency_ms=12.3)

    async def list_extensions(self) -> Sequence[VendorExtension]:
        count = self.account.settings.get("lines", 2)
        if not count:
            raise VendorUnavailable("Fake PBX is asleep")
        return [VendorExtension(f"vendor-{n}", f"10{n}", HOSTILE, "user") for n in range(count)]
