"""Reading requests: JSON bodies, extension references, and who is asking."""

import re
from typing import Any

from starlette.requests import Request

from sandbox.faces.kwebbl.dialect import Dialect
from sandbox.faces.kwebbl.errors import ApiError, invalid_grant, validation
from sandbox.faces.kwebbl.grants import Grant, Grants

# The tables say [a-f0-9]{32}; the examples have other letters and digits too.
EXTENSION_ID = re.compile(r"[A-Za-z0-9]{32}")


async def read_object(request: Request) -> dict[str, Any]:
    """The JSON object in the body. Raises ApiError 400 for anything else."""
    try:
        body = await request.json()
    except ValueError:
        raise validation("The body is not JSON") from None
    if not isinstance(body, dict):
        raise validation("The body is not a JSON object")
    return body


def authenticate(request: Request, grants: Grants) -> Grant:
    """Whose token it is ("Using an Access token to make requests"). Raises ApiError 401."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise invalid_grant("A bearer token is required")
    grant = grants.find(token.strip())
    if grant is None:
        raise invalid_grant("The access token is invalid or expired")
    return grant


def require(grant: Grant, dialect: Dialect, *scopes: str) -> None:
    """Raises ApiError access_denied unless one of the scopes was granted."""
    if not grant.allows(*scopes):
        raise access_denied(dialect, f"This takes the scope {' or '.join(scopes)}")


def access_denied(dialect: Dialect, message: str) -> ApiError:
    """403 in the tables; "503 - Access Denied" in the prose."""
    return ApiError(dialect.missing_scope, "access_denied", message)


def reference(value: object, name: str) -> tuple[str | None, str | None]:
    """The `(extension_id, number)` of an agent object; numbers may be JSON numbers. Raises ApiError 400."""
    if not isinstance(value, dict):
        raise validation(f"{name} must be an object with a number or an extension_id")
    extension_id, number = word(value.get("extension_id")), word(value.get("number"))
    if extension_id is None and number is None:
        raise validation(f"{name}.number or {name}.extension_id is required")
    return extension_id, number


def word(value: object) -> str | None:
    """A string, or a JSON number as one; None for nothing. Raises ApiError 400 for other types."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise validation(f"{value!r} must be a string")
    return str(value)
