"""Who reported, who follows, what they said. Nothing that agencies read joins these tables."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ioc.reports.models.report import Report, ReportEvent


class Reporter(models.Model):
    """Who reported. Nothing that agencies read joins this table."""

    report = models.OneToOneField(Report, on_delete=models.CASCADE, related_name="reporter")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=2, default="vi")
    erased_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("reporter")
        verbose_name_plural = _("reporters")

    def __str__(self) -> str:
        return f"#{self.pk}"


class ReporterWords(models.Model):
    """What a reporter said after the first words; apart from the log so that it can be erased."""

    event = models.OneToOneField(ReportEvent, models.CASCADE, related_name="reporter_words")
    words = models.TextField()

    class Meta:
        verbose_name = _("reporter's words")
        verbose_name_plural = _("reporters' words")

    def __str__(self) -> str:
        return f"#{self.pk}"


class OriginalWords(models.Model):
    """A report's words before they were redacted; the centre's moderators alone read them."""

    report = models.OneToOneField(Report, models.CASCADE, related_name="original_words")
    words = models.TextField()

    class Meta:
        verbose_name = _("original words")
        verbose_name_plural = _("original words")

    def __str__(self) -> str:
        return f"#{self.pk}"


class Follower(models.Model):
    """Somebody whom the same thing troubles: hears of the report as its sender does."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="followers")
    key_digest = models.UUIDField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=2, default="vi")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("follower")
        verbose_name_plural = _("followers")
        constraints = [
            models.UniqueConstraint(fields=["report", "key_digest"], name="reports_follower_once")
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Seen(models.Model):
    """How far into a case's log one officer has read."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    report = models.ForeignKey(Report, models.CASCADE)
    seq = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("case read")
        verbose_name_plural = _("cases read")
        constraints = [models.UniqueConstraint(fields=["user", "report"], name="reports_seen_once")]

    def __str__(self) -> str:
        return f"#{self.pk}"


class SavedFilter(models.Model):
    """A desk's filter that somebody wants again."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    name = models.CharField(_("name"), max_length=60)
    query = models.JSONField(_("query"))

    class Meta:
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        ordering = ("name",)
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="reports_filter_name")]

    def __str__(self) -> str:
        return self.name
