"""Every address; the contract is in the README's table."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.i18n import set_language

from geo import basemap
from ioc import health
from ioc.api import api
from layers import tiles

urlpatterns = [
    path("api/v1/", api.urls),
    path("tiles/<slug:slug>/<int:z>/<int:x>/<int:y>.mvt", tiles.tile, name="tile"),
    re_path(r"^ogc(?:/|$)", include("layers.ogc.urls")),
    path("basemap/<slug:slug>.pmtiles", basemap.serve, name="basemap"),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("sta/v1.1/", include("environment.sta.urls")),
    path("open311/v2/", include("ioc.reports.open311.urls")),
    path("accounts/", include("allauth.urls")),
    path("language/", set_language, name="set_language"),
    path("admin/", admin.site.urls),
    path("", include("frontend.urls")),
]
