"""Errors in the document's words: pairs of parameter and type, several of them where several things are wrong.

Their form in the body is not in the document; a message for people is added. The HTTP codes are the document's.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """`parameter` is None for what concerns none in particular, as `already_signed_in`."""

    parameter: str | None
    type: str
    message: str


class ApiError(Exception):
    """An answer other than success. Status 0 is the dialect's for what a parameter names and isn't there."""

    def __init__(self, status: int, problems: Iterable[Problem], retry_after: int | None = None) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(each.message for each in self.problems))
        self.status = status
        self.retry_after = retry_after


def refused(parameter: str | None, type_: str, message: str, status: int = 400) -> ApiError:
    return ApiError(status, [Problem(parameter, type_, message)])


def blank(parameter: str) -> ApiError:
    return refused(parameter, "blank", f"{parameter} is not specified")


def invalid(parameter: str | None, message: str) -> ApiError:
    return refused(parameter, "invalid", message)


def nonexistent(parameter: str, what: str) -> ApiError:
    """A parameter names what isn't there, or is deleted."""
    return refused(parameter, "nonexistent", f"There is no {what}", status=0)


def not_found(parameter: str, what: str) -> ApiError:
    """The path names what isn't there, or is deleted."""
    return refused(parameter, "nonexistent", f"There is no {what}", status=404)


def unauthorized(parameter: str | None, type_: str, message: str) -> ApiError:
    return refused(parameter, type_, message, status=401)
