"""The view and the consumer."""

from typing import Any

from asgiref.sync import async_to_sync
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.layers import get_channel_layer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from benchmarks.naive.models import Event


class HookView(APIView):
    authentication_classes = ()
    permission_classes = ()

    def post(self, request: Request, room: str) -> Response:
        event = Event(room=room, payload=request.data)
        event.save()
        async_to_sync(get_channel_layer().group_send)(room, {"type": "event", "payload": event.payload})
        return Response({"id": event.pk})


class EventConsumer(AsyncJsonWebsocketConsumer):  # type: ignore[misc]  # Channels has no types
    async def connect(self) -> None:
        self.room: str = self.scope["url_route"]["kwargs"]["room"]
        await self.channel_layer.group_add(self.room, self.channel_name)
        await self.accept()
        await self.send_json({"type": "ready"})

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.room, self.channel_name)

    async def event(self, message: dict[str, Any]) -> None:
        await self.send_json(message["payload"])
