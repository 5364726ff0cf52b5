from django.urls import path

from layers.ogc import views

urlpatterns = [
    path("", views.landing, name="ogc"),
    path("conformance", views.conformance),
    path("api", views.api),
    path("collections", views.collections),
    path("collections/<str:slug>", views.collection),
    path("collections/<str:slug>/queryables", views.queryables),
    path("collections/<str:slug>/items", views.items),
    path("collections/<str:slug>/items/<str:key>", views.item),
]
