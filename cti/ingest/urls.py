from django.urls import path

from cti.ingest import pages

urlpatterns = [
    path("accounts/<str:account_id>/deliveries", pages.deliveries, name="account_deliveries"),
    path("accounts/<str:account_id>/deliveries/<str:delivery_id>/replay", pages.replay, name="delivery_replay"),
]
