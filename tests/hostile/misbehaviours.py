"""What servers answer that shouldn't: a list of names and bytes."""

import gzip
import json
import zlib
from typing import Any

from tests.hostile.server import Misbehaviour, answer

PAGE = b"<html><head><title>Oops</title></head><body><h1>Bad Gateway</h1>&xxe; <script>alert(1)</script></body></html>"
_STATUSES = (200, 304, 400, 401, 403, 404, 409, 412, 429, 500, 502, 599)
_ODD_JSON: dict[str, Any] = {
    "null": None,
    "a word": "no",
    "a number": 1,
    "a list of numbers": [1, 2],
    "lists in lists": [[[]]],
    "an empty object": {},
    "records that are none": {"records": 1, "navigation": []},
    "records of nothing": {"records": [None, {}, []], "navigation": {"nextPage": {}}},
    "ids that are objects": [{"id": {"a": 1}, "callId": [], "user": {}, "subscription": None}],
    "a session of nothing": {"session": {"id": None, "parties": [{}]}, "id": None, "parties": None},
    "calls that are none": {"calls": "none", "fullState": "perhaps", "callId": 5, "stateToken": "x" * 50},
    "times that are none": {
        "expires": "soon",
        "token": "t",
        "expiresOn": "9" * 400,
        "id": "s",
        "expirationTime": "NaN",
    },
    "an error that is odd": {"errors": [{"errorCode": 5}], "error": {}, "field": [{"code": {}}], "error_code": []},
    "an error of nothing": {"errors": [None], "field": "x", "message": None},
    "words with secrets and markup": {"message": PAGE.decode() * 50, "errorCode": "X" * 5000, "error": "\0" * 5000},
}
_RETRY_AFTER = {
    "huge": "9" * 400,
    "negative": "-5",
    "in year 1": "Mon, 01 Jan 0001 00:00:00 +2359",
    "in year 9999": "Fri, 31 Dec 9999 23:59:59 -2359",
    "nonsense": "as soon as possible \xb2\xb3",
    "digits elsewhere": "\xb2\xb3",
}
_RATE_LIMITS = {"X-Rate-Limit-Limit": "9" * 400, "X-Rate-Limit-Remaining": "-1", "X-Rate-Limit-Window": "NaN"}
_CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"


def _json(value: Any, status: int = 200) -> Misbehaviour:
    return Misbehaviour((answer(json.dumps(value).encode(), status),))


