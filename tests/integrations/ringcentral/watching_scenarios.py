"""How the sandbox's calls come to be known: subscriptions, events, and reading what goes on."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

from aiohttp import web

from integrations.contract.adapter import WebhookRequest
from integrations.contract.commands import SubscriptionFilter
from integrations.contract.events import CtiEvent, Direction, EventType, Ignored, LegState, Notice, NoticeType
from integrations.contract.streams import Connected, Received
from integrations.vendors.ringcentral.adapter import RingCentralAdapter
from tests.integrations.http_server import serving
from tests.integrations.ringcentral.call_scenarios import Scenario, operation
from tests.integrations.ringcentral.live import Scene, scene_of, until
from tests.sandbox.ringcentral.client import COMPANY

SECRET = "hush"
Told = CtiEvent | Notice


class Hook:
    """An address for notifications; what they said so far, and those that didn't show the secret."""

    def __init__(self) -> None:
        self.url = ""
        self.handshakes = 0
        self.told: list[Told] = []
        self.ignored: list[str] = []
        self.forged = 0

    async def receive(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = WebhookRequest(headers, await request.read())
        if (answer := RingCentralAdapter.handshake(asked)) is not None:
            self.handshakes += 1
            return web.Response(status=answer.status, headers=answer.headers, body=answer.body)
        self.forged += not RingCentralAdapter.verify(asked, SECRET)
        parsed = RingCentralAdapter.parse(asked)
        if isinstance(parsed, Ignored):
            self.ignored.append(parsed.why)
        else:
            self.told += [each for each in parsed if isinstance(each, CtiEvent | Notice)]
        return web.Response()

    @property
    def notices(self) -> set[NoticeType]:
        return {each.type for each in self.told if isinstance(each, Notice)}

    @property
    def calls(self) -> Sequence[CtiEvent]:
        return [each for each in self.told if isinstance(each, CtiEvent)]


@asynccontextmanager
async def hook() -> AsyncIterator[Hook]:
    receiver, app = Hook(), web.Application()
    app.router.add_post("/hook", receiver.receive)
    async with serving(app) as url:
        receiver.url = f"{url}/hook"
        yield receiver


async def subscriptions(scene: Scene) -> None:
    wanted = scene.adapter.wanted_subscription()
    async with hook() as receiver:
        made = await scene.adapter.create_subscription(receiver.url, wanted, SECRET)
        assert (receiver.handshakes, made.callback_url, made.suspended) == (1, receiver.url, None)
        assert made.expires_at is not None
        assert timedelta(days=6) < made.expires_at - datetime.now(UTC) <= timedelta(days=7)
        assert await scene.adapter.list_subscriptions() == [made]
        assert await scene.adapter.get_subscription(made.vendor_subscription_id) == made
        renewed = await scene.adapter.renew_subscription(made.vendor_subscription_id, wanted)
        assert renewed.expires_at is not None
        assert renewed.expires_at >= made.expires_at
        scene.sandbox.control("POST", f"/companies/{COMPANY}/vendor/blacklist-subscriptions")
        [suspended] = await scene.adapter.list_subscriptions()
        assert suspended.suspended
        await scene.adapter.delete_subscription(made.vendor_subscription_id)
        await scene.adapter.delete_subscription(made.vendor_subscription_id)
        assert await scene.adapter.list_subscriptions() == []


async def own_extension_alone(scene: Scene) -> None:
    """Whoever is no administrator gets their own extension's events, whether the rest is refused or disabled."""
    sem = scene.user.extension("102")
    async with hook() as receiver, scene_of(scene.sandbox, email="sem@acme.example") as sems:
        everything = sems.adapter.wanted_subscription().event_types
        for wanted in (everything, everything[:2]):
            made = await sems.adapter.create_subscription(receiver.url, SubscriptionFilter(wanted), SECRET)
            subscribed = {each.partition(f"/extension/{sem}/")[2] for each in made.event_types}
            assert {"telephony/sessions", "presence"} <= subscribed
            assert "" not in subscribed


async def events(scene: Scene) -> None:
    for dialect in (
        {},
        {"envelope": "pn_apns", "verification": "validationToken", "event_query": False, "parties": "together"},
    ):
        scene.sandbox.set("dialect", COMPANY, **dialect)
        async with hook() as receiver:
            await scene.adapter.create_subscription(receiver.url, scene.adapter.wanted_subscription(), SECRET)
            call = await scene.talking()
            await scene.adapter.hangup(call)
            voicemail = await scene.ringing()
            scene.sandbox.act(voicemail.vendor_call_id, "forward", COMPANY, extension="101", to="voicemail")
            scene.sandbox.act(voicemail.vendor_call_id, "hangup", COMPANY)
            scene.sandbox.control("POST", f"/companies/{COMPANY}/vendor/receive-message", to="101", text="Hi")
            await until(partial(_has_heard, receiver))
            mine = [each for each in receiver.calls if each.vendor_call_id == call.vendor_call_id]
            assert {each.type for each in mine} == {EventType.OBSERVED}
            assert {each.direction for each in mine} == {Direction.INBOUND}
            seen = {view.state for each in mine for view in each.legs if view.vendor_leg_id.endswith("-2")}
            assert {LegState.INITIATED, LegState.ALERTING, LegState.CONNECTED, LegState.NULL} == seen
            assert receiver.forged == 0


def _has_heard(receiver: Hook) -> bool:
    return receiver.notices >= {NoticeType.PRESENCE, NoticeType.LINE_STATE, NoticeType.VOICEMAIL, NoticeType.MESSAGE}


async def ignored_events(scene: Scene) -> None:
    filters = (
        "/restapi/v1.0/account/~/extension/~/message-store",
        "/restapi/v1.0/subscription/~?threshold=604799&interval=1",
    )
    async with hook() as receiver:
        await scene.adapter.create_subscription(receiver.url, SubscriptionFilter(filters), SECRET)
        scene.sandbox.control("POST", f"/companies/{COMPANY}/vendor/receive-message", to="101", text="Hi")
        await until(lambda: len({each[:10] for each in receiver.ignored}) == 2)
        assert receiver.told == []


async def snapshot(scene: Scene) -> None:
    call = await scene.talking()
    await scene.adapter.hold(call)
    [live] = (await scene.adapter.snapshot()).calls
    assert live.vendor_call_id == call.vendor_call_id
    parsed = RingCentralAdapter.parse(WebhookRequest({}, live.payload))
    assert not isinstance(parsed, Ignored)
    [event] = [each for each in parsed if isinstance(each, CtiEvent)]
    assert event.complete
    assert [(each.role, each.state) for each in event.legs] == [
        ("caller", LegState.CONNECTED),
        ("callee", LegState.HOLD),
    ]
    await scene.adapter.hangup(call)
    assert (await scene.adapter.snapshot()).calls == ()


async def websocket(scene: Scene) -> None:
    async with scene_of(scene.sandbox, transport="websocket") as streaming:
        assert streaming.adapter.wants_stream()
        assert not streaming.adapter.wants_subscription()
        stream = streaming.adapter.stream()
        assert await anext(stream) == Connected(gap=True, detail="Subscribed to 4 kinds of events.")
        call = await streaming.ringing()
        async with asyncio.timeout(10):
            received = [item async for item in _until_called(stream, call.vendor_call_id)]
        assert received


async def _until_called(stream: AsyncIterator[object], call_id: str) -> AsyncIterator[Received]:
    async for item in stream:
        if isinstance(item, Received):
            yield item
            if call_id.encode() in item.body:
                return


SCENARIOS: dict[str, Scenario] = {
    operation("list_subscriptions"): subscriptions,
    operation("get_subscription"): subscriptions,
    operation("create_subscription"): subscriptions,
    operation("update_subscription"): own_extension_alone,
    operation("renew_subscription"): subscriptions,
    operation("delete_subscription"): subscriptions,
    "POST /oauth/wstoken": websocket,
    "WebSocket": websocket,
    operation("get_session"): snapshot,
    operation("list_presence"): snapshot,
    "event telephony/sessions": events,
    "event presence": events,
    "event voicemail": events,
    "event message-store/instant": events,
    "event message-store": ignored_events,
    "event subscription (reminder)": ignored_events,
}
