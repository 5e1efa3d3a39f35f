"""The past, and messages ("Communication Log API", "SMS API")."""

from collections.abc import Iterable
from datetime import UTC, datetime

from msgspec import Struct, field

from integrations.contract.asking import ask_each
from integrations.contract.errors import Unsupported, VendorRejected
from integrations.contract.things import CallLogItem, Message, Page, Voicemail
from integrations.vendors.dstny.base import DstnyBase

_CALLS = ("INCOMING_CALL", "OUTGOING_CALL", "MISSED_CALL")
_VOICEMAIL = ("VOICEMAIL",)


class Remote(Struct, rename="camel"):
    """The other side of a call of the past."""

    number: str | None = None
    display_name: str | None = None


class Item(Struct, rename="camel"):
    """An item of a user's log."""

    item_id: int | str
    start_time: datetime
    item_type: str = ""
    remote_party: Remote | None = None
    duration: float | None = None
    is_played: bool | None = None

    @property
    def at(self) -> datetime:
        return _utc(self.start_time)


class Generated(Struct):
    """What an SMS is answered with."""

    generated_id: str | None = field(default=None, name="generated-id")


class History(DstnyBase):
    """Every user has a log of their own; ours is all of them together, so an item's id is the user's and the item's."""

    async def read_call_log(self, since: datetime | None, until: datetime | None, page: str | None, limit: int) -> Page:
        found, following = await self._items(_CALLS, since, until, page, limit)
        return Page(tuple(_call(user, item) for user, item in found), following)

    async def read_voicemails(self, page: str | None, limit: int) -> Page:
        found, following = await self._items(_VOICEMAIL, None, None, page, limit)
        return Page(tuple(_voicemail(user, item) for user, item in found), following)

    async def send_message(self, message: Message) -> str | None:
        """Sent as whoever asks: the path has no user, so only somebody with a login of their own can be named."""
        sender = message.from_
        if sender and sender not in {each.user for each in self._client.logins.all}:
            raise Unsupported(f"Dstny sends messages as a user with a login in this account; {sender} has none.")
        made = await self._client.read("send_sms", Generated, sender, to=message.to, json={"smsText": message.text})
        return made.generated_id or None

    async def _items(
        self, kinds: Iterable[str], since: datetime | None, until: datetime | None, page: str | None, limit: int
    ) -> tuple[list[tuple[str, Item]], str | None]:
        """A page of all users' items, the newest first. A page is the moment before which to look.

        Items of the same second stay together, so a page may be a little longer than `limit`.
        """
        before = _moment(page) if page else until
        query = [("itemType", each) for each in kinds] + [("limit", str(limit))]
        query += [("sinceTime", _stamp(since))] if since else []
        query += [("untilTime", _stamp(before))] if before else []

        async def ask(user: str) -> list[tuple[str, Item]]:
            listed = await self._client.read_list("log", Item, "historyItems", user, query=query)
            return [(user, item) for item in listed]

        logs = await ask_each(await self._users(), ask)
        items = sorted((each for log in logs for each in log), key=lambda each: each[1].at, reverse=True)
        if len(items) < limit:
            return items, None
        last = items[limit - 1][1].at
        return [each for each in items if each[1].at >= last], _stamp(last)


def _call(user: str, item: Item) -> CallLogItem:
    remote = item.remote_party or Remote()
    is_outbound = item.item_type == "OUTGOING_CALL"
    return CallLogItem(
        vendor_item_id=f"{user}:{item.item_id}",
        started_at=item.at,
        direction="outbound" if is_outbound else "inbound",
        from_number=None if is_outbound else remote.number,
        from_name=None if is_outbound else remote.display_name,
        to_number=remote.number if is_outbound else None,
        to_name=remote.display_name if is_outbound else None,
        vendor_extension_id=user,
        duration_s=item.duration,
        missed=item.item_type == "MISSED_CALL",
        result=item.item_type,
    )


def _voicemail(user: str, item: Item) -> Voicemail:
    remote = item.remote_party or Remote()
    return Voicemail(
        vendor_voicemail_id=f"{user}:{item.item_id}",
        received_at=item.at,
        from_number=remote.number,
        from_name=remote.display_name,
        vendor_extension_id=user,
        duration_s=item.duration,
        heard=item.is_played,
    )


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _stamp(moment: datetime) -> str:
    return _utc(moment).isoformat(timespec="seconds").replace("+00:00", "Z")


def _moment(page: str) -> datetime:
    try:
        return datetime.fromisoformat(page)
    except ValueError as error:
        raise VendorRejected(f"{page[:40]!r} is no page of this list.") from error
