"""Where a vendor's operations are, for vendors whose documents have lost that: a table that an account's settings can correct.

ROUTES = {"hold": Route("PUT", "/calls/{call}/hold"), …}
table = overridden(ROUTES, account.settings)  # {"paths": {"hold": "POST /v2/{call}/hold"}}
url = account.base_url + fill(table["hold"], {"call": "a/1"})
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from msgspec import Struct

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_OVERRIDE = r"^((GET|POST|PUT|DELETE) )?/[^\s?#]*$"


class Route(Struct, frozen=True):
    """A method and a path below the account's base URL."""

    method: str
    path: str

    def names(self, placeholder: str) -> bool:
        """Whether that is a part of the path."""
        return f"{{{placeholder}}}" in self.path


Table = Mapping[str, Route]


def paths_setting(routes: Table) -> Mapping[str, Any]:
    """The JSON Schema of the setting `paths`: a path, or a method and a path, for each operation that is elsewhere."""
    return {
        "type": "object",
        "title": "Paths",
        "description": "Operations that your server has elsewhere, by name",
        "properties": {},
        "propertyNames": {"enum": sorted(routes)},
        "additionalProperties": {
            "type": "string",
            "description": "A path begins with /, and may have a method before it: PUT /path",
            "pattern": _OVERRIDE,
        },
    }


def overridden(routes: Table, settings: Mapping[str, Any]) -> Table:
    """The table as the account's `settings.paths` have it."""
    return {**routes, **{name: _override(routes[name], text) for name, text in settings.get("paths", {}).items()}}


def _override(route: Route, text: str) -> Route:
    method, _, path = text.rpartition(" ")
    return Route(method.strip() or route.method, path)


def fill(route: Route, values: Mapping[str, str]) -> str:
    """The path with its placeholders filled in."""
    return _PLACEHOLDER.sub(lambda found: quote(values.get(found[1], found[0]), safe=""), route.path)
