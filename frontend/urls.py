from django.urls import path, re_path

from frontend import views

urlpatterns = [
    path("", views.citizen, name="citizen"),
    path("wall/", views.wall, name="wall"),
    path("desk/", views.desk, name="desk"),
    path("desk/setup/", views.setup, name="setup"),
    path("desk/cameras/", views.cameras, name="cameras"),
    path("fleet/", views.fleet, name="fleet"),
    path("plan/", views.plan, name="plan"),
    path("welcome/", views.welcome, name="welcome"),
    path("bench/", views.bench, name="bench"),
    re_path(r"^r/(?P<code>[A-Za-z0-9-]{6,16})$", views.report, name="report"),
    path("sw.js", views.service_worker),
    path("manifest.webmanifest", views.manifest),
]
