"""What every layer of the catalogue is held to."""

import pytest
from django.apps import apps
from django.contrib import admin as pages
from django.contrib.auth.models import AnonymousUser, Permission
from django.contrib.gis.db.models import PointField
from django.db import connection
from django.test import Client

from ioc.accounts.models import User
from ioc.accounts.roles import Role
from layers import mvt, queries, registry, tiles

LAYERS = registry.all_layers()
by_slug = pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.slug)
TILE = mvt.Tile(14, 13088, 7436)


@pytest.fixture
def admin(db):
    return User.objects.create_user("admin", role=Role.ADMINISTRATOR)


@by_slug
def test_has_words_in_both_languages_and_fields_that_exist(layer, db):
    for words in [layer.title, *(f.title for f in layer.fields)]:
        assert words.vi.strip()
        assert words.en.strip()
    for field in layer.fields:
        assert all(choice.title.vi and choice.title.en for choice in field.choices)
        if field.type == "choice" and isinstance(field.choices, tuple):
            assert field.choices, f"{field.name} offers no choices"
    names = {field.name for field in layer.fields}
    assert layer.title_field in names
    assert {v for k, v in layer.style_dict("full").items() if k not in {"kind", "color"}} <= {
        None,
        *names,
    }


@by_slug
def test_a_tile_is_one_query_and_an_index_serves_it(layer, admin, django_assert_num_queries):
    for z in (TILE.z, 9):
        at = mvt.Tile(z, TILE.x >> (14 - z), TILE.y >> (14 - z))
        sql, params = tiles.plan(layer, "full", admin, at, {})
        with django_assert_num_queries(1), connection.cursor() as cursor:
            cursor.execute(sql, params)
    sql, params = tiles.plan(layer, "full", admin, TILE, {})
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + sql, params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    if not _hot(layer):
        assert "Index" in plan, plan


def _hot(layer):
    """Latest-state rows keep no geometry index so that updates stay HOT: a few thousand rows."""
    field = layer.queryset(AnonymousUser()).model._meta.get_field(layer.geom_field)
    return isinstance(field, PointField) and not field.spatial_index


@by_slug
def test_the_permission_holds_at_every_door(layer, db):
    client = Client()
    audience = layer.audience(AnonymousUser())
    listed = {entry["slug"]: entry for entry in client.get("/api/v1/layers").json()["layers"]}
    assert (layer.slug in listed) == (audience is not None)
    for door in ("features", "features/1", "export", "snapshot"):
        status = client.get(f"/api/v1/layers/{layer.slug}/{door}").status_code
        if audience is None:
            assert status == 404, door
        else:
            assert status in {200, 400, 404}, door
    if audience == "public":
        shown = {field["name"] for field in listed[layer.slug]["fields"]}
        assert shown == set(layer.public_fields)


@by_slug
def test_the_permission_exists(layer, db):
    if layer.permission:
        app, codename = layer.permission.split(".")
        assert Permission.objects.filter(content_type__app_label=app, codename=codename).exists()


@by_slug
def test_the_catalogue_and_the_lists_cost_a_bounded_number_of_queries(
    layer, admin, django_assert_max_num_queries
):
    audience = layer.audience(admin)
    with django_assert_max_num_queries(6):
        queries.describe(admin, layer, audience)
    with django_assert_max_num_queries(4):
        queries.listing(admin, layer.slug, box=None, text="", wanted={}, limit=50, cursor="")


def test_every_admin_page_opens(admin):
    admin.is_staff = admin.is_superuser = True
    admin.save()
    client = Client()
    client.force_login(admin, backend="ioc.accounts.backends.RoleBackend")
    for model in pages.site._registry:
        path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert client.get(path).status_code == 200, path
        add = client.get(f"{path}add/")
        assert add.status_code in {200, 403}, path
    ours = {
        "geo",
        "layers",
        "accounts",
        "incidents",
        "reports",
        "billboards",
        "vessels",
        "environment",
        "vision",
    }
    shown = {*pages.site._registry}
    shown |= {inline.model for page in pages.site._registry.values() for inline in page.inlines}
    missing = [
        m._meta.label
        for m in apps.get_models()
        # Django's admin takes no model with a key of several columns; such rows are read on the
        # page of what they belong to.
        if m._meta.app_label in ours and m not in shown and len(m._meta.pk_fields) == 1
    ]
    assert not missing, "models without an admin page"
