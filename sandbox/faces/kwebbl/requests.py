"""Reading requests: JSON bodies, extension references, and who is asking."""

import re
from typing import Any

from starlette.requests import Request

from sandbox.engine.model import Extension, Party
from sandbox.faces.kwebbl.dialect import Dialect
from sandbox.faces.kwebbl.errors import ApiError, invalid_grant, validation
from sandbox.faces.kwebbl.grants import Grant, Grants

HEX_ID = re.compile(r"[a-f0-9]{32}")


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
    extension_id, number = value.get("extension_id"), value.get("number")
    if isinstance(number, int) and not isinstance(number, bool):
        number = str(number)
    for each in (extension_id, number):
        if each is not None and not isinstance(each, str):
            raise validation(f"{name}.number and {name}.extension_id must be strings")
    if not extension_id and not number:
        raise validation(f"{name}.number or {name}.extension_id is required")
    return extension_id or None, number or None


def is_same(extension: Extension | None, party: Party) -> bool:
    return extension is not None and party.extension is extension
