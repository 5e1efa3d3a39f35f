"""The one way out to addresses that users typed: every connection's IP is checked at the moment it is made.

Guards (docs/architecture.md, trust boundaries): private, loopback, link-local and other special ranges are refused
unless PATCHBAY_ALLOWED_PRIVATE_NETWORKS has them; redirects aren't followed; time and size are capped. The check sits
where the socket is made, after DNS, so an address that changes between check and use can't slip through.
"""

import asyncio
import ipaddress
import os
import socket
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp.client_exceptions import ClientConnectorCertificateError, ClientConnectorDNSError
from msgspec import Struct

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
MAX_RESPONSE_BYTES = 4 * 1024 * 1024
CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
CLOSE_SECONDS = 2.0
_LONG = aiohttp.ClientTimeout(total=None, connect=CONNECT_SECONDS)
"""For answers that never end: whoever reads them watches their silence."""


class OutboundError(Exception):
    """A request didn't come back with an answer; the message says why, in words."""


class AddressRefused(OutboundError):
    """The host is, or resolves to, an address that this installation doesn't let users reach."""


class HostUnreachable(OutboundError):
    """Nothing was sent: the name doesn't resolve, nobody listens, or the connection wasn't made in time."""


class CertificateRefused(OutboundError):
    """The server's TLS certificate isn't trusted, or isn't for this host."""


class NoAnswer(OutboundError):
    """The request may have been carried out, but no (whole) answer came in time."""


class AnswerTooLarge(OutboundError):
    """The answer is larger than MAX_RESPONSE_BYTES."""


class HttpResponse(Struct, frozen=True):
    """An answer, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class StreamRefused(OutboundError):
    """The server answered, but not with the stream or the websocket that was asked for."""

    def __init__(self, message: str, response: HttpResponse) -> None:
        super().__init__(message)
        self.response = response


def address_allowed(address: str, allowed: Sequence[Network]) -> bool:
    """Whether an IP address may be connected to: global ones, and those in the installation's list."""
    ip = _embedded_ipv4(ipaddress.ip_address(address.partition("%")[0]))
    return (ip.is_global and not ip.is_multicast) or any(
        ip in network for network in allowed if network.version == ip.version
    )


def _embedded_ipv4(ip: IpAddress) -> IpAddress:
    """The IPv4 address that an IPv6 one stands for (mapped, 6to4, NAT64): no way around the check."""
    if not isinstance(ip, ipaddress.IPv6Address):
        return ip
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip


class HttpClient:
    """A session of connections, as an async context manager; 0 as `most_connections` means any number."""

    def __init__(
        self, *, allowed_networks: Sequence[Network], verify_tls: bool = True, most_connections: int = 100
    ) -> None:
        self._allowed = allowed_networks
        self._verify_tls = verify_tls
        self._most_connections = most_connections

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            ssl=self._verify_tls,
            socket_factory=self._guarded_socket,
            use_dns_cache=False,
            limit=self._most_connections,
        )
        no_redirects = aiohttp.TraceConfig()
        no_redirects.on_request_redirect.append(_refuse_redirect)
        timeout = aiohttp.ClientTimeout(total=TOTAL_SECONDS, connect=CONNECT_SECONDS)
        self._session = aiohttp.ClientSession(
            connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), trace_configs=[no_redirects]
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    def _guarded_socket(self, info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, address = info
        if not address_allowed(address[0], self._allowed):
            raise AddressRefused(
                f"{address[0]} is a private or special address. "
                "An operator can allow it in PATCHBAY_ALLOWED_PRIVATE_NETWORKS."
            )
        return socket.socket(family, kind, protocol)

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str | tuple[str, ...]] | None = None,
        json: Any = None,
        data: Mapping[str, str] | bytes | None = None,
    ) -> HttpResponse:
        """Sends and reads the whole answer, whatever its status; raises OutboundError's subclasses.

        Of `params`, one with several values comes as often.
        """
        with _told():
            async with self._session.request(
                method, url, headers=headers, params=params, json=json, data=data, allow_redirects=False
            ) as response:
                return await _read_whole(response)

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        json: Any = None,
    ) -> AsyncIterator["HttpStream"]:
        """An answer that is read as it comes, for as long as it comes; it is closed at the end of the block.

        Raises OutboundError's subclasses, in the block too.
        """
        with _told():
            async with asyncio.timeout(TOTAL_SECONDS):
                response = await self._session.request(
                    method, url, headers=headers, params=params, json=json, allow_redirects=False, timeout=_LONG
                )
            try:
                yield HttpStream(response)
            finally:
                response.close()

    @asynccontextmanager
    async def websocket(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        protocols: Sequence[str] = (),
        ping_every: float | None = None,
        max_message: int = MAX_RESPONSE_BYTES,
    ) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """A connected websocket, closed at the end of the block; `common.websockets` reads it.

        Raises OutboundError's subclasses, in the block too; StreamRefused where the server doesn't make it a websocket.
        """
        with _told():
            async with asyncio.timeout(TOTAL_SECONDS):
                socket = await self._session.ws_connect(
                    url,
                    headers=headers,
                    protocols=protocols,
                    heartbeat=ping_every,
                    max_msg_size=max_message,
                    autoping=False,
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_SECONDS),
                )
            try:
                yield socket
            finally:
                await socket.close()


