"""Calls of the past and their recordings (Data API: get.calls_report). Its times are in the account's own zone."""

from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta, tzinfo
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from common.times import utc_now
from integrations.contract.errors import VendorRejected
from integrations.contract.media import Media, open_media
from integrations.contract.things import CallLogItem, Page
from integrations.vendors.callgear.base import CallGearBase
from integrations.vendors.callgear.client import data_url, domain_of, readable
from integrations.vendors.callgear.wire import Text, text_of

_FORMAT = "%Y-%m-%d %H:%M:%S"
_BACK = timedelta(days=30)
# Where recordings are: callgear.com's Data API says so, of the same platform under other names one client knows.
_MEDIA = {"callgear.com": "https://app.callgear.com/system/media/talk"}
_MEDIA_ELSEWHERE = "https://media.{domain}"


class Customer(Struct):
    """Of get.account."""

    timezone: str | None = None


class Employee(Struct):
    """Who was on a call."""

    employee_id: Text = None
    is_answered: bool | None = None


class Reported(Struct):
    """A session of get.calls_report."""

    id: Text
    start_time: str
    direction: str | None = None
    contact_phone_number: Text = None
    virtual_phone_number: Text = None
    talk_duration: float | None = None
    is_lost: bool | None = None
    finish_reason: str | None = None
    call_records: list[Text] | None = None
    employees: list[Employee] | None = None


class History(CallGearBase):
    """A recording's id is its address: notifications tell it, and for the report it is made."""

    async def read_call_log(self, since: datetime | None, until: datetime | None, page: str | None, limit: int) -> Page:
        """A page is how many calls come before it."""
        zone, now = await self._zone(), utc_now()
        offset = int(page) if page and page.isdecimal() else 0
        data = await self._data.ask(
            "get.calls_report",
            date_from=(since or now - _BACK).astimezone(zone).strftime(_FORMAT),
            date_till=(until or now + timedelta(days=1)).astimezone(zone).strftime(_FORMAT),
            sort=[{"field": "start_time", "order": "desc"}],
            limit=limit,
            offset=offset,
        )
        items = tuple(self._item(each, zone) for each in readable(data, list[Reported], "get.calls_report"))
        return Page(items, str(offset + limit) if len(items) >= limit else None)

    def open_recording(self, recording_id: str, byte_range: str | None = None) -> AbstractAsyncContextManager[Media]:
        """Whoever knows the address may listen: no key is sent. Raises VendorRejected for one that isn't CallGear's."""
        if not self._is_ours(recording_id):
            raise VendorRejected("This recording isn't at CallGear.")
        return open_media(self.http, recording_id, byte_range=byte_range)

    async def _zone(self) -> tzinfo:
        accounts = await self._list("get.account", Customer)
        try:
            return ZoneInfo(accounts[0].timezone or "") if accounts else UTC
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return UTC

    def _item(self, call: Reported, zone: tzinfo) -> CallLogItem:
        contact, virtual = text_of(call.contact_phone_number), text_of(call.virtual_phone_number)
        is_outbound, people = call.direction == "out", call.employees or []
        answering = next((each for each in people if each.is_answered), people[0] if people else None)
        records = [text for each in call.call_records or () if (text := text_of(each))]
        session = text_of(call.id) or ""
        return CallLogItem(
            vendor_item_id=session,
            started_at=_moment(call.start_time, zone),
            direction="outbound" if is_outbound else "inbound",
            from_number=virtual if is_outbound else contact,
            to_number=contact if is_outbound else virtual,
            vendor_extension_id=text_of(answering.employee_id) if answering else None,
            duration_s=call.talk_duration,
            missed=bool(call.is_lost),
            result=call.finish_reason or "",
            vendor_call_id=session,
            vendor_recording_id=f"{self._media_url()}/{session}/{records[-1]}" if records else None,
        )

    def _media_url(self) -> str:
        """Where recordings are: as set, as known for the vendor, else beside the Call API."""
        told, domain = self.account.settings.get("media_url"), domain_of(self.account.base_url)
        if told:
            return str(told).rstrip("/")
        if domain:
            return _MEDIA.get(domain, _MEDIA_ELSEWHERE.format(domain=domain))
        return f"{self.account.base_url.rpartition('/')[0]}/media"

    def _is_ours(self, url: str) -> bool:
        parts, domain = urlsplit(url), domain_of(self.account.base_url)
        known = {
            urlsplit(each).netloc for each in (self._media_url(), self.account.base_url, data_url(self.account)) if each
        }
        host = parts.hostname or ""
        is_beside = domain is not None and (host == domain or host.endswith(f".{domain}"))
        return parts.scheme in {"http", "https"} and (parts.netloc in known or is_beside)


def _moment(text: str, zone: tzinfo) -> datetime:
    """Raises VendorRejected for what is no time."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise VendorRejected(f"CallGear's report has {text[:40]!r} for a time.") from error
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=zone).astimezone(UTC)
