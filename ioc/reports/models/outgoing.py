"""What leaves the house: messages to people, calls to other cities' software."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ioc.accounts.models import Agency
from ioc.reports.models.report import Report, ReportEvent


class Sending(models.TextChoices):
    PENDING = "pending", _("pending")
    SENDING = "sending", _("sending")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


class PushSubscription(models.Model):
    """A browser that asked to be told."""

    report = models.ForeignKey(Report, models.CASCADE, null=True, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True)
    key_digest = models.UUIDField(null=True, blank=True)
    endpoint = models.URLField(max_length=600)
    p256dh = models.CharField(max_length=120)
    auth = models.CharField(max_length=60)
    language = models.CharField(max_length=2, default="vi")
    created_at = models.DateTimeField(auto_now_add=True)
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("push subscription")
        verbose_name_plural = _("push subscriptions")
        constraints = [
            models.UniqueConstraint(
                fields=["report", "user", "endpoint"],
                name="reports_push_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Message(models.Model):
    """One message to one person over one channel; its key makes it happen once."""

    class Channel(models.TextChoices):
        EMAIL = "email", _("email")
        PUSH = "push", _("push")
        APP = "app", _("in the app")

    key = models.CharField(max_length=200, unique=True)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    report = models.ForeignKey(Report, models.CASCADE, null=True, blank=True)
    event = models.ForeignKey(ReportEvent, models.CASCADE, null=True, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True)
    subscription = models.ForeignKey(PushSubscription, models.CASCADE, null=True, blank=True)
    address = models.CharField(max_length=254, blank=True, help_text=_("Erased once it is sent"))
    language = models.CharField(max_length=2, default="vi")
    subject = models.CharField(max_length=200)
    body = models.TextField()
    url = models.CharField(max_length=200, blank=True)
    due_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=Sending.choices, default=Sending.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    handed_at = models.DateTimeField(null=True, blank=True, editable=False)
    """From here on it may have left."""
    sent_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(state="pending"), name="reports_message_due"
            ),
            models.Index(
                fields=["user", "-id"],
                condition=models.Q(channel="app"),
                name="reports_message_inbox",
            ),
        ]

    def __str__(self) -> str:
        return self.subject


class Webhook(models.Model):
    """An address of somebody's software that wants to hear of reports."""

    name = models.CharField(_("name"), max_length=80)
    url = models.URLField(_("address"), max_length=400)
    secret = models.CharField(_("secret"), max_length=80)
    events = models.JSONField(
        _("events"), default=list, blank=True, help_text=_("Names of steps; empty: all")
    )
    agency = models.ForeignKey(
        Agency,
        models.CASCADE,
        null=True,
        blank=True,
        verbose_name=_("agency"),
        help_text=_(
            "Hears of its own cases, with their exact place; empty: the public view of all"
        ),
    )
    active = models.BooleanField(_("active"), default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(models.Model):
    """One event on its way to one webhook."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(ReportEvent, models.CASCADE)
    due_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=Sending.choices, default=Sending.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        constraints = [
            models.UniqueConstraint(fields=["webhook", "event"], name="reports_delivery_once")
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(state="pending"), name="reports_delivery_due"
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
