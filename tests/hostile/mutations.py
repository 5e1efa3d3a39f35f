"""Valid payloads, changed as no vendor should change them: other types, lost and added fields, depth, size, broken bytes."""

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

Changed = dict[str, Any]
_DEEP_ENOUGH_TO_BREAK = 2000
_LONG = 100_000


def _deep(inner: str, outer: str) -> Any:
    """Written as text: Python can't encode it itself."""
    return Written(outer * _DEEP_ENOUGH_TO_BREAK + inner + {"[": "]", '{"a":': "}"}[outer] * _DEEP_ENOUGH_TO_BREAK)


class Written(str):
    """A value that is already JSON, or what pretends to be."""

    __slots__ = ()


_TEXTS = [
    *("", " ", "\0", "a\0b", "null", "0", "-1", "NaN", "٣٤٥", "../../..", "tel:+%00%ff%zz", '{"a":1}'),
    *("x" * _LONG, "+" + "9" * 300, "é" * 250, "\u202e\ufeff\U0001f4a9", "<script>alert(1)</script>", "' OR 1=1 --"),
    *("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00Z", "2026-13-45T99:99:99Z"),
]
_NUMBERS = [0, -1, 2**31, 2**53, 2**63 - 1, 2**63, 2**64, -(2**63) - 1, 10**400, 0.5, 1e308]
_CONTAINERS: list[Any] = [[], {}, [[]], [None], {"": None}, [{}, 1, "a", None], {"callId": {"callId": {}}}]
_WRITTEN = [
    *map(Written, ("NaN", "-Infinity", "1e999", "-0", r'"\ud800"', r'"\udfff\ud800"', "1" * 5000, '{"a":1,"a":2}')),
    _deep("1", "["),
    _deep("1", '{"a":'),
]
HOSTILE: list[Any] = [None, True, False, *_TEXTS, *_NUMBERS, *_CONTAINERS, *_WRITTEN]
VALUES = st.sampled_from(HOSTILE) | st.integers(-3, 3) | st.text(max_size=12)
KEYS = st.sampled_from(["", "id", "event", "body", "user", "state", "calls", "groups", ".CallDTO", "x" * 1000, "\0"])


def each_place(valid: list[bytes]) -> Iterator[bytes]:
    """The valid ones with each hostile value in each place; places that several have are tried in the first."""
    tried: set[tuple[str, ...]] = set()
    for body in valid:
        whole = json.loads(body)
        for path in _paths(whole):
            name = tuple("[]" if isinstance(step, int) else step for step in path)
            if name not in tried:
                tried.add(name)
                yield from (_written(_put(whole, path, value)).encode() for value in HOSTILE)


def _paths(value: Any) -> Iterator[tuple[str | int, ...]]:
    yield ()
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield from ((step, *rest) for rest in _paths(inner))


def _put(whole: Any, path: tuple[str | int, ...], value: Any) -> Any:
    if not path:
        return value
    step, *rest = path
    copy = whole.copy()
    copy[step] = _put(whole[step], tuple(rest), value)
    return copy


@st.composite
def payloads(draw: st.DrawFn, valid: list[bytes]) -> bytes:
    """One of the valid ones with up to three changes of its content, and perhaps one of its bytes."""
    value = json.loads(draw(st.sampled_from(valid)))
    for _ in range(draw(st.integers(1, 3))):
        value = _changed(draw, value)
    body = _written(value).encode("utf-8", "surrogatepass")
    return draw(BYTES)(body) if draw(st.booleans()) else body


def _changed(draw: st.DrawFn, value: Any) -> Any:
    """With one place in it replaced, removed, doubled, wrapped, or something added."""
    if not isinstance(value, dict | list) or isinstance(value, Written) or not value or draw(st.integers(0, 4)) == 0:
        return _instead(draw, value)
    if isinstance(value, list):
        at = draw(st.integers(0, len(value) - 1))
        return [*value[:at], _changed(draw, value[at]), *value[at + draw(st.integers(0, 1)) :]]
    key = draw(st.sampled_from(sorted(value)))
    kind = draw(st.sampled_from(["deeper", "deeper", "deeper", "removed", "added"]))
    if kind == "removed":
        return {name: each for name, each in value.items() if name != key}
    if kind == "added":
        return value | {draw(KEYS): draw(VALUES)}
    return value | {key: _changed(draw, value[key])}


def _instead(draw: st.DrawFn, value: Any) -> Any:
    kind = draw(st.sampled_from(["another", "wrapped", "listed", "as text"]))
    if kind == "another":
        return draw(VALUES)
    if kind == "wrapped":
        return {draw(KEYS): value}
    return [value, value] if kind == "listed" else _written(value)


def _written(value: Any) -> str:
    """As JSON, with what is Written as it is."""
    if isinstance(value, Written):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{_written(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_written, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


BYTES = st.sampled_from(
    [
        lambda body: body[: len(body) // 2],
        lambda body: body[:-1],
        lambda body: body + body,
        lambda body: b"\xef\xbb\xbf" + body,
        lambda body: body.decode("utf-8", "replace").encode("utf-16"),
        lambda body: body.decode("utf-8", "replace").encode("latin-1", "replace").replace(b"e", b"\xe9"),
        lambda body: body.replace(b'"', b"'"),
        lambda body: body.replace(b",", b"\0,", 1),
        lambda body: b"<html><body>" + body + b"</body></html>",
        lambda body: b"// a comment\n" + body,
        lambda body: body.replace(b"{", b'{"id":1,"id":[],', 1),
    ]
)

_BILLION_LAUGHS = b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">%s]><lolz>&lol9;</lolz>' % b"".join(
    b'<!ENTITY lol%d "%s">' % (level, b"&lol%d;" % (level - 1) * 10 if level > 1 else b"&lol;" * 10)
    for level in range(1, 10)
)
NO_PAYLOADS = [
    b"",
    b" ",
    b"\0" * 1000,
    b"null",
    b"true",
    b"[]",
    b"{}",
    b'""',
    b"-",
    b"1" * 100_000,
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'"' + b"x" * 1_000_000,
    b"{" + b'"a":1,' * 50_000 + b'"a":1}',
    b"<html><head><title>502 Bad Gateway</title></head></html>",
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    _BILLION_LAUGHS,
    b"\xff\xfe{\0}\0",
    b"\x1f\x8b\x08\0\0\0\0\0\0\0",
    b"grant_type=refresh_token&x=%00",
    b"----boundary\r\nContent-Disposition: form-data\r\n\r\n",
]
"""Bodies that aren't changed payloads, but something else altogether."""
