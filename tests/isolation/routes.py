"""Every route of the URL table, and the requests that are tried on it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.isolation.cases import PARAMETERS, Case

Ids = Mapping[str, str]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_PARAMETER = re.compile(r"<(?:[^:>]+:)?(?P<name>[^>]+)>")


@dataclass(frozen=True)
class Route:
    """One entry of the URL table; `name` is its URL name with its namespace, or its pattern where it has none."""

    name: str
    pattern: str

    def __str__(self) -> str:
        return self.name

    @property
    def parameters(self) -> list[str]:
        return _PARAMETER.findall(self.pattern)

    def addresses(self, own: Ids, foreign: Ids) -> dict[str, bool]:
        """The route's address with every mixture of own and foreign ids, and whether a foreign one is in it."""
        mixtures = product((foreign, own), repeat=len(self.parameters))
        return {self._address(mixture): any(ids is foreign for ids in mixture) for mixture in mixtures}

    def _address(self, mixture: Iterable[Ids]) -> str:
        each = iter(mixture)
        return "/" + _PARAMETER.sub(lambda match: next(each)[PARAMETERS[match["name"]]], self.pattern)

    @property
    def is_api(self) -> bool:
        return self.pattern.startswith("api/v1/")


@dataclass(frozen=True)
class Request:
    """A request with another tenant's ids filled in, where its case names any."""

    method: str
    address: str
    query: Mapping[str, str]
    body: Mapping[str, Any]
    is_json: bool
    names_foreign_things: bool
    """In the address or the body; a foreign id in a query filters everything away instead."""

    def __str__(self) -> str:
        return f"{self.method} {self.address} {self.query or ''} {self.body or ''}".strip()

    def send(self, client: Client) -> Any:
        send = getattr(client, self.method.lower())
        if self.method == "GET":
            return send(self.address, query_params=self.query)
        content = {"content_type": "application/json"} if self.is_json or self.method != "POST" else {}
        return send(self.address, self.body, query_params=self.query, **content)


def every_route() -> list[Route]:
    return list(_walk(get_resolver().url_patterns, "", ""))


def _walk(patterns: Iterable[URLPattern | URLResolver], before: str, namespace: str) -> Iterator[Route]:
    for each in patterns:
        pattern = before + str(each.pattern)
        if isinstance(each, URLResolver):
            inner = f"{namespace}{each.namespace}:" if each.namespace else namespace
            yield from _walk(each.url_patterns, pattern, inner)
        else:
            yield Route(f"{namespace}{each.name}" if each.name else pattern, pattern)


def requests_of(route: Route, case: Case, own: Ids, foreign: Ids) -> Iterator[Request]:
    """Every method with every query and body of the case, at every address that can name something foreign."""
    for method in METHODS:
        template = case.bodies.get(method, {})
        body = fill(template, foreign)
        for address, is_foreign in route.addresses(own, foreign).items():
            foreign_things = is_foreign or body != template
            if route.parameters and not foreign_things:
                continue
            for query in ({}, *case.queries):
                yield Request(method, address, fill(query, foreign), body, route.is_api, foreign_things)


def fill(template: Any, ids: Ids) -> Any:
    """Replaces `{account}` and the like, however deep."""
    if isinstance(template, Mapping):
        return {name: fill(value, ids) for name, value in template.items()}
    return template.format(**ids) if isinstance(template, str) else template
