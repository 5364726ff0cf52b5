"""Addresses below /sta/v1.1/."""

from django.urls import path

from environment.sta.views import answer

urlpatterns = [path("", answer, name="sta"), path("<path:path>", answer)]
