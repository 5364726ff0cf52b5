"""Vessels, where they were, where they are, and the lines they told it in."""

from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from vessels.models.waters import Port, Waters
from vessels.queries import LiveVesselQuerySet, PositionQuerySet, VesselQuerySet


class Feed(models.Model):
    """A source of positions: a receiver, a file, a provider. What it sends carries its mark."""

    id = models.SmallAutoField(primary_key=True)
    name = models.CharField(_("name"), max_length=200)
    synthetic = models.BooleanField(_("synthetic"), default=False)
    created_at = models.DateTimeField(_("first heard"), auto_now_add=True)

    class Meta:
        verbose_name = _("feed")
        verbose_name_plural = _("feeds")
        constraints = [
            models.UniqueConstraint(fields=["name", "synthetic"], name="vessels_feed_once"),
        ]

    def __str__(self) -> str:
        return self.name


class VesselKind(models.TextChoices):
    """What a vessel is for."""

    FISHING = "fishing", _("Fishing")
    CARGO = "cargo", _("Cargo")
    TANKER = "tanker", _("Tanker")
    PASSENGER = "passenger", _("Passenger")
    TUG = "tug", _("Tug")
    PLEASURE = "pleasure", _("Pleasure")
    OFFICIAL = "official", _("Official")
    OTHER = "other", _("Other")
    UNKNOWN = "unknown", _("Unknown")


