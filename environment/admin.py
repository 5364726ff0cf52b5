from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from leaflet.admin import LeafletGeoAdmin

from environment import states, stations
from environment.flood import admin as flood_admin  # noqa: F401
from environment.models import (
    AirBand,
    AirStandard,
    AlarmCrossing,
    Datastream,
    Instrument,
    Latest,
    Observation,
    ObservedProperty,
    Overrule,
    Place,
    Provider,
    Receipt,
    RefusedRow,
    Sensor,
    Threshold,
    Topic,
)
from layers import changes

SHOWN_ROWS = 100


class ReadOnly(admin.ModelAdmin):
    """What the machine writes: to be read, not edited."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class ThresholdsInOrder(BaseInlineFormSet):
    """Thresholds of which on every day each level lies above the one below it."""

    def clean(self) -> None:
        super().clean()
        filled = (form for form in self.forms if form.is_valid() and form.cleaned_data)
        rows = [form.instance for form in filled if not form.cleaned_data.get("DELETE")]
        for parameter in {row.parameter for row in rows}:
            own = [row.as_limit() for row in rows if row.parameter == parameter]
            if wrong := stations.first_disorder(own, {limit.valid_from for limit in own}):
                raise ValidationError(wrong)


class ThresholdInline(admin.TabularInline):
    model = Threshold
    formset = ThresholdsInOrder
    extra = 0


@admin.register(Sensor)
class SensorAdmin(LeafletGeoAdmin):
    list_display = ["code", "name_vi", "kind", "state", "value", "unit", "observed_at", "synthetic"]
    list_filter = ["kind", "state", "synthetic", "public"]
    search_fields = ["code", "name_vi", "name_en"]
    readonly_fields = ["synthetic", "parameter", "value", "unit", "observed_at", "state"]
    inlines = [ThresholdInline]

    def save_related(self, request: HttpRequest, form, formsets, change: bool) -> None:
        """Thresholds may have changed with the station: its alarms are judged anew."""
        super().save_related(request, form, formsets, change)
        if not states.refresh([form.instance.pk]):
            states.announce([Sensor.objects.get(pk=form.instance.pk)])

    def delete_model(self, request: HttpRequest, obj: Sensor) -> None:
        changes.delete(states.LAYER, obj.pk)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Sensor]) -> None:
        for pk in queryset.values_list("pk", flat=True):
            changes.delete(states.LAYER, pk)
        super().delete_queryset(request, queryset)


@admin.register(ObservedProperty)
class ObservedPropertyAdmin(admin.ModelAdmin):
    list_display = ["code", "name_vi", "name_en", "unit"]


@admin.register(Datastream)
class DatastreamAdmin(ReadOnly):
    """Observations are read here: Django's admin takes no model with a composite key."""

    list_display = ["sensor", "observed_property", "unit"]
    list_select_related = ["sensor", "observed_property"]
    list_filter = ["observed_property"]
    readonly_fields = ["newest"]

    @admin.display(description=_("observations"))
    def newest(self, stream: Datastream) -> str:
        """The newest values with what was received, their flag and why."""
        rows = Observation.objects.filter(datastream=stream).order_by("-t")[:SHOWN_ROWS]
        cells = ((localtime(r.t).isoformat(" "), r.value, r.raw, r.flag, r.note) for r in rows)
        row = "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>"
        return format_html("<table>{}</table>", format_html_join("", row, cells))


@admin.register(Latest)
class LatestAdmin(ReadOnly):
    list_display = ["datastream", "t", "value"]
    list_select_related = ["datastream"]


@admin.register(AlarmCrossing)
class AlarmCrossingAdmin(ReadOnly):
    list_display = ["sensor", "at", "before", "level", "value"]
    list_select_related = ["sensor"]
    list_filter = ["sensor", "level"]
    date_hierarchy = "at"


@admin.register(Receipt)
class ReceiptAdmin(ReadOnly):
    list_display = [
        "received_at", "source", "via", "name",
        "accepted", "flagged", "duplicate", "refused", "synthetic",
    ]  # fmt: skip
    list_filter = ["via", "source", "synthetic"]


@admin.register(RefusedRow)
class RefusedRowAdmin(ReadOnly):
    list_display = ["receipt", "line", "code", "message"]
    list_select_related = ["receipt"]
    list_filter = ["code"]
    search_fields = ["raw", "message"]


@admin.register(Place)
class PlaceAdmin(ReadOnly):
    list_display = ["sensor", "since_at", "name"]
    list_select_related = ["sensor"]


@admin.register(Overrule)
class OverruleAdmin(ReadOnly):
    list_display = ["datastream", "t", "before", "flag", "reason", "by", "at", "undone_at"]
    list_select_related = ["datastream", "by"]


@admin.register(Instrument)
class InstrumentAdmin(admin.ModelAdmin):
    list_display = ["name", "encoding_type"]
    search_fields = ["name"]


@admin.register(AirStandard)
class AirStandardAdmin(admin.ModelAdmin):
    list_display = ["pollutant", "averaging", "value", "valid_from", "valid_to", "source"]
    list_filter = ["pollutant"]


@admin.register(AirBand)
class AirBandAdmin(ReadOnly):
    list_display = ["band", "at", "stations", "error", "flat_error", "reach_km", "synthetic"]


@admin.register(Provider)
class ProviderAdmin(admin.ModelAdmin):
    list_display = ["code", "name", "changed_at"]


@admin.register(Topic)
class TopicAdmin(admin.ModelAdmin):
    list_display = ["filter", "station", "parameter", "unit", "synthetic", "active"]
    list_filter = ["active"]