class HttpStream:
    """An answer that goes on."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self.status = response.status
        self.content_type = response.content_type
        self.headers: Mapping[str, str] = {k.lower(): v for k, v in response.headers.items()}

    async def read(self) -> HttpResponse:
        """The rest of it, for an answer that turns out to be an ordinary one."""
        async with asyncio.timeout(TOTAL_SECONDS):
            return await _read_whole(self._response)

    async def chunks(self) -> AsyncIterator[bytes]:
        """What comes, as soon as it comes. A compressed answer is unpacked step by step, as it is read."""
        while True:
            try:
                chunk = await self._response.content.readany()
            except RuntimeError as error:  # so aiohttp says that nonsense from the other side closed the connection
                raise NoAnswer(f"the connection broke: {error}") from error
            if not chunk:
                return
            yield chunk


@contextmanager
def _told() -> Iterator[None]:
    """Every failure of the way there as an OutboundError."""
    try:
        yield
    except (ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError) as error:
        raise CertificateRefused(f"no trusted TLS connection with {error.host}: {_tls_reason(error)}") from error
    except ClientConnectorDNSError as error:
        raise HostUnreachable(f"the host name {error.host} does not exist") from error
    except aiohttp.ClientConnectorError as error:
        why = os.strerror(error.os_error.errno) if error.os_error.errno else str(error.os_error)
        raise HostUnreachable(f"no connection with {error.host}:{error.port}: {why}") from error
    except aiohttp.ConnectionTimeoutError as error:
        raise HostUnreachable(f"no connection within {CONNECT_SECONDS:.0f} s") from error
    except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError, UnicodeError) as error:
        raise HostUnreachable(f"not an address that can be reached: {error}") from error
    except TimeoutError as error:
        raise NoAnswer(f"no answer within {TOTAL_SECONDS:.0f} s") from error
    except aiohttp.WSServerHandshakeError as error:
        headers = {k.lower(): v for k, v in (error.headers or {}).items()}
        raise StreamRefused(f"not a websocket: {error.message}", HttpResponse(error.status, headers, b"")) from error
    except aiohttp.ClientError as error:
        raise NoAnswer(f"the connection broke: {error}") from error


async def _refuse_redirect(*_: Any) -> None:
    """Websockets are redirected by aiohttp without asking; requests say that they won't be."""
    raise NoAnswer("the server redirects to another address, which isn't followed")


async def _read_whole(response: aiohttp.ClientResponse) -> HttpResponse:
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_chunked(65536):
        size += len(chunk)
        if size > MAX_RESPONSE_BYTES:
            raise AnswerTooLarge(f"the answer is larger than {MAX_RESPONSE_BYTES // 1024 // 1024} MiB")
        chunks.append(chunk)
    return HttpResponse(response.status, {k.lower(): v for k, v in response.headers.items()}, b"".join(chunks))


def _tls_reason(error: ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError) -> str:
    """OpenSSL's words for it, without the rest of its message."""
    is_certificate = isinstance(error, ClientConnectorCertificateError)
    cause = error.certificate_error if is_certificate else error.os_error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return cause.verify_message
    return str(getattr(cause, "reason", cause)).replace("_", " ").lower()
