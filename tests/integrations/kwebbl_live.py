"""A Kwebbl adapter on the sandbox, without Django's database."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from integrations.vendors.kwebbl.adapter import KwebblAdapter
from tests.integrations.live import adapter_at
from tests.sandbox_server import SandboxHandle


class ListedTokens:
    """Hands out tokens from a list; `rejected` has those that the vendor refused."""

    def __init__(self, *tokens: str) -> None:
        self._tokens = list(tokens)
        self.rejected: list[str] = []

    async def access_token(self, *, rejected: str | None = None) -> str:
        if rejected is not None:
            self.rejected.append(rejected)
            self._tokens.remove(rejected)
        return self._tokens[0]


@asynccontextmanager
async def kwebbl_at(
    base_url: str, tokens: ListedTokens | None, scopes: Iterable[str] | None = None, **settings: Any
) -> AsyncIterator[KwebblAdapter]:
    """An adapter for that address."""
    granted = None if scopes is None else frozenset(scopes)
    opened = adapter_at(KwebblAdapter, base_url, settings=settings, granted_scopes=granted, tokens=tokens)
    async with opened as adapter:
        yield adapter


@asynccontextmanager
async def kwebbl_of(
    sandbox: SandboxHandle, *, scope: str | None = None, email: str | None = None, **settings: Any
) -> AsyncIterator[KwebblAdapter]:
    """An adapter with a grant of these scopes."""
    tokens = ListedTokens(sandbox.tokens(scope=scope, email=email)["access_token"])
    base_url = sandbox.url + urlsplit(sandbox.company()["base_url"]).path
    async with kwebbl_at(base_url, tokens, scope.split() if scope else None, **settings) as adapter:
        yield adapter
