"""How a provider's data is read: columns of its files, topics of its broker."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _


class Provider(models.Model):
    """Who sends files, and what stands where in them (see `environment.ingest.mapping`)."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=160)
    mapping = models.JSONField(
        _("mapping"),
        default=dict,
        help_text=_("station, time, columns or parameter and value, zone, decimal, stations."),
    )
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("provider")
        verbose_name_plural = _("providers")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        from environment.ingest.mapping import mapping_of
        from geo.errors import Refused

        try:
            mapping_of(self.mapping)
        except Refused as error:
            raise ValidationError({"mapping": str(error.message)}) from None


class Topic(models.Model):
    """A topic filter of the MQTT broker and what its messages are.

    A message is a number, an object with `value` and `time`, or a list of rows as HTTP takes them;
    the paths name the places in an object, with dots. `+` in the filter may stand for the station.
    """

    filter = models.CharField(_("topic filter"), max_length=200, unique=True)
    station = models.CharField(
        _("station"),
        max_length=80,
        blank=True,
        help_text=_("Code; or {n}: the n-th part of the topic, from 1. Empty: told in each row."),
    )
    parameter = models.CharField(_("parameter"), max_length=40, blank=True)
    unit = models.CharField(_("unit"), max_length=16, blank=True)
    value_path = models.CharField(_("value at"), max_length=80, default="value")
    time_path = models.CharField(_("time at"), max_length=80, default="time")
    zone = models.CharField(_("time zone"), max_length=64, blank=True)
    synthetic = models.BooleanField(_("synthetic"), default=False)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("MQTT topic")
        verbose_name_plural = _("MQTT topics")
        ordering = ["filter"]

    def __str__(self) -> str:
        return self.filter

    def clean(self) -> None:
        wrong = _topic_fault(self)
        if wrong:
            raise ValidationError(wrong)


def _topic_fault(topic: Topic) -> dict[str, Any]:
    from zoneinfo import ZoneInfo

    from environment import parameters
    from environment.mqtt.messages import is_filter

    if not is_filter(topic.filter):
        return {"filter": _("This is no topic filter: # stands alone and last, + alone in its "
                            "level; $share is not used.")}  # fmt: skip
    if topic.parameter and parameters.find(topic.parameter) is None:
        return {"parameter": _("This parameter is not known.")}
    if bool(topic.station) != bool(topic.parameter):
        return {"station": _("Name both station and parameter, or neither.")}
    try:
        ZoneInfo(topic.zone or "UTC")
    except (KeyError, ValueError, OSError):
        return {"zone": _("This time zone is not known.")}
    return {}
