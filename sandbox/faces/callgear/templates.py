"""HTTP notifications as the client area has them: for each kind of event an address, GET or POST, and a template.

The customer writes the template; `{{parameter}}` stands for a value of the event.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import quote, urlsplit

from sandbox.engine.errors import EngineError
from sandbox.faces.callgear.dialect import Dialect

_METHODS = ("GET", "POST")
_PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")


class Topic(StrEnum):
    """The kinds of events, as the client area names them."""

    INBOUND = "Inbound call on a virtual phone number"
    OUTBOUND = "Outbound call"
    WAITING = "Waiting for the answer"
    TALK_STARTED = "Talk started"
    TALK_FINISHED = "Talk finished"
    LOST = "Lost call"
    FINISHED = "Call finished"
    RECORDED = "Call recording completed"


@dataclass(frozen=True, slots=True)
class Template:
    """One notification that somebody set up. For GET the template is the query, else the body."""

    topic: Topic
    method: str
    url: str
    text: str

    def address(self, values: Mapping[str, Any]) -> str:
        """Where it goes; with parameters in it."""
        if self.method == "POST" or not self.text:
            return _fill(self.url, values, _quoted)
        return _fill(f"{self.url}{'&' if '?' in self.url else '?'}{self.text}", values, _quoted)

    def body(self, values: Mapping[str, Any], dialect: Dialect) -> bytes:
        """Whatever comes of the template, be it JSON or not."""
        if self.method == "GET":
            return b""
        return _fill(self.text, values, json.dumps if dialect.template_values == "json" else _plain).encode()

    def render(self) -> dict[str, Any]:
        """For the console: the address without its path, which is the receiver's secret."""
        parts = urlsplit(self.url)
        return {
            "id": self.topic,
            "method": self.method,
            "callback_url": f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
            "template": self.text,
        }


def read_templates(fields: Mapping[str, Any]) -> list[Template]:
    """What the console pastes: `url`, `method`, `template`, for one `event` or for all. Raises EngineError."""
    method, url, text = fields.get("method", "POST"), fields.get("url", ""), fields.get("template", "")
    event = fields.get("event") or None
    if method not in _METHODS or (event is not None and event not in list(Topic)):
        raise EngineError(f"method is one of {', '.join(_METHODS)}; event is one of {', '.join(Topic)}, or left out")
    if not isinstance(url, str) or not isinstance(text, str):
        raise EngineError("url and template are text")
    if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
        raise EngineError("url is a full http or https address, or empty to tell no more")
    return [Template(each, method, url, text) for each in Topic if event in (None, each)]


def _fill(text: str, values: Mapping[str, Any], show: Any) -> str:
    """A parameter that the event doesn't have is as one without a value."""
    return _PLACEHOLDER.sub(lambda found: show(values.get(found[1])), text)


def _plain(value: Any) -> str:
    """Nothing for none; several are separated by commas."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ",".join(map(_plain, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _quoted(value: Any) -> str:
    return quote(_plain(value), safe="")
