"""The WebSocket transport: frames of `[header, body]` ("WebSockets" in the guide).

A connection outlives its socket for `recovery_timeout_s`: whoever comes back with its `wsc` token gets what they missed.
"""

import asyncio
import json
import secrets
import time
import uuid
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from sandbox.faces.ringcentral.client_app import ClientApp
from sandbox.faces.ringcentral.errors import ApiError
from sandbox.faces.ringcentral.gateway import Gateway
from sandbox.faces.ringcentral.grants import Grant, Grants
from sandbox.faces.ringcentral.times import iso
from sandbox.faults import FaultState

_GOING_AWAY = 1001
_POLICY = 1008
_MAX_CONNECTIONS, _MAX_REQUESTS = 50, 10
_EXPIRED = {"idle": ("WSG-902", "Idle timeout expired"), "absolute": ("WSG-903", "Absolute timeout expired")}


@dataclass(slots=True, eq=False)
class Connection:
    """What a client is connected to. Without `socket` it waits to be recovered.

    Until it is `greeted` the newest notifications are kept in `missed`.
    """

    id: str
    grant: Grant
    missed: deque[dict[str, Any]]
    socket: WebSocket | None = None
    greeted: bool = False
    token: str = ""
    sequence: int = 0
    active_at: float = 0.0
    lost_at: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def send(self, kind: str, body: Any = None, *, message_id: str | None = None, **header: Any) -> bool:
        """One frame; sequence numbers count what the server sent. False for a socket that is gone."""
        async with self.lock:
            if self.socket is None or self.socket.application_state is not WebSocketState.CONNECTED:
                return False
            self.sequence += 1
            self.active_at = time.monotonic()
            head = {
                "type": kind,
                "messageId": message_id or str(uuid.uuid4()),
                "status": 200,
                "wsc": {"token": self.token, "sequence": self.sequence},
                "headers": {"RCRequestId": str(uuid.uuid4())},
                **header,
            }
            frame = [head] if body is None else [head, body]
            try:
                await self.socket.send_text(json.dumps(frame))
            except (WebSocketDisconnect, RuntimeError):  # it closed while it was written
                return False
            return True


