"""What all parts of the adapter share: the client, and finding users, their phones and their calls."""

import re
from base64 import b64decode
from binascii import Error as NotBase64

from msgspec import Struct

from common.http import HttpClient
from integrations.contract.adapter import Account, PbxAdapter
from integrations.contract.asking import ask_each
from integrations.contract.commands import Destination
from integrations.contract.errors import InvalidCallState, VendorRejected
from integrations.vendors.dstny.client import DstnyClient
from integrations.vendors.dstny.wire import CallState, UserState, many

_NOT_FOUND = 404
_ALL = "100000"
# A search finds words that begin with what is asked for, so whoever has a name begins with one of these.
_BEGINNINGS = "abcdefghijklmnopqrstuvwxyz0123456789åäöæøéü"
_NUMBER = re.compile(r"\+?\d+")


class Contact(Struct):
    """Somebody of the directory, of a contact list, or outside. How its id is spelt is lost with the paths."""

    firstname: str = ""
    lastname: str = ""
    preferredNumber: str | None = None  # noqa: N815 - the vendor's spelling
    contactEntryId: str | None = None  # noqa: N815
    cid: str | None = None
    email: str | None = None

    @property
    def name(self) -> str:
        return f"{self.firstname} {self.lastname}".strip()

    def user_in(self, domain: str) -> str | None:
        """The user of that domain that it is: `cid` is `user@domain`, an entry id base64 of `user@domain@directory`."""
        for address in (self.cid or "", _decoded(self.contactEntryId or ""), self.email or ""):
            user, _, rest = address.removesuffix("@directory").partition("@")
            if user and rest == domain and not _NUMBER.fullmatch(user):  # a number is a group's
                return user
        return None


class Device(Struct, rename="camel"):
    """A user's phone ("User Device Information")."""

    device_id: str
    device_type: str = ""
    device_name: str = ""


class DstnyBase(PbxAdapter):
    """The account's client, and what several parts need."""

    def __init__(self, account: Account, http: HttpClient) -> None:
        super().__init__(account, http)
        self._client = DstnyClient(account, http)

    @property
    def _domain(self) -> str:
        return self._client.logins.domain

    async def _users(self) -> list[str]:
        """Whose calls are watched: those of the settings, those with logins of their own, or the whole directory."""
        named = self.account.settings.get("users") or self._client.logins.users
        return list(named) or [user for user, _ in await self._directory()]

    async def _some_user(self) -> str:
        """Anybody, for what can only be asked as a user."""
        for named in self.account.settings.get("users") or self._client.logins.users:
            return str(named)
        for beginning in _BEGINNINGS:
            for contact in await self._search(beginning):
                if user := contact.user_in(self._domain):
                    return user
        raise VendorRejected(f"Nobody was found in the directory of {self._domain}.")

    async def _directory(self) -> list[tuple[str, Contact]]:
        """All users of the domain, by id. No operation lists them: they are searched for by all beginnings."""
        found: dict[str, Contact] = {}
        for contacts in await ask_each(_BEGINNINGS, self._search):
            found |= {user: each for each in contacts if (user := each.user_in(self._domain))}
        return sorted(found.items())

    async def _search(self, words: str) -> list[Contact]:
        query = {"query": words, "maxResults": _ALL, "dontIncludeFnrs": "true"}
        return await self._client.read_list("search_contacts", Contact, "contact", query=query.items())

    async def _user_of(self, who: Destination) -> str:
        """The user whom an extension's id or a number names. Raises VendorRejected when there is none."""
        if who.extension_id:
            return who.extension_id
        found = {user for each in await self._search(who.number or "") if (user := each.user_in(self._domain))}
        if len(found) != 1:
            raise VendorRejected(f"{len(found) or 'No'} users of {self._domain} have the number {who.number}.")
        return found.pop()

    async def _phone_of(self, user: str, device_id: str | None) -> str:
        """The phone named, or the first of those that aren't known to be unreachable."""
        if device_id:
            return device_id
        devices = await self._client.read_list("active_devices", Device, "device", user)
        if not devices:
            raise InvalidCallState(f"No phone of {user} can be reached.")
        return devices[0].device_id

    async def _calls_of(self, user: str) -> list[CallState]:
        """The user's calls as they stand. A user whom the vendor doesn't know has none."""
        try:
            state = await self._client.read("user_state", UserState, user)
        except VendorRejected as error:
            if error.status != _NOT_FOUND:
                raise
            return []
        return many(state.calls)


def _decoded(text: str) -> str:
    """Base64 without padding; empty for anything else."""
    try:
        return b64decode(text + "=" * (-len(text) % 4), validate=True).decode()
    except (NotBase64, UnicodeDecodeError, ValueError):
        return ""
