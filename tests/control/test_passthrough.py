"""What of a request may go to the vendor, and what of its answer comes back."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ValidationError

from cti.control.passthrough import PassthroughParams, answer_json, raw_request, safe_path
from integrations.contract.commands import RawRequest, RawResponse


def read(**body: Any) -> RawRequest:
    params = PassthroughParams(data={"method": "POST", "path": "/x", **body})
    params.is_valid(raise_exception=True)
    return raw_request(params.validated_data)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/restapi/v1.0/account/~", "/restapi/v1.0/account/~"),
        ("calls", "/calls"),
        ("/users/a%40example.com/x..y", "/users/a%40example.com/x..y"),
        ("/", "/"),
    ],
)
def test_a_path_below_the_accounts_address_is_kept(path: str, expected: str) -> None:
    assert safe_path(path) == expected


@pytest.mark.parametrize(
    "path",
    [
        *("//evil.example.com/x", "https://evil.example.com/x", "/x/https://evil.example.com", "\\\\evil.example.com"),
        *("/../admin", "/a/../../admin", "/a/..", "..", "/./x", "/a/..;/admin", "/%2e%2e/admin", "/%2E./admin"),
        *("/%252e%252e/admin", "/a%2f..%2fadmin", "/a%2Fb", "/a%5cb", "/a?x=1", "/a#x", "/a%3fx", "/a b", "/a%20b"),
        *("/a\r\nHost: evil", "/a%0d%0aHost: evil", "/a%00", "/%25252525252525252e", "/%2f/evil.example.com"),
    ],
)
def test_a_path_that_could_lead_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(ValidationError):
        safe_path(path)


@given(st.text(alphabet="./%25eEfF\\;ab", max_size=30))
def test_no_path_that_passes_has_dot_segments_however_it_is_decoded(path: str) -> None:
    try:
        decoded = safe_path(path)
    except ValidationError:
        return
    for _ in range(10):
        assert not {".", ".."} & {segment.partition(";")[0] for segment in decoded.split("/")}
        assert not decoded.startswith("//")
        assert "\\" not in decoded
        decoded = decoded.replace("%25", "%").replace("%2e", ".").replace("%2E", ".")


def test_headers_of_the_connection_and_credentials_stay_behind() -> None:
    headers = {
        "Accept": "text/plain",
        "Authorization": "Bearer stolen",
        "COOKIE": "a=b",
        "Host": "evil.example.com",
        "Transfer-Encoding": "chunked",
        "X-HTTP-Method-Override": "DELETE",
        "Connection": "close, X-Hop",
        "X-Hop": "1",
    }
    assert read(headers=headers).headers == {"accept": "text/plain"}


def test_a_parameter_may_come_more_than_once() -> None:
    query = {"type": ["Voice", "Fax"], "page": 2, "deep": True, "text": ""}
    assert read(query=query).query == {"type": ("Voice", "Fax"), "page": "2", "deep": "true", "text": ""}
    for value in ({"a": 1}, None, [["a"]]):
        with pytest.raises(ValidationError):
            read(query={"x": value})


@pytest.mark.parametrize("headers", [{"A B": "x"}, {"A": "x\r\nHost: evil"}, {"": "x"}])
def test_headers_that_are_none_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        read(headers=headers)


@pytest.mark.parametrize(
    ("body", "content", "kind"),
    [
        ({"body": {"a": [1]}}, b'{"a": [1]}', "application/json"),
        ({"body": "<xml/>", "headers": {"Content-Type": "text/xml"}}, b"<xml/>", "text/xml"),
        ({"body": "text", "encoding": "json"}, b'"text"', "application/json"),
        ({"body": base64.b64encode(b"\x00\xff").decode(), "encoding": "base64"}, b"\x00\xff", None),
        ({"body": None}, b"", None),
        ({}, b"", None),
    ],
)
def test_a_body_is_json_text_or_bytes(body: dict[str, Any], content: bytes, kind: str | None) -> None:
    request = read(**body)
    assert (request.body, request.headers.get("content-type")) == (content, kind)


@pytest.mark.parametrize("body", [{"body": "%%%", "encoding": "base64"}, {"body": {"a": 1}, "encoding": "text"}])
def test_a_body_that_is_not_what_it_says_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        read(**body)


@pytest.mark.parametrize(
    ("content", "body", "encoding"),
    [
        (b'{"a":1}', {"a": 1}, "json"),
        (b"NaN", "NaN", "text"),
        (b"[" * 100_000, "[" * 100_000, "text"),
        ("café".encode(), "café", "text"),
        (b"\xff\xfe", "//4=", "base64"),
        (b"", None, "text"),
    ],
)
def test_an_answer_comes_back_as_what_it_is(content: bytes, body: Any, encoding: str) -> None:
    answer = answer_json(
        RawResponse(404, {"Set-Cookie": "s=1", "X-Vendor": "yes", "WWW-Authenticate": "Basic"}, content)
    )
    assert answer == {
        "status": 404,
        "headers": {"x-vendor": "yes"},
        "body": body,
        "encoding": encoding,
        "errors": None,
    }


def test_what_a_vendor_says_of_fields_comes_along() -> None:
    answer = answer_json(RawResponse(400, {}, b"[]", {"name": ("is already in use",)}))
    assert answer["errors"] == {"name": ["is already in use"]}
