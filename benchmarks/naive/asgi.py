import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.naive.settings"
http = get_asgi_application()

from benchmarks.naive.web import EventConsumer, HookView  # noqa: E402 - models need the applications set up

urlpatterns = [path("hooks/<str:room>", HookView.as_view())]
application = ProtocolTypeRouter(
    {"http": http, "websocket": URLRouter([path("ws/<str:room>", EventConsumer.as_asgi())])}
)
