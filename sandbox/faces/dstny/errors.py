"""The document's error object: `{field: [{fieldName, code, description, name}], warning: […], generated-id}`.

Its HTTP status codes are lost, like its paths: the ordinary ones are used.
"""

from typing import Any


class ApiError(Exception):
    """An answer other than success, about one field of the request."""

    def __init__(
        self, status: int, code: str, description: str, field: str = "", name: str = "", retry_after: int | None = None
    ) -> None:
        super().__init__(description)
        self.status = status
        self.code = code
        self.description = description
        self.field = field
        self.name = name
        self.retry_after = retry_after

    @property
    def headers(self) -> dict[str, str]:
        if self.status == 401:
            return {"WWW-Authenticate": "Bearer"}
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}

    def render(self) -> dict[str, Any]:
        detail = {"fieldName": self.field, "code": self.code, "description": self.description, "name": self.name}
        return {"field": [detail], "warning": []}


def invalid(field: str, description: str) -> ApiError:
    return ApiError(400, f"{field}.invalid", description, field)


def missing(field: str) -> ApiError:
    return ApiError(400, f"{field}.required", f"{field} is required", field)


def unauthorized(description: str) -> ApiError:
    return ApiError(401, "ticket.invalid", description, "ticket")


def forbidden(description: str) -> ApiError:
    return ApiError(403, "access.denied", description)


def unknown(field: str, name: str) -> ApiError:
    """As the document's one example of a code, `user.does.not.exist`."""
    return ApiError(404, f"{field}.does.not.exist", f"There is no {field} {name}", field, name)


def conflict(description: str) -> ApiError:
    """The call is in a state in which this can't be done."""
    return ApiError(409, "call.wrong.state", description, "callId")
