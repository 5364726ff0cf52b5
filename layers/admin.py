from django.contrib import admin

from geo.admin import ReadOnly
from layers.models import Change, GridCount, LayerState, PendingChange, PublisherState, ReplayPoint


@admin.register(LayerState)
class LayerStateAdmin(ReadOnly):
    list_display = ["layer", "seq", "changed_at", "newest_at"]


@admin.register(PublisherState)
class PublisherStateAdmin(ReadOnly):
    list_display = ["id", "seq"]


class ChangeAdmin(ReadOnly):
    list_filter = ["layer"]
    show_full_result_count = False


@admin.register(PendingChange)
class PendingChangeAdmin(ChangeAdmin):
    list_display = ["id", "layer", "feature_id", "op", "at"]


@admin.register(Change)
class PublishedChangeAdmin(ChangeAdmin):
    list_display = ["seq", "layer", "feature_id", "op", "at", "tick_at"]


@admin.register(ReplayPoint)
class ReplayPointAdmin(ChangeAdmin):
    list_display = ["id", "layer", "feature_id", "op", "at", "minute"]


@admin.register(GridCount)
class GridCountAdmin(ReadOnly):
    list_display = ["layer", "view", "z", "cell", "grp", "n"]
    list_filter = ["layer", "view", "z"]
    show_full_result_count = False