class WebSocketServer:
    """All connections of one account."""

    def __init__(self, client: ClientApp, grants: Grants, gateway: Gateway, faults: FaultState) -> None:
        self.client = client
        self.grants = grants
        self.gateway = gateway
        self.faults = faults
        self.connections: dict[str, Connection] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def endpoint(self, socket: WebSocket) -> None:
        """One socket, from its token to its end. A token that was used, or is too old, is answered 401."""
        grant = self.grants.take_ws_token(socket.query_params.get("access_token", ""))
        if grant is None:
            await socket.send_denial_response(Response(status_code=401))
            return
        await socket.accept()
        wsc = socket.query_params.get("wsc")
        recovered = self._recover(grant, wsc) if wsc else None
        connection = recovered or self._open(grant)
        if connection.socket is not None:
            await _close(connection.socket, _GOING_AWAY)
        connection.socket, connection.token = socket, secrets.token_urlsafe(24)
        try:
            await self._greet(connection, None if wsc is None else recovered is not None)
            await self._serve(connection, socket)
        except WebSocketDisconnect:
            pass
        finally:
            if connection.socket is socket:
                self._lose(connection)

    def push(self, connection_id: str, notification: dict[str, Any]) -> None:
        """Sends a notification, or keeps it for a client that comes back; faults befall it as they do webhooks."""
        loop, settings = asyncio.get_running_loop(), self.faults.settings
        if connection_id not in self.connections or loop.time() < self.faults.lose_until:
            return
        delay = max(0.0, self.faults.hold_until - loop.time())
        if self.faults.hits(settings.reorder):
            delay += self.faults.dice.uniform(0, settings.reorder_ms / 1000)
        copies = 2 if self.faults.hits(settings.duplicate) else 1
        for _ in range(copies):
            task = asyncio.create_task(self._deliver(connection_id, notification, delay))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def forget_lost(self) -> None:
        """Drops the connections that nobody can recover any more, with their subscriptions."""
        since = time.monotonic() - self.client.recovery_timeout_s
        for each in list(self.connections.values()):
            if each.socket is None and each.lost_at <= since:
                self._forget(each, each.lost_at)

    def drop_all(self, *, forget: bool = False) -> int:
        """Closes every socket; answers how many. `forget`: they can't be recovered either."""
        sockets = [each.socket for each in self.connections.values() if each.socket is not None]
        for socket in sockets:
            task = asyncio.create_task(_close(socket, _GOING_AWAY))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if forget:
            self.connections.clear()
        return len(sockets)

    def _open(self, grant: Grant) -> Connection:
        self.forget_lost()
        connection = Connection(str(uuid.uuid4()), grant, deque(maxlen=self.client.recovery_buffer_size))
        self.connections[connection.id] = connection
        return connection

    def _recover(self, grant: Grant, token: str) -> Connection | None:
        """The connection that had that `wsc` token, if it was the same user's and is not lost for too long."""
        self.forget_lost()
        for each in self.connections.values():
            if each.token == token and each.grant.user is grant.user:
                each.grant = grant
                return each
        return None

    def _lose(self, connection: Connection) -> None:
        """It may be recovered for a while."""
        connection.socket, connection.greeted, connection.lost_at = None, False, time.monotonic()
        asyncio.get_running_loop().call_later(
            self.client.recovery_timeout_s, self._forget, connection, connection.lost_at
        )

    def _forget(self, connection: Connection, lost_at: float) -> None:
        """Drops it if nobody has recovered it since. Not by its age: the event loop's clock may run a little ahead."""
        if connection.socket is None and connection.lost_at == lost_at:
            self.connections.pop(connection.id, None)
            self.gateway.hang_up(connection.id)

    async def _greet(self, connection: Connection, recovered: bool | None) -> None:
        details: dict[str, Any] = {
            "creationTime": iso(time.time()),
            "maxConnectionsPerSession": _MAX_CONNECTIONS,
            "recoveryBufferSize": self.client.recovery_buffer_size,
            "recoveryTimeout": self.client.recovery_timeout_s,
            "idleTimeout": self.client.idle_timeout_s,
            "absoluteTimeout": self.client.absolute_timeout_s,
            "maxActiveRequests": _MAX_REQUESTS,
        }
        if recovered is not None:
            details["recoveryState"] = "Successful" if recovered else "Failed"
        await connection.send("ConnectionDetails", details)
        while connection.missed:
            notification = connection.missed.popleft()
            if not await connection.send("ServerNotification", notification, message_id=notification["uuid"]):
                connection.missed.appendleft(notification)
                return
        connection.greeted = True

    async def _serve(self, connection: Connection, socket: WebSocket) -> None:
        """Answers requests until the client leaves or is idle, or connected, for too long."""
        opened = time.monotonic()
        while True:
            now = time.monotonic()
            idle_at = connection.active_at + self.client.idle_timeout_s
            absolute_at = opened + self.client.absolute_timeout_s
            if now >= min(idle_at, absolute_at):
                await self._expire(connection, socket, "idle" if idle_at <= absolute_at else "absolute")
                return
            try:
                text = await asyncio.wait_for(socket.receive_text(), min(idle_at, absolute_at) - now)
            except TimeoutError:
                continue  # the server may have sent something meanwhile: look again
            connection.active_at = time.monotonic()
            await self._answer(connection, text)

    async def _expire(self, connection: Connection, socket: WebSocket, which: str) -> None:
        code, message = _EXPIRED[which]
        await connection.send("Error", ApiError(403, code, message).body, status=403)
        await _close(socket, _POLICY)

    async def _answer(self, connection: Connection, text: str) -> None:
        """A heartbeat, a request, or what can't be read."""
        match _frame(text):
            case [{"type": "Heartbeat", "messageId": str(message_id)}, *_]:
                await connection.send("Heartbeat", message_id=message_id)
            case [
                {"type": "ClientRequest", "messageId": str(message_id), "method": str(method), "path": str(path)},
                *rest,
            ]:
                reply = await self.gateway.request(
                    connection.grant, connection.id, method, path, rest[0] if rest else {}
                )
                headers = {"RCRequestId": str(uuid.uuid4()), **reply.headers}
                await connection.send(
                    "ClientRequest", reply.body, message_id=message_id, status=reply.status, headers=headers
                )
            case _:
                error = ApiError(400, "CMN-104", "Cannot parse request")
                await connection.send("Error", error.body, status=error.status)

    async def _deliver(self, connection_id: str, notification: dict[str, Any], delay: float) -> None:
        await asyncio.sleep(delay)
        connection = self.connections.get(connection_id)
        if connection is None:
            return
        sent = connection.greeted and await connection.send(
            "ServerNotification", notification, message_id=notification["uuid"]
        )
        if not sent:
            connection.missed.append(notification)


def _frame(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


async def _close(socket: WebSocket, code: int) -> None:
    if socket.application_state is WebSocketState.CONNECTED:
        await socket.close(code)
