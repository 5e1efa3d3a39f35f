"""JSON-RPC 2.0 over POST: one address, of the Call API or the Data API. HTTP is always 200."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from sandbox.engine.errors import EngineError, NotDialable
from sandbox.faces.callgear import errors, parameters
from sandbox.faces.callgear.connection import VERSION, Connection
from sandbox.faces.callgear.dialect import Dialect
from sandbox.faces.callgear.errors import RpcError
from sandbox.faces.callgear.methods import Method
from sandbox.faces.callgear.parameters import Values
from sandbox.faces.callgear.points import Points
from sandbox.faces.callgear.tokens import Tokens
from sandbox.faults import FaultState

Handler = Callable[[Values], Any]  # None: done, with nothing to say but "success"


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the rows that there are: an answer whose metadata says how many those are."""

    rows: list[dict[str, Any]]
    total: int


@dataclass(frozen=True, slots=True)
class Ask:
    """A request object that is well formed."""

    id: str | int | float
    method: str
    params: dict[str, Any]


@dataclass(slots=True)
class Answer:
    """What goes back: a result's data, or an error; `metadata` is empty where the document leaves it out."""

    id: Any = None
    data: Any = None
    error: RpcError | None = None
    metadata: dict[str, Any] | None = None


class RpcService:
    """`handlers`: what each method of the table does with its parameters; they may raise RpcError and EngineError."""

    def __init__(
        self,
        table: Mapping[str, Method],
        handlers: Mapping[str, Handler],
        *,
        connection: Connection,
        dialect: Dialect,
        tokens: Tokens,
        points: Points,
        faults: FaultState,
    ) -> None:
        self.table = table
        self.handlers = handlers
        self.connection = connection
        self.dialect = dialect
        self.tokens = tokens
        self.points = points
        self.faults = faults

    async def serve(self, request: Request) -> JSONResponse:
        await self.faults.delay()
        body = await request.body()
        answer = Answer()
        try:
            ask = _parse(body, request.headers.get("content-type", ""))
            answer.id = ask.id
            self._answer(ask, answer, request.client.host if request.client else "")
        except RpcError as error:
            answer.error = error
        return JSONResponse(self._render(answer))

    def _answer(self, ask: Ask, answer: Answer, ip: str) -> None:
        """Fills in data, and metadata once it is due. Raises RpcError."""
        method = self.table.get(ask.method)
        if method is None:
            raise errors.method_not_found()
        self._admit(ask, method, ip)
        answer.metadata = self._metadata()
        if self.faults.hits(self.faults.settings.rate_limited):
            answer.metadata["limits"] = self.points.render(exhausted=True)
            raise errors.limit_exceeded("minute", self.connection.minute_limit)
        if self.faults.hits(self.faults.settings.server_errors):
            raise errors.internal_error()
        if method.component in self.connection.disabled_components:
            raise errors.component_disabled(str(method.component))
        self.points.check()
        answer.data = self._do(ask.method, parameters.read(ask.params, method.params))
        if self.dialect.reads_cost or not method.reads:
            self.points.charge()
        answer.metadata = self._metadata()
        if isinstance(answer.data, Page):
            answer.metadata |= {"total_items": answer.data.total, "version": None}
            answer.data = answer.data.rows

    def _admit(self, ask: Ask, method: Method, ip: str) -> None:
        """Address, key and account. Raises RpcError."""
        if self.connection.ip_whitelist and ip not in self.connection.ip_whitelist:
            raise errors.ip_not_whitelisted(ip)
        if not method.is_open:
            token = parameters.read(ask.params, (parameters.Param("access_token", required=True),))
            self.tokens.check(token.text("access_token"))
        if not self.connection.account_active:
            raise errors.account_inactive()

    def _do(self, name: str, values: Values) -> Any:
        """What the engine refuses is a number that can't be dialled, or a call in another state."""
        try:
            data = self.handlers[name](values)
        except NotDialable as error:
            raise errors.no_active_phone_number() from error
        except EngineError as error:
            raise errors.invalid_state() from error
        if data is None:
            return {"success": "true" if self.dialect.success == "string" else True}
        return data

    def _metadata(self) -> dict[str, Any]:
        """ "Meta parameters": api_version "returns only for versions that are deprecated"."""
        metadata: dict[str, Any] = {"limits": self.points.render()}
        if self.connection.latest_version != VERSION:
            metadata["api_version"] = {
                "current_version_depricated": True,
                "current_version": VERSION,
                "latest_version": self.connection.latest_version,
            }
        return metadata

    def _render(self, answer: Answer) -> dict[str, Any]:
        if answer.error is None:
            result = {"data": answer.data, "metadata": answer.metadata}
            return {"jsonrpc": "2.0", "id": answer.id, "result": result}
        error = answer.error.render()
        if answer.metadata and self.dialect.error_metadata:
            error["data"]["metadata"] = answer.metadata
        return {"jsonrpc": "2.0", "id": answer.id if self.dialect.error_ids == "echo" else None, "error": error}


def _parse(body: bytes, content_type: str) -> Ask:
    """Raises RpcError: parse_error, invalid_request, what JSON-RPC has and this doesn't, an encoding other than UTF-8."""
    try:
        parsed = json.loads(body.decode())
    except UnicodeDecodeError:
        raise errors.wrong_encoding() from None
    except ValueError:
        raise errors.parse_error() from None
    if isinstance(parsed, list):
        raise errors.batch_not_supported()
    if not isinstance(parsed, dict) or content_type.partition(";")[0].strip().lower() != "application/json":
        raise errors.invalid_request()
    if "id" not in parsed:
        raise errors.notifications_not_supported()
    ask_id, method, params = parsed["id"], parsed.get("method"), parsed.get("params")
    is_id = isinstance(ask_id, str | int | float) and not isinstance(ask_id, bool)
    if not is_id or parsed.get("jsonrpc") != "2.0" or not isinstance(method, str) or not isinstance(params, dict):
        raise errors.invalid_request()
    return Ask(ask_id, method, params)