MISBEHAVIOURS: dict[str, Misbehaviour] = {
    **{f"a page with status {each}": Misbehaviour((answer(PAGE, each, "text/html"),)) for each in (200, 401, 404, 502)},
    **{f"nothing with status {each}": Misbehaviour((answer(b"", each),)) for each in _STATUSES},
    **{f"JSON: {name}": _json(value) for name, value in _ODD_JSON.items()},
    **{
        f"an error in JSON: {name}": _json(_ODD_JSON[name], 400)
        for name in _ODD_JSON
        if "error" in name or "word" in name
    },
    **{
        f"Retry-After {name} with {status}": Misbehaviour((answer(b"{}", status, headers={"Retry-After": value}),))
        for name, value in _RETRY_AFTER.items()
        for status in (429, 503)
    },
    "rate limits that are none": Misbehaviour((answer(b"{}", 429, headers=_RATE_LIMITS),)),
    "JSON that is deep": Misbehaviour((answer(b"[" * 100_000),)),
    "JSON with NUL and broken UTF-8": Misbehaviour((answer(b'{"id":"\\u0000\xff\xfe"}'),)),
    "UTF-16": Misbehaviour((answer('[{"id": 1}]'.encode("utf-16")),)),
    "a charset that there isn't": Misbehaviour((answer(b"[]", 200, "application/json; charset=klingon"),)),
    "a picture": Misbehaviour((answer(b"\x89PNG\r\n\x1a\n\0\0", 200, "image/png"),)),
    "half of the body": Misbehaviour((answer(b'[{"id": "1', length=500),)),
    "half of a chunk": Misbehaviour((_CHUNKED + b'ff\r\n[{"id',)),
    "chunks that are none": Misbehaviour((_CHUNKED + b"zz\r\n[]\r\n",)),
    "less than half": Misbehaviour((b"HTTP/1.1 200 O",)),
    "a length that is none": Misbehaviour((b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n[]",)),
    "two lengths": Misbehaviour((b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 9\r\n\r\n[]",)),
    "nothing": Misbehaviour(),
    "a reset": Misbehaviour(ending="reset"),
    "a reset amid the body": Misbehaviour((answer(b"[", length=500),), pause_s=0.02, ending="reset"),
    "silence": Misbehaviour(ending="keep"),
    "silence after the headers": Misbehaviour((answer(b"", length=500),), ending="keep"),
    "a slow drip": Misbehaviour((answer(b"", length=500), *[b" "] * 100), pause_s=0.05),
    "headers that drip": Misbehaviour((b"HTTP/1.1 200 OK\r\n", *[b"X-A: b\r\n"] * 100), pause_s=0.05),
    "a bomb of gzip": Misbehaviour(
        (answer(gzip.compress(b"[" + b" " * 50_000_000 + b"]", 1), headers={"Content-Encoding": "gzip"}),)
    ),
    "gzip that is none": Misbehaviour((answer(b"plain", headers={"Content-Encoding": "gzip"}),)),
    "deflate that breaks": Misbehaviour(
        (answer(zlib.compress(b"[]" * 500)[:40], headers={"Content-Encoding": "deflate"}),)
    ),
    "a coding that there isn't": Misbehaviour((answer(b"[]", headers={"Content-Encoding": "rot13"}),)),
    "five megabytes": Misbehaviour((answer(b'["' + b"x" * 5_000_000 + b'"]'),)),
    "a redirect to elsewhere": Misbehaviour(
        (answer(b"", 302, headers={"Location": "http://169.254.169.254/latest/meta-data"}),)
    ),
    "a redirect to itself": Misbehaviour((answer(b"", 308, headers={"Location": "/api"}),)),
    "a redirect to nowhere": Misbehaviour((answer(b"", 307, headers={"Location": "\xff://\x80"}),)),
    "100 and nothing": Misbehaviour((b"HTTP/1.1 100 Continue\r\n\r\n",)),
    "many 103s": Misbehaviour((b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 50 + answer(b"{}"),)),
    "101": Misbehaviour((b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n\0\0",)),
    "204 with a body": Misbehaviour((b"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n[]",)),
    "a status that is none": Misbehaviour((b"HTTP/1.1 999999 Huh\r\n\r\n",)),
    "a status of words": Misbehaviour((b"HTTP/1.1 OK 200\r\n\r\n",)),
    "another protocol": Misbehaviour((b"SSH-2.0-OpenSSH_9.6\r\n",)),
    "HTTP 0.9": Misbehaviour((PAGE,)),
    "TLS": Misbehaviour((b"\x15\x03\x01\0\x02\x02\x16",)),
    "a header without end": Misbehaviour((answer(b"{}", headers={"X-Long": "x" * 100_000}),)),
    "headers without end": Misbehaviour((answer(b"{}", headers={f"X-{n}": "y" * 100 for n in range(2000)}),)),
    "headers with NUL": Misbehaviour((b"HTTP/1.1 200 OK\r\nX-A: a\0b\r\nContent-Length: 2\r\n\r\n{}",)),
    "headers without a colon": Misbehaviour((b"HTTP/1.1 200 OK\r\nwhatever\r\nContent-Length: 2\r\n\r\n{}",)),
}
LARGE = {"a bomb of gzip", "five megabytes", "JSON that is deep", "a header without end", "headers without end"}
"""Those that take their time, so that they are sent to few requests."""
