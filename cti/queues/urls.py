from django.urls import path

from cti.queues import views

urlpatterns = [path("wallboard", views.wallboard, name="wallboard")]
