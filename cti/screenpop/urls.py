from django.urls import path

from cti.screenpop import views

urlpatterns = [path("agent", views.agent, name="agent")]
