"""What is answered, in the company's dialect."""

import re
from typing import Any

from starlette.responses import JSONResponse, Response

from sandbox.faces.eq.dialect import Dialect
from sandbox.faces.eq.errors import ApiError

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def answer(value: Any, dialect: Dialect, *, documented: bool = False) -> Response:
    """200 with "the returned data" as JSON. `documented`: its names are the document's."""
    if value is None:
        return JSONResponse(None) if dialect.empty == "null" else Response(status_code=200)
    if dialect.names == "snake" and not documented:
        value = _in_snake_case(value)
    return JSONResponse(_as_text(value) if dialect.values == "text" else value)


def answer_error(error: ApiError, dialect: Dialect) -> Response:
    problems = [{"parameter": each.parameter, "type": each.type, "message": each.message} for each in error.problems]
    body = problems if dialect.errors == "list" else {"errors": problems}
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    return JSONResponse(body, error.status or dialect.nonexistent, headers)


def _in_snake_case(value: Any) -> Any:
    if isinstance(value, list):
        return [_in_snake_case(each) for each in value]
    if isinstance(value, dict):
        return {_HUMP.sub("_", name).lower(): _in_snake_case(each) for name, each in value.items()}
    return value


def _as_text(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_text(each) for each in value]
    if isinstance(value, dict):
        return {name: _as_text(each) for name, each in value.items()}
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value) if isinstance(value, int | float) else value
