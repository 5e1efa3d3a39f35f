"""A recording on its way from the vendor to whoever asked for it: read as fast as it is taken."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import structlog

from integrations.adapters import open_adapter
from integrations.contract.errors import VendorError
from integrations.contract.media import Media
from integrations.models import PbxAccount

log = structlog.get_logger(__name__)


class Sound:
    """Iterating it sends, once. A vendor that breaks off is raised, so that the response breaks off too."""

    def __init__(self, account: PbxAccount, media: Media, opened: AsyncExitStack) -> None:
        self.media = media
        self._account = account
        self._opened = opened

    @classmethod
    async def open(cls, account: PbxAccount, vendor_recording_id: str, byte_range: str | None) -> "Sound":
        """Begins; raises the contract's errors. Whatever needs the database happens here, not while it is sent."""
        async with AsyncExitStack() as opening:
            adapter = await opening.enter_async_context(open_adapter(account.tenant_id, account.pk))
            media = await opening.enter_async_context(adapter.open_recording(vendor_recording_id, byte_range))
            return cls(account, media, opening.pop_all())

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async with self._opened:
                async for chunk in self.media.chunks:
                    yield chunk
        except VendorError as error:
            log.warning("recording broke off", account=self._account.public_id, error=str(error))
            raise

    async def close(self) -> None:
        """Instead of iterating it."""
        await self._opened.aclose()
