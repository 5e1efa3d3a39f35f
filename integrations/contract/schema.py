"""JSON Schema of what several vendors' accounts are asked for."""

from collections.abc import Mapping
from typing import Any

SECRET: Mapping[str, Any] = {"type": "string", "minLength": 1, "writeOnly": True}
"""What is never shown again."""


def verify_tls_setting(server: str = "a server of your own") -> Mapping[str, Any]:
    """The JSON Schema of the setting `verify_tls`, for vendors whose software customers may run on `server`."""
    return {
        "type": "boolean",
        "title": "Check the TLS certificate",
        "description": f"Switch off only for {server} with a self-signed certificate",
        "default": True,
    }
