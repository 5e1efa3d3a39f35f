"""The guarded way out: what it refuses, and how every failure of the network is told."""

import asyncio
import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from common import http
from common.http import (
    AddressRefused,
    AnswerTooLarge,
    CertificateRefused,
    HostUnreachable,
    HttpClient,
    NoAnswer,
    address_allowed,
)

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - an address to refuse
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("::ffff:127.0.0.1", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::808:808", True),
    ],
)
def test_addresses(address: str, *, allowed: bool) -> None:
    assert address_allowed(address, ()) is allowed


def test_allowed_networks_open_private_addresses() -> None:
    allowed = (ipaddress.ip_network("10.0.0.0/8"),)
    assert address_allowed("10.1.2.3", allowed)
    assert address_allowed("::ffff:10.1.2.3", allowed)
    assert not address_allowed("192.168.1.1", allowed)


async def _hello(request: web.Request) -> web.Response:
    return web.json_response({"method": request.method, "body": (await request.read()).decode()})


async def _redirect(_: web.Request) -> web.Response:
    raise web.HTTPFound("http://169.254.169.254/")


async def _large(_: web.Request) -> web.Response:
    return web.Response(body=b"x" * (http.MAX_RESPONSE_BYTES + 1))


async def _slow(_: web.Request) -> web.Response:
    await asyncio.Event().wait()
    raise AssertionError


async def _broken(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


def _application() -> web.Application:
    app = web.Application()
    routes: dict[str, Callable[[web.Request], Awaitable[web.Response]]] = {
        "/hello": _hello,
        "/redirect": _redirect,
        "/large": _large,
        "/slow": _slow,
        "/broken": _broken,
    }
    for path, handler in routes.items():
        app.router.add_route("*", path, handler)
    return app


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    running = TestServer(_application(), host="127.0.0.1")
    await running.start_server()
    yield running
    await running.close()


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    async with HttpClient(allowed_networks=LOOPBACK) as ready:
        yield ready


async def test_answer_is_read_whole(server: TestServer, client: HttpClient) -> None:
    response = await client.request("POST", str(server.make_url("/hello")), json={"a": 1})
    assert (response.status, response.headers["content-type"]) == (200, "application/json; charset=utf-8")
    assert response.body == b'{"method": "POST", "body": "{\\"a\\": 1}"}'


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_private_address_is_refused_after_the_name_is_resolved(server: TestServer, host: str) -> None:
    async with HttpClient(allowed_networks=()) as client:
        with pytest.raises(AddressRefused, match="PATCHBAY_ALLOWED_PRIVATE_NETWORKS"):
            await client.request("GET", f"http://{host}:{server.port}/hello")


async def test_redirects_are_not_followed(server: TestServer, client: HttpClient) -> None:
    response = await client.request("GET", str(server.make_url("/redirect")))
    assert (response.status, response.headers["location"]) == (302, "http://169.254.169.254/")


async def test_large_answer(server: TestServer, client: HttpClient) -> None:
    with pytest.raises(AnswerTooLarge, match="4 MiB"):
        await client.request("GET", str(server.make_url("/large")))


async def test_no_answer_in_time(server: TestServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TOTAL_SECONDS", 0.2)
    async with HttpClient(allowed_networks=LOOPBACK) as client:
        with pytest.raises(NoAnswer, match="no answer within"):
            await client.request("GET", str(server.make_url("/slow")))


async def test_connection_breaks(server: TestServer, client: HttpClient) -> None:
    with pytest.raises(NoAnswer, match="the connection broke"):
        await client.request("POST", str(server.make_url("/broken")))


async def test_nobody_listens(client: HttpClient) -> None:
    with pytest.raises(HostUnreachable, match="no connection"):
        await client.request("GET", f"http://127.0.0.1:{unused_port()}/")


@pytest.mark.parametrize(
    "url", ["http://pbx.invalid/", "http://", "nonsense", "ftp://127.0.0.1/", "http://[::1/", "http://a..b/"]
)
async def test_impossible_addresses(client: HttpClient, url: str) -> None:
    with pytest.raises(HostUnreachable):
        await client.request("GET", url)


@pytest.fixture(scope="module")
def self_signed(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    folder: Path = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "pbx.test")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


@pytest.mark.parametrize("verify_tls", [True, False])
async def test_self_signed_certificate_takes_an_explicit_choice(
    self_signed: ssl.SSLContext, *, verify_tls: bool
) -> None:
    server = TestServer(_application(), host="127.0.0.1", scheme="https")
    await server.start_server(ssl=self_signed)
    try:
        async with HttpClient(allowed_networks=LOOPBACK, verify_tls=verify_tls) as client:
            if verify_tls:
                with pytest.raises(CertificateRefused, match="no trusted TLS connection"):
                    await client.request("GET", str(server.make_url("/hello")))
            else:
                assert (await client.request("GET", str(server.make_url("/hello")))).status == 200
    finally:
        await server.close()


async def test_tls_to_a_plain_server(server: TestServer, client: HttpClient) -> None:
    with pytest.raises(CertificateRefused):
        await client.request("GET", f"https://127.0.0.1:{server.port}/hello")
