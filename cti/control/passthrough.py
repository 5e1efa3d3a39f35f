"""A request of the caller's own to the account's vendor: what of it may go there, and what of the answer comes back. Pure.

Whoever may manage an account may ask its vendor anything, but nobody else: the path stays below the account's address,
credentials are ours alone in both directions, and nothing can steer the connection itself.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import unquote

from rest_framework import serializers

from integrations.contract.commands import RawRequest, RawResponse

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ENCODINGS = ("json", "text", "base64")
_MOST_DECODINGS = 5
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NOT_PASSED = frozenset(
    {
        # Of the connection (RFC 9110 §7.6.1), which is ours.
        *("connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "expect"),
        *("host", "content-length", "accept-encoding", "content-encoding"),
        # Credentials: the vendor's are the account's.
        *("authorization", "proxy-authorization", "cookie", "set-cookie", "set-cookie2"),
        *("www-authenticate", "proxy-authenticate", "authentication-info", "proxy-authentication-info"),
        # Another method than the one that is audited.
        *("x-http-method-override", "x-http-method", "x-method-override"),
    }
)


class PassthroughParams(serializers.Serializer[Any]):
    """A request to the vendor. `path` is relative to the account's address."""

    method = serializers.ChoiceField(choices=METHODS)
    path = serializers.CharField(max_length=2000, trim_whitespace=False)
    query = serializers.DictField(
        child=serializers.JSONField(), required=False, help_text="a list for a parameter that comes more than once"
    )
    headers = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False)
    body = serializers.JSONField(required=False, allow_null=True, help_text="JSON; a string is sent as it is")
    encoding = serializers.ChoiceField(
        choices=ENCODINGS, required=False, help_text="of `body`: `text` for strings and `json` for all else by default"
    )

    def validate_path(self, path: str) -> str:
        return safe_path(path)

    def validate_query(self, query: dict[str, Any]) -> dict[str, str | tuple[str, ...]]:
        return {
            name: tuple(map(_parameter, value)) if isinstance(value, list) else _parameter(value)
            for name, value in query.items()
        }

    def validate_headers(self, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            if not _HEADER_NAME.fullmatch(name) or not value.isprintable():
                raise serializers.ValidationError(f"{name!r} is not a header that can be sent.")
        return headers


class PassthroughAnswerSerializer(serializers.Serializer[Any]):
    """The vendor's own answer, whatever its status."""

    status = serializers.IntegerField()
    headers = serializers.DictField(child=serializers.CharField())
    body = serializers.JSONField(allow_null=True, help_text="as `encoding` says; null where there is none")
    encoding = serializers.ChoiceField(choices=ENCODINGS)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        errors = serializers.DictField(
            child=serializers.ListField(child=serializers.CharField()),
            allow_null=True,
            help_text="in a refusal of a vendor that says what is wrong: sentences by its fields",
        )
        return {**super().get_fields(), "errors": errors}  # serializers have an attribute of this name


def safe_path(path: str) -> str:
    """The path, with one slash before it. Raises DRF's ValidationError for one that could lead out of the vendor's API.

    Every layer of percent-encoding is looked through, as some server on the way might.
    """
    decoded = path
    for _ in range(_MOST_DECODINGS):
        _check_path(decoded)
        further = unquote(decoded)
        if further == decoded:
            return "/" + path.lstrip("/")
        if further.count("/") != decoded.count("/"):
            raise _refused("it has an encoded slash")
        decoded = further
    raise _refused("it is encoded over and over")


def _parameter(value: Any) -> str:
    """As an address has it: numbers and `true` are texts there."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise serializers.ValidationError("A parameter is a text, a number, true, false, or a list of those.")


def _check_path(path: str) -> None:
    if not path.isprintable() or " " in path:
        raise _refused("it has spaces or control characters")
    if any(character in path for character in "\\?#"):
        raise _refused("it has a backslash, a query or a fragment; the query goes into `query`")
    if path.startswith("//") or "://" in path:
        raise _refused("it names a host")
    if any(segment.partition(";")[0] in {".", ".."} for segment in path.split("/")):
        raise _refused("it has dot segments")


def _refused(why: str) -> serializers.ValidationError:
    return serializers.ValidationError(f"Give a path below the account's address: {why}.")


def raw_request(params: Mapping[str, Any]) -> RawRequest:
    """From a validated body. Raises DRF's ValidationError where the body isn't what its encoding says."""
    headers = passed_headers(params.get("headers", {}))
    body = params.get("body")
    if body is None:
        return RawRequest(params["method"], params["path"], params.get("query", {}), headers)
    encoding = params.get("encoding") or ("text" if isinstance(body, str) else "json")
    if encoding == "json":
        headers.setdefault("content-type", "application/json")
        content = json.dumps(body).encode()
    else:
        content = _text_or_bytes(body, encoding)
    return RawRequest(params["method"], params["path"], params.get("query", {}), headers, content)


def _text_or_bytes(body: Any, encoding: str) -> bytes:
    try:
        return base64.b64decode(body, validate=True) if encoding == "base64" else body.encode()
    except (binascii.Error, ValueError, TypeError, AttributeError) as error:
        raise serializers.ValidationError({"body": [f"This isn't {encoding}."]}) from error


def passed_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Without those that belong to a connection, or are credentials; names in lower case."""
    named = {name.lower(): value for name, value in headers.items()}
    listed = {name.strip().lower() for name in named.get("connection", "").split(",")}
    return {name: value for name, value in named.items() if name not in _NOT_PASSED | listed}


def answer_json(answer: RawResponse) -> dict[str, Any]:
    """The vendor's answer as the API shows it: JSON as JSON, text as text, everything else as base64."""
    body, encoding = _decoded(answer.body)
    headers = passed_headers(answer.headers)
    errors = {name: list(sentences) for name, sentences in answer.errors.items()} or None
    return {"status": answer.status, "headers": headers, "body": body, "encoding": encoding, "errors": errors}


def _decoded(body: bytes) -> tuple[Any, str]:
    if not body:
        return None, "text"
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), "base64"
    try:
        return json.loads(text, parse_constant=_no_json), "json"
    except (ValueError, RecursionError):
        return text, "text"


def _no_json(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")
