from django.db import models
from django.utils.translation import gettext_lazy as _


class ChangeBase(models.Model):
    """One feature's last value: the full view, and the poorer public view beside it."""

    class Op(models.TextChoices):
        UPSERT = "upsert", _("upsert")
        DELETE = "delete", _("delete")

    layer = models.CharField(max_length=50)
    feature_id = models.CharField(max_length=64)
    op = models.CharField(max_length=6, choices=Op.choices, default=Op.UPSERT)
    at = models.DateTimeField()
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    props = models.JSONField(default=dict)
    public = models.BooleanField(default=False)
    public_lon = models.FloatField(null=True)
    public_lat = models.FloatField(null=True)
    public_props = models.JSONField(null=True)
    scope = models.CharField(max_length=80, default="", blank=True)

    class Meta:
        abstract = True


class PendingChange(ChangeBase):
    """A change written with its feature and not yet published: the publisher's inbox."""

    id = models.BigAutoField(primary_key=True)

    class Meta:
        verbose_name = _("pending change")
        verbose_name_plural = _("pending changes")


class Change(ChangeBase):
    """A published change. Sequence numbers have no holes; kept for the resume window.

    Partitioned by day of ``tick_at`` (see the migration); the model only reads and names it.
    """

    seq = models.BigIntegerField(primary_key=True)
    tick_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "layers_change"
        verbose_name = _("change")
        verbose_name_plural = _("changes")


class ReplayPoint(ChangeBase):
    """The last value of a feature in one minute: what the wall replays. Partitioned by day of
    ``minute``."""

    id = models.BigIntegerField(primary_key=True)
    minute = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "layers_replay"
        verbose_name = _("replay point")
        verbose_name_plural = _("replay points")


class LayerState(models.Model):
    """When a layer last changed and how far its published sequence has come."""

    layer = models.CharField(max_length=50, primary_key=True)
    seq = models.BigIntegerField(default=0)
    changed_at = models.DateTimeField(null=True)
    newest_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("layer state")
        verbose_name_plural = _("layer states")
        permissions = [("view_wall", "Can open the operators' wall")]

    def __str__(self) -> str:
        return self.layer


class PublisherState(models.Model):
    """The publisher's one row: the last sequence number given out."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seq = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("publisher state")
        verbose_name_plural = _("publisher states")


class GridCount(models.Model):
    """Points per 1/64 tile at one zoom: rows from the last fold and deltas since, summed on read.

    ``cell`` is the Morton code of the 1/64 tile, so that one tile is one range of the key.
    """

    id = models.BigAutoField(primary_key=True)
    layer = models.CharField(max_length=50)
    view = models.CharField(max_length=6)
    z = models.PositiveSmallIntegerField()
    cell = models.BigIntegerField()
    grp = models.CharField(max_length=60, default="", blank=True)
    n = models.IntegerField()

    class Meta:
        verbose_name = _("grid count")
        verbose_name_plural = _("grid counts")
        indexes = [
            models.Index(
                fields=["layer", "view", "z", "cell"], include=["grp", "n"], name="layers_grid_read"
            )
        ]
