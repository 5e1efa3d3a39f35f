"""The guarded HTTP client with an account's own choices."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

from django.conf import settings

from common.http import HttpClient


def open_http(account_settings: Mapping[str, Any]) -> HttpClient:
    """A client that checks TLS certificates unless the account's settings say not to."""
    return HttpClient(
        allowed_networks=settings.PATCHBAY_ALLOWED_PRIVATE_NETWORKS, verify_tls=_verifies_tls(account_settings)
    )


class SharedHttp:
    """Clients that thousands of accounts share, each with any number of connections."""

    def __init__(self, checking: HttpClient, trusting: HttpClient) -> None:
        self._checking = checking
        self._trusting = trusting

    def __call__(self, account_settings: Mapping[str, Any]) -> AbstractAsyncContextManager[HttpClient]:
        """As `open_http`, but it stays open."""
        return nullcontext(self._checking if _verifies_tls(account_settings) else self._trusting)


@asynccontextmanager
async def open_shared_http() -> AsyncIterator[SharedHttp]:
    networks = settings.PATCHBAY_ALLOWED_PRIVATE_NETWORKS
    async with (
        HttpClient(allowed_networks=networks, most_connections=0) as checking,
        HttpClient(allowed_networks=networks, most_connections=0, verify_tls=False) as trusting,
    ):
        yield SharedHttp(checking, trusting)


def _verifies_tls(account_settings: Mapping[str, Any]) -> bool:
    return bool(account_settings.get("verify_tls", True))
