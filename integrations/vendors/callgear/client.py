"""JSON-RPC 2.0 to CallGear's Call API and Data API: keys, points, and answers that are checked before they are believed.

HTTP is always 200. An answer has the id of its request, and a result or an error; anything else is a stranger's, or a proxy's.
"""

from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from common.http import HttpClient, HttpResponse
from integrations.contract.adapter import Account
from integrations.contract.errors import (
    AuthorizationLost,
    Unsupported,
    VendorError,
    VendorRejected,
    VendorTimeout,
    VendorUnavailable,
)
from integrations.contract.transport import first_words, raise_if_unavailable, send
from integrations.vendors.callgear import rpc
from integrations.vendors.callgear.errors import KEY_REFUSED, LIMIT_EXCEEDED, error_of
from integrations.vendors.callgear.keys import Keys
from integrations.vendors.callgear.methods import METHODS, READS, check_params
from integrations.vendors.callgear.points import Points
from integrations.vendors.callgear.wire import Unreadable, convert, is_true

T = TypeVar("T")
CALLS, DATA = "call", "data"
_JSON = {"content-type": "application/json; charset=UTF-8", "accept": "application/json"}
_DATA_API = "https://dataapi.{domain}/v2.0"


class Session(Struct):
    """What login.user answers."""

    access_token: str
    expire_at: Any = None


def domain_of(base_url: str) -> str | None:
    """`callgear.com` of `https://callapi.callgear.com/v4.0`; None for an address that isn't made so."""
    host = urlsplit(base_url).hostname or ""
    return host.removeprefix("callapi.") if host.startswith("callapi.") else None


def data_url(account: Account) -> str | None:
    """The Data API's address: the setting, or the one beside the Call API's; None where nobody can know it."""
    told = account.settings.get("data_api_url")
    if told:
        return str(told).rstrip("/")
    domain = domain_of(account.base_url)
    return _DATA_API.format(domain=domain) if domain else None


