"""One request as the operations see it: parameters, wherever they were, and on whose behalf it is made."""

import json
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from sandbox.faces.eq.dialect import Dialect
from sandbox.faces.eq.errors import blank, invalid
from sandbox.faces.eq.sessions import Session


class Values(dict[str, Any]):
    """Parameters "in either the URL or in the body". In a form all are text, and objects JSON within text."""

    def text(self, name: str) -> str:
        """Blank where it is missing or null. Raises ApiError for what is neither text nor a number."""
        value = self.get(name)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise invalid(name, f"{name} must be a string")
        return str(value)

    def required(self, name: str) -> str:
        """Raises ApiError when it is blank."""
        value = self.text(name)
        if not value:
            raise blank(name)
        return value

    def flag(self, name: str) -> bool:
        """1, or 0 where it is missing."""
        value = self.get(name)
        if value in (True, 1, "1", "true"):
            return True
        if value in (None, False, 0, "0", "false", ""):
            return False
        raise invalid(name, f"{name} must be 0 or 1")

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        value = self.required(name)
        if value not in allowed:
            raise invalid(name, f"{name} must be one of {', '.join(allowed)}")
        return value

    def object(self, name: str) -> "Values":
        """A JSON object, or the text of one; raises ApiError for anything else."""
        value = self.get(name)
        if value is None or value == "":
            raise blank(name)
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                raise invalid(name, f"{name} is not JSON") from None
        if not isinstance(value, dict):
            raise invalid(name, f"{name} must be a JSON object")
        return Values(value)


@dataclass(frozen=True, slots=True)
class Ask:
    """`session`: of the user on whose behalf it is made, if there is one."""

    path: dict[str, str]
    values: Values
    session: Session | None


async def read_values(request: Request, dialect: Dialect) -> Values:
    """What is in the body and, before that, in the URL. Raises ApiError for a body that is no form and no JSON object."""
    values = Values(request.query_params)
    raw = await request.body()
    if request.method == "GET" or not raw:
        return values
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        body: Any = {name: each for name, each in (await request.form()).items() if isinstance(each, str)}
        readable = dialect.bodies != "json"
    else:
        body = _parse(raw) if dialect.bodies != "form" else {}
        readable = dialect.bodies != "form"
    return Values({**body, **values}) if readable else values


def _parse(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw)
    except ValueError:
        raise invalid(None, "The body is not JSON") from None
    if not isinstance(body, dict):
        raise invalid(None, "The body is not a JSON object")
    return body
