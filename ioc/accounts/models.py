import hashlib
import secrets

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from ioc.accounts.roles import Role


class Agency(models.Model):
    """A unit that answers for something in the city."""

    code = models.SlugField(_("code"), unique=True)
    name_vi = models.CharField(_("name (vi)"), max_length=200)
    name_en = models.CharField(_("name (en)"), max_length=200, blank=True)
    email = models.EmailField(_("email"), blank=True)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("agency")
        verbose_name_plural = _("agencies")
        ordering = ["name_vi"]

    def __str__(self) -> str:
        return self.name_vi


class User(AbstractUser):
    """A person, with the one role that says what they do here."""

    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.CITIZEN)
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, verbose_name=_("agency")
    )
    display_name = models.CharField(_("name shown"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=5, default="vi")
    demo = models.BooleanField(_("demo account"), default=False)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        indexes = [
            models.Index(Upper("username"), name="accounts_user_name_ci"),
            models.Index(Upper("email"), name="accounts_user_email_ci"),
            models.Index("email", name="accounts_user_email"),
        ]

    def __str__(self) -> str:
        return self.display_name or self.username


def digest(token: str) -> str:
    """The stored form of a token: a token is 256 random bits, so one plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


class ApiToken(models.Model):
    """A key for programs. Only its hash is kept; the key is shown once, when it is made."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens", verbose_name=_("person"))
    name = models.CharField(_("name"), max_length=80)
    hash = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(_("begins with"), max_length=8, editable=False)
    permissions = models.JSONField(_("extra permissions"), default=list, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("token")
        verbose_name_plural = _("tokens")

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    @staticmethod
    def new_key() -> str:
        return f"ioc_{secrets.token_urlsafe(32)}"