class Api:
    """One of the two APIs. Raises the errors of the contract, and only those."""

    def __init__(self, account: Account, http: HttpClient, keys: Keys, name: str) -> None:
        self._account = account
        self._http = http
        self._keys = keys
        self._name = name
        self.points = Points(account, name)
        self.is_deprecated = False
        """Whether the last answer said that this version of the API ends soon."""

    async def ask(self, method: str, **params: Any) -> Any:
        """The `data` of the result. Points are counted ahead, but for pollers'."""
        self._check(method, params)
        await self.points.take()
        return await self._with_key(method, params, shared=True)

    async def poll(self, method: str, **params: Any) -> Any:
        """As `ask`, for who heeds `points.poller_waits`."""
        return await self._with_key(method, params, shared=False)

    async def read(self, method: str, kind: type[T], **params: Any) -> T:
        """As `ask`, with the data read as that kind."""
        return readable(await self.ask(method, **params), kind, method)

    async def command(self, method: str, **params: Any) -> None:
        """Something that succeeds or not."""
        data = await self.ask(method, **params)
        success = data.get("success", True) if isinstance(data, dict) else False
        if not is_true(success):
            raise VendorRejected(f"CallGear didn't say that {method} succeeded.")

    async def renew(self) -> None:
        """Renews the session ahead of its end."""
        await self._key()

    async def send_raw(self, body: Mapping[str, Any]) -> HttpResponse:
        """Somebody's own request with the account's key; the answer whatever it says. A session that is over is renewed."""
        method, params = str(body["method"]), dict(body["params"])
        await self.points.take()
        if method == "login.user":
            return await self._post(body, method)
        own = params.pop("access_token", None)
        self._check(method, params)
        key = Key(own, is_last=True) if own is not None else await self._key()
        while True:
            response = await self._post({**body, "params": {**params, "access_token": key.token}}, method)
            if key.is_last or not _is_refused_key(response, body.get("id")):
                return response
            key = await self._key(refused=key)

    async def _with_key(self, method: str, params: Mapping[str, Any], *, shared: bool) -> Any:
        key = await self._key()
        while True:
            try:
                return await self._call(method, {**params, "access_token": key.token}, shared=shared)
            except KeyRefused as refused:
                if key.is_last:
                    raise refused.error from None
            key = await self._key(refused=key)

    async def _key(self, refused: "Key | None" = None) -> "Key":
        """The permanent one; else the session that is known, then the one that another process has made, then a new one."""
        if self._keys.permanent is not None:
            return Key(self._keys.permanent, is_last=True)
        session = self._keys.session(self._name) if refused is None else None
        if session is None and (refused is None or not refused.is_shared):
            session = await self._keys.others(self._name, refused.token if refused else None)
            if session is not None:
                return Key(session.token, is_shared=True)
        return Key(session.token) if session is not None else Key(await self._log_in(), is_last=True)

    async def _log_in(self) -> str:
        login = self._keys.login
        if not all(login.values()):
            raise AuthorizationLost("This account has neither a key nor a login and a password.")
        answer = readable(await self._call("login.user", login, shared=True), Session, "login.user")
        return (await self._keys.keep(self._name, answer.access_token, answer.expire_at)).token

    async def _call(self, method: str, params: Mapping[str, Any], *, shared: bool) -> Any:
        """Raises KeyRefused where the key isn't accepted."""
        body = rpc.request(method, params)
        answer = self._believed(await self._post(body, method), body["id"], method)
        await self._learn(answer.metadata, shared=shared)
        problem = answer.problem
        if problem is None:
            return answer.data
        is_spent = problem.mnemonic == LIMIT_EXCEEDED
        error = error_of(problem, method, self.points.retry_after(problem.limit_type) if is_spent else None)
        if problem.mnemonic in KEY_REFUSED:
            raise KeyRefused(error)
        if is_spent:
            await self.points.exceeded(problem.limit_type)
        raise error

    async def _post(self, body: Mapping[str, Any], method: str) -> HttpResponse:
        url = self._account.base_url if self._name == CALLS else data_url(self._account)
        if url is None:
            raise Unsupported("CallGear's Data API isn't known for this address: give its own as data_api_url.")
        try:
            return await send(self._http, "POST", url, headers=_JSON, data=msgspec.json.encode(body))
        except VendorTimeout as error:
            if not self._is_read(method):
                raise
            raise VendorUnavailable(str(error)) from error

    def _believed(self, response: HttpResponse, request_id: str, method: str) -> rpc.Answer:
        """Raises VendorUnavailable for what isn't CallGear's answer to a question, and VendorRejected to a command."""
        raise_if_unavailable(response, "CallGear")
        try:
            return rpc.read_answer(response.body, request_id)
        except Unreadable as error:
            words = f"The answer to CallGear's {method} {error}; it begins: {first_words(response)}."
            if self._is_read(method):
                raise VendorUnavailable(words) from error
            words = f"{words} Whether anything was done is not known."
            raise VendorRejected(words, status=response.status) from error

    async def _learn(self, metadata: Mapping[str, Any], *, shared: bool) -> None:
        version = metadata.get("api_version")
        self.is_deprecated = isinstance(version, dict) and is_true(version.get("current_version_depricated"))
        if "limits" in metadata:
            await self.points.learn(metadata["limits"], shared=shared)

    def _is_read(self, method: str) -> bool:
        return method in READS or (self._name == DATA and method.startswith("get."))

    def _check(self, method: str, params: Mapping[str, Any]) -> None:
        if self._name == CALLS or method in METHODS:
            check_params(method, params)


class Key(Struct, frozen=True):
    """What a request is made with."""

    token: Any
    is_shared: bool = False
    """Another process has just made it."""
    is_last: bool = False
    """If it is refused, there is none left to try."""


class KeyRefused(Exception):
    """The key isn't accepted: nothing was done. `error` says so in words."""

    def __init__(self, error: VendorError) -> None:
        super().__init__(str(error))
        self.error = error


def readable(value: Any, kind: type[T], method: str) -> T:
    """Data as that kind. Raises VendorRejected."""
    try:
        return convert(value, kind)
    except Unreadable as error:
        raise VendorRejected(f"CallGear's answer to {method} can't be read: {error}") from error


def _is_refused_key(response: HttpResponse, request_id: Any) -> bool:
    try:
        problem = rpc.read_answer(response.body, request_id).problem
    except Unreadable:
        return False
    return problem is not None and problem.mnemonic in KEY_REFUSED
