"""A URL table with addresses that fail, and the product's own handlers."""

from typing import NoReturn

from django.http import HttpRequest
from django.urls import path

from config.urls import handler400, handler500

__all__ = ["handler400", "handler500", "urlpatterns"]


def fault(_request: HttpRequest) -> NoReturn:
    raise RuntimeError("hush-hush")


urlpatterns = [path("api/fault", fault), path("fault", fault)]
