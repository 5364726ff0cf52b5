"""What leaves the house, in the admin: webhooks and their calls, messages and their fate."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from geo.addresses import checked
from geo.admin import ReadOnly
from geo.errors import Refused
from ioc.reports import webhooks
from ioc.reports.models import Message, PushSubscription, Sending, Webhook, WebhookDelivery
from ioc.reports.workflow import MOVES

TOLD = sorted(set(MOVES) - webhooks.PRIVATE)


class WebhookForm(forms.ModelForm):
    url = forms.URLField(label=_("address"), max_length=400, assume_scheme="https")
    events = forms.MultipleChoiceField(
        label=_("events"),
        choices=lambda: [(name, f"{MOVES[name].done} ({name})") for name in TOLD],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: all of them."),
    )

    class Meta:
        model = Webhook
        fields = ["name", "url", "agency", "events", "secret", "active"]

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        try:
            checked(url)
        except Refused as refusal:
            raise forms.ValidationError(refusal.message) from None
        return url


@admin.register(Webhook)
class WebhookAdmin(admin.ModelAdmin):
    form = WebhookForm
    list_display = ["name", "url", "agency", "active", "waiting", "given_up"]
    list_filter = ["active", "agency"]
    list_select_related = ["agency"]
    actions = ["renew_secret"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Webhook]:
        return (
            super()
            .get_queryset(request)
            .annotate(
                n_waiting=Count("deliveries", filter=Q(deliveries__state=Sending.PENDING)),
                n_failed=Count("deliveries", filter=Q(deliveries__state=Sending.FAILED)),
            )
        )

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"secret": webhooks.new_secret(), **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: Webhook, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        dead = WebhookDelivery.objects.filter(state=Sending.FAILED).count()
        if dead and request.method == "GET":
            text = _("%(n)s calls were given up after many tries. See “webhook deliveries”.")
            self.message_user(request, text % {"n": dead}, messages.WARNING)
        return super().changelist_view(request, extra_context)

    @admin.display(description=_("waiting"))
    def waiting(self, hook: Any) -> int:
        return int(hook.n_waiting)

    @admin.display(description=_("given up"))
    def given_up(self, hook: Any) -> int:
        return int(hook.n_failed)

    @admin.action(description=_("Give the chosen webhooks new secrets"))
    def renew_secret(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        for hook in queryset:
            hook.secret = webhooks.new_secret()
            hook.save(update_fields=["secret"])


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnly):
    list_display = ["webhook", "event", "state", "attempts", "status_code", "error", "due_at"]
    list_filter = ["state", "webhook"]
    list_select_related = ["webhook", "event"]
    show_full_result_count = False
    actions = ["again"]

    @admin.action(description=_("Try the chosen calls again"))
    def again(self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]) -> None:
        given_up = queryset.filter(state=Sending.FAILED)
        given_up.update(state=Sending.PENDING, attempts=0, due_at=timezone.now())


@admin.register(Message)
class MessageAdmin(ReadOnly):
    """Whom a message went to is not shown; its address is erased once it is sent."""

    list_display = ["subject", "channel", "language", "state", "attempts", "error", "due_at"]
    list_filter = ["state", "channel"]
    fields = [
        "subject",
        "body",
        "url",
        "channel",
        "language",
        "state",
        "attempts",
        "error",
        "due_at",
        "sent_at",
    ]
    show_full_result_count = False
    actions = ["send_again", "leave"]

    @admin.action(description=_("Send again: it may arrive twice"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        stuck = queryset.filter(state=Sending.SENDING)
        stuck.update(state=Sending.PENDING, attempts=0, due_at=timezone.now())

    @admin.action(description=_("Leave it: it may not have arrived"))
    def leave(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        queryset.filter(state=Sending.SENDING).update(state=Sending.FAILED, address="")


@admin.register(PushSubscription)
class PushSubscriptionAdmin(ReadOnly):
    """How many browsers there are, and which are gone; not whose."""

    list_display = ["pk", "language", "created_at", "gone_at"]
    fields = ["language", "created_at", "gone_at"]
    list_filter = ["language"]