class Vessel(models.Model):
    """A vessel's identity as far as it is known. An MMSI of the demo is never a real vessel's."""

    id = models.AutoField(primary_key=True)
    mmsi = models.IntegerField(_("MMSI"), null=True, blank=True)
    name = models.CharField(_("name"), max_length=60, blank=True)
    callsign = models.CharField(_("call sign"), max_length=20, blank=True)
    imo = models.IntegerField(_("IMO number"), null=True, blank=True)
    plate = models.CharField(_("number plate"), max_length=20, blank=True)
    kind = models.CharField(
        _("kind"), max_length=12, choices=VesselKind.choices, default=VesselKind.UNKNOWN
    )
    ship_type = models.SmallIntegerField(_("AIS type of ship"), null=True, blank=True)
    length_m = models.FloatField(_("length (m)"), null=True, blank=True)
    width_m = models.FloatField(_("width (m)"), null=True, blank=True)
    stale_after_s = models.IntegerField(
        _("old after (s)"),
        default=1800,
        help_text=_("Without a position for this long, it is old."),
    )
    source = models.CharField(_("source"), max_length=200, blank=True)
    synthetic = models.BooleanField(_("synthetic"), default=False)
    # Defaults of the database: the ingest inserts vessels without knowing the registry.
    plate_key = models.CharField(
        _("number plate, normal form"), max_length=20, blank=True, default="", db_default=""
    )
    gear = models.CharField(_("gear"), max_length=60, blank=True, default="", db_default="")
    waters_class = models.CharField(
        _("waters"), max_length=8, blank=True, choices=Waters.choices, default="", db_default=""
    )
    province = models.CharField(_("province"), max_length=60, blank=True, default="", db_default="")
    home_port = models.ForeignKey(
        Port, models.SET_NULL, null=True, blank=True, verbose_name=_("home port")
    )
    owner_name = models.CharField(_("owner"), max_length=120, blank=True, default="", db_default="")
    owner_phone = models.CharField(
        _("owner's phone"), max_length=40, blank=True, default="", db_default=""
    )
    owner_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True,
        related_name="vessels", verbose_name=_("owner's account"),
    )  # fmt: skip
    registered = models.BooleanField(_("in the registry"), default=False, db_default=False)
    part = models.SmallIntegerField(
        _("part"), default=0, db_default=0,
        help_text=_("Several vessels under one MMSI: 0 is the ordinary one, 1, 2 … the others."),
    )  # fmt: skip
    told_at = models.DateTimeField(_("last told who it is"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    objects = VesselQuerySet.as_manager()

    class Meta:
        verbose_name = _("vessel")
        verbose_name_plural = _("vessels")
        constraints = [
            models.UniqueConstraint(
                fields=["mmsi", "synthetic", "part"], name="vessels_vessel_mmsi_once"
            ),
            models.UniqueConstraint(
                fields=["plate_key", "synthetic"], condition=~Q(plate_key=""),
                name="vessels_vessel_plate_once",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name or self.plate or str(self.mmsi or self.pk)


class Report(models.Model):
    """What one position report says; shared by history and latest."""

    observed_at = models.DateTimeField(_("observed"))
    geom = models.PointField(_("position"), srid=4326, spatial_index=False)
    h3 = models.BigIntegerField(_("H3 cell, resolution 9"))
    speed_kn = models.FloatField(_("speed (kn)"), null=True)
    course_deg = models.FloatField(_("course (°)"), null=True)
    heading_deg = models.SmallIntegerField(_("heading (°)"), null=True)
    status = models.SmallIntegerField(_("navigational status"), null=True)
    flags = models.SmallIntegerField(_("doubts"), default=0)

    class Meta:
        abstract = True


class Position(Report):
    """Where a vessel was. Day partitions, key (vessel, observed_at), BRIN on observed_at.

    The tables are made by SQL in the first migration; speeds and courses are 4-byte reals.
    """

    pk = models.CompositePrimaryKey("vessel_id", "observed_at")
    vessel = models.ForeignKey(Vessel, models.DO_NOTHING, db_constraint=False, db_index=False)
    feed = models.ForeignKey(Feed, models.DO_NOTHING, db_constraint=False, db_index=False)
    message_type = models.SmallIntegerField(_("AIS message type"))

    objects = PositionQuerySet.as_manager()

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")


class LatestPosition(Report):
    """Where a vessel is: one narrow row each, no index but its key, so that updates stay HOT."""

    vessel = models.OneToOneField(
        Vessel, models.CASCADE, primary_key=True, related_name="latest", db_constraint=False
    )
    state = models.CharField(_("state"), max_length=9)
    feed = models.ForeignKey(Feed, models.DO_NOTHING, db_constraint=False, db_index=False)

    class Meta:
        db_table = "vessels_latest"
        verbose_name = _("latest position")
        verbose_name_plural = _("latest positions")


class LiveVessel(models.Model):
    """A vessel with its latest position: a view, and what the map layer shows."""

    id = models.IntegerField(primary_key=True)
    mmsi = models.IntegerField(_("MMSI"), null=True)
    name = models.CharField(_("name"), max_length=60)
    callsign = models.CharField(_("call sign"), max_length=20)
    plate = models.CharField(_("number plate"), max_length=20)
    kind = models.CharField(_("kind"), max_length=12, choices=VesselKind.choices)
    length_m = models.FloatField(_("length (m)"), null=True)
    state = models.CharField(_("state"), max_length=9)
    speed_kn = models.FloatField(_("speed (kn)"), null=True)
    course_deg = models.FloatField(_("course (°)"), null=True)
    heading_deg = models.SmallIntegerField(_("heading (°)"), null=True)
    status = models.SmallIntegerField(_("navigational status"), null=True)
    doubt = models.CharField(_("doubt"), max_length=12)
    observed_at = models.DateTimeField(_("observed"))
    geom = models.PointField(_("position"), srid=4326)
    h3 = models.BigIntegerField()
    source = models.CharField(_("source"), max_length=200)
    synthetic = models.BooleanField(_("synthetic"))

    objects = LiveVesselQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "vessels_live"
        verbose_name = _("vessel on the map")
        verbose_name_plural = _("vessels on the map")

    def __str__(self) -> str:
        return self.name or self.plate or str(self.mmsi or self.pk)


class RawBatch(models.Model):
    """Lines as received, compressed (zlib), append-only: what everything else is rebuilt from."""

    feed = models.ForeignKey(Feed, models.PROTECT)
    received_at = models.DateTimeField(_("received"))
    digest = models.BinaryField(_("SHA-256 of the lines"), max_length=32)
    lines = models.IntegerField(_("lines"))
    sentences = models.IntegerField(_("sentences"))
    positions = models.IntegerField(_("positions"))
    rejected = models.IntegerField(_("set aside"))
    body = models.BinaryField(_("lines, zlib"))
    clock = models.FloatField(_("time of lines that tell none (epoch s)"), null=True)
    live = models.BooleanField(_("heard live"), default=False)

    class Meta:
        verbose_name = _("raw batch")
        verbose_name_plural = _("raw batches")
        constraints = [
            models.UniqueConstraint(fields=["feed", "digest"], name="vessels_rawbatch_once"),
        ]
        indexes = [models.Index(fields=["received_at"], name="vessels_raw_received")]


class RejectedLine(models.Model):
    """A line set aside, with the reason why. The oldest go after a while; the raw batch stays."""

    feed = models.ForeignKey(Feed, models.PROTECT)
    reason = models.CharField(_("reason"), max_length=20)
    line = models.TextField(_("line"))
    digest = models.UUIDField(_("hash of reason and line"))
    rejected_at = models.DateTimeField(_("set aside at"))

    class Meta:
        verbose_name = _("line set aside")
        verbose_name_plural = _("lines set aside")
        constraints = [
            models.UniqueConstraint(fields=["feed", "digest"], name="vessels_rejected_once"),
        ]
        indexes = [models.Index(fields=["rejected_at"], name="vessels_rejected_at")]
