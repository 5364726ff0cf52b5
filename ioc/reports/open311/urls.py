"""Addresses below /open311/v2/. The published description says `/request/{id}` in one place, its
clients call `/requests/{id}`: both are answered."""

from django.urls import re_path

from ioc.reports.open311 import views

FORM = r"(?:\.(?P<form>[a-z]{1,8}))?/?$"
CODE = r"(?P<code>[A-Za-z0-9_-]{1,60})"

urlpatterns = [
    re_path(rf"^discovery{FORM}", views.discovery, name="open311-discovery"),
    re_path(rf"^services{FORM}", views.services),
    re_path(rf"^services/{CODE}{FORM}", views.service),
    re_path(rf"^requests{FORM}", views.requests),
    re_path(rf"^requests?/{CODE}{FORM}", views.request),
    re_path(rf"^tokens/{CODE}{FORM}", views.token),
    re_path(r"^.*?(?:\.(?P<form>json|xml))?$", views.nothing),
]
