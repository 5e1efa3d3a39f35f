"""JSON-RPC 2.0, strictly: what a request is, and what of an answer is believed. Pure."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from msgspec import Struct

from integrations.vendors.callgear.errors import Problem
from integrations.vendors.callgear.wire import Unreadable, convert, decode

VERSION = "2.0"


class Answer(Struct, frozen=True):
    """A result's `data`, or an error; and the `metadata` of either."""

    data: Any = None
    problem: Problem | None = None
    metadata: Mapping[str, Any] = {}


def request(method: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """With an id that nobody else's answer has."""
    return {"jsonrpc": VERSION, "id": uuid4().hex, "method": method, "params": params}


def read_answer(body: bytes, request_id: str) -> Answer:
    """The answer to the request of that id. Raises Unreadable, in words that follow "the answer", for any other."""
    try:
        value = decode(body)
    except Unreadable as unreadable:
        raise Unreadable("is no JSON") from unreadable
    if not isinstance(value, dict) or value.get("jsonrpc", VERSION) != VERSION:
        raise Unreadable("is none of JSON-RPC 2.0")
    result, error = value.get("result"), value.get("error")
    if result is not None and error is not None:
        raise Unreadable("has both a result and an error")
    if result is None and error is None:
        raise Unreadable("has neither a result nor an error")
    # An error that was found before the request could be read has no id.
    if value.get("id") != request_id and (error is None or value.get("id") is not None):
        raise Unreadable("has the id of another request")
    return _failed(error) if error is not None else _succeeded(result)


def _succeeded(result: Any) -> Answer:
    if not isinstance(result, dict):
        raise Unreadable("has a result that is no object")
    return Answer(data=result.get("data"), metadata=_object(result.get("metadata")))


def _failed(error: Any) -> Answer:
    try:
        problem = convert(error, Problem)
    except Unreadable as unreadable:
        raise Unreadable("has an error that can't be read") from unreadable
    return Answer(problem=problem, metadata=_object(problem.details.metadata))


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
