"""Errors as the document's tables have them: `{status_code, error_code, message}`."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response


class ApiError(Exception):
    """An answer other than success. `error_code` is optional in the document."""

    def __init__(
        self, status: int, error_code: str | None, message: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error_code = error_code
        self.message = message
        self.headers = headers


def validation(message: str) -> ApiError:
    return ApiError(400, "validation", message)


def invalid_grant(message: str) -> ApiError:
    challenge = f'Bearer realm="kwebbl", error="invalid_grant", error_description="{message}"'
    return ApiError(401, "invalid_grant", message, {"WWW-Authenticate": challenge})


def not_found(message: str) -> ApiError:
    return ApiError(404, "entity_not_exist", message)


async def answer_api_error(_: Request, error: Exception) -> Response:
    """Starlette's handler for ApiError."""
    assert isinstance(error, ApiError)  # noqa: S101 - registered for this type alone
    body: dict[str, object] = {"status_code": error.status, "message": error.message}
    if error.error_code:
        body["error_code"] = error.error_code
    return JSONResponse(body, error.status, error.headers)
