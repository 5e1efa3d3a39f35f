"""The guarded HTTP client with an account's own choices."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from common.http import HttpClient


def open_http(account_settings: Mapping[str, Any]) -> HttpClient:
    """A client that checks TLS certificates unless the account's settings say not to."""
    return HttpClient(
        allowed_networks=settings.PATCHBAY_ALLOWED_PRIVATE_NETWORKS,
        verify_tls=bool(account_settings.get("verify_tls", True)),
    )
