"""Errors as RingCentral's error pages have them: `{errorCode, message, errors: [{errorCode, message, parameterName}]}`."""

from dataclasses import dataclass, field
from typing import Any

from starlette.responses import JSONResponse, Response


@dataclass(slots=True)
class ApiError(Exception):
    """An answer other than success. `parameter` names what was wrong, where one thing was."""

    status: int
    code: str
    message: str
    parameter: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.code} {self.message}"

    @property
    def body(self) -> dict[str, Any]:
        """The first error is repeated at the top, where older clients look for it."""
        error = {"errorCode": self.code, "message": self.message}
        if self.parameter is not None:
            error["parameterName"] = self.parameter
        return {"errorCode": self.code, "message": self.message, "errors": [error]}

    def answer(self) -> Response:
        return JSONResponse(self.body, self.status, self.headers)


def invalid(parameter: str, why: str = "") -> ApiError:
    """CMN-101; `why` goes behind RingCentral's own words."""
    message = f"Parameter [{parameter}] value is invalid."
    return ApiError(400, "CMN-101", f"{message} {why}".strip(), parameter)


def not_found(parameter: str) -> ApiError:
    return ApiError(404, "CMN-102", f"Resource for parameter [{parameter}] is not found", parameter)


def forbidden(permission: str) -> ApiError:
    message = (
        f"In order to call this API endpoint, user needs to have [{permission}] permission for requested resource."
    )
    return ApiError(403, "CMN-408", message)


def unauthorized(code: str, message: str) -> ApiError:
    challenge = f'Bearer realm="RingCentral", error="invalid_token", error_description="{message}"'
    return ApiError(401, code, message, headers={"WWW-Authenticate": challenge})
