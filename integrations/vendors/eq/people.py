"""The directory as far as it can be known, and recordings."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import quote, urlsplit, urlunsplit

from integrations.contract.asking import ask_each
from integrations.contract.errors import VendorRejected
from integrations.contract.media import Media, open_media
from integrations.contract.things import VendorExtension
from integrations.vendors.eq.agents import extensions_of
from integrations.vendors.eq.base import EqBase

RECORDINGS = "/var/spool/asterisk/monitor"
"""Where FreePBX keeps them."""


class People(EqBase):
    """An extension's id is its number."""

    async def list_extensions(self) -> Sequence[VendorExtension]:
        """Those that the settings name and where agents are signed in, as far as they exist, and the queues."""
        signed_in = extensions_of(await self._client.rows("active_agent_sessions"))
        found = await ask_each(sorted({*self._extensions, *signed_in}), self._extension)
        queues = await self.list_queues()
        known = [extension for extension in found if extension is not None]
        return [
            *known,
            *(VendorExtension(each.vendor_queue_id, each.vendor_queue_id, each.name, "queue") for each in queues),
        ]

    async def get_extension(self, extension_id: str) -> VendorExtension:
        record = await self._one("extension", extension=extension_id)
        return VendorExtension(extension_id, extension_id, record.text("name") or extension_id, "user")

    @asynccontextmanager
    async def open_recording(self, recording_id: str, byte_range: str | None = None) -> AsyncIterator[Media]:
        """The last of the call's. EQ tells the file's path alone: the server has to show that folder itself."""
        kind, _, call = recording_id.partition(":")
        query = {"call_unique_id" if kind == "unique" else "call": call}
        paths = await self._client.read("call_recordings", query)
        files = [each for each in paths if isinstance(each, str)] if isinstance(paths, list) else []
        if not files:
            raise VendorRejected("EQ has no recording of this call.", status=404)
        async with open_media(self.http, self._address(files[-1]), byte_range=byte_range) as media:
            yield media

    async def _extension(self, number: str) -> VendorExtension | None:
        try:
            return await self.get_extension(number)
        except VendorRejected as error:
            if error.status == 404 or error.code == "nonexistent":  # noqa: PLR2004 - HTTP's
                return None
            raise

    def _address(self, file: str) -> str:
        """On the account's own server, where its settings say that the folder is shown."""
        shown = str(self.account.settings.get("recordings_path", ""))
        folder = str(self.account.settings.get("recordings_folder", RECORDINGS)).rstrip("/")
        name = file.removeprefix(f"{folder}/")
        if not shown or name == file or any(part in {"", ".", ".."} for part in name.split("/")):
            raise VendorRejected(f"The recording isn't in the folder that the server shows ({folder}).")
        server = urlsplit(self.account.base_url)
        return urlunsplit((server.scheme, server.netloc, f"{shown.rstrip('/')}/{quote(name)}", "", ""))
