"""Every setting, read from the environment here and nowhere else (see .env.example)."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext_lazy as _

from ioc.libraries import bundled

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def env_bool(name: str, default: bool = False) -> bool:
    return env(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


def env_list(name: str, default: str = "") -> list[str]:
    return [item.strip() for item in env(name, default).split(",") if item.strip()]


def database(url: str) -> dict[str, object]:
    """Django's settings of one PostGIS database from a ``postgresql://`` address."""
    parts = urlsplit(url)
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.pop("host", "") or parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            "pool": {"min_size": 1, "max_size": IOC_DB_POOL, "timeout": 10},
            "options": f"-c jit=off -c statement_timeout={IOC_STATEMENT_TIMEOUT_MS}",
            **{key: unquote(value) for key, value in query.items()},
        },
    }


GDAL_LIBRARY_PATH = bundled("rasterio", "libgdal")
GEOS_LIBRARY_PATH = bundled("shapely", "libgeos_c")

# -- the machine -------------------------------------------------------------------------------
IOC_VAR = Path(env("IOC_VAR", str(BASE_DIR / "var")))
IOC_DB_POOL = int(env("IOC_DB_POOL", "8"))
IOC_STATEMENT_TIMEOUT_MS = int(env("IOC_STATEMENT_TIMEOUT_MS", "0"))
IOC_TILE_POOL = int(env("IOC_TILE_POOL", "4"))
IOC_BROKER_URL = env("IOC_BROKER_URL")
IOC_PARTS = env_list("IOC_PARTS")
IOC_AIS_UDP = env("IOC_AIS_UDP", "127.0.0.1:10110")
IOC_BASE_URL = env("IOC_BASE_URL", "http://127.0.0.1:8000")
IOC_BENCH = env_bool("IOC_BENCH")
IOC_DEMO_SEED = int(env("IOC_DEMO_SEED", "1"))

DEBUG = env_bool("IOC_DEBUG")
SECRET_KEY = env("IOC_SECRET_KEY") or "only-for-tests-and-building-up-makes-a-real-one"
ALLOWED_HOSTS = env_list("IOC_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env_list("IOC_TRUSTED_ORIGINS")
IOC_TRUST_PROXY = env_bool("IOC_TRUST_PROXY")
if IOC_TRUST_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
IOC_HTTPS = env_bool("IOC_HTTPS")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IOC_HTTPS

DATABASE_URL = env("DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/ioc")
DATABASES = {"default": database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "ioc.shared_cache.SharedCache",
        "LOCATION": "ioc_cache",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    },
    "local": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

# -- the city ----------------------------------------------------------------------------------
IOC_PACK_PATH = [
    Path(path) if Path(path).is_absolute() else BASE_DIR / path
    for path in env("IOC_PACK_PATH", "../shared/packs:fixtures/packs").split(":")
    if path
]
IOC_PACK = env("IOC_PACK", "hue")
IOC_PACK_URL_OSM = env("IOC_PACK_URL_OSM")
IOC_PACK_URL_WARDS = env("IOC_PACK_URL_WARDS")
IOC_PUBLIC_GRID_M = int(env("IOC_PUBLIC_GRID_M", "200"))

# -- live map ----------------------------------------------------------------------------------
IOC_LIVE_TICK_S = float(env("IOC_LIVE_TICK_S", "0.5"))
IOC_LIVE_RETAIN_S = int(env("IOC_LIVE_RETAIN_S", "3600"))
IOC_LIVE_QUEUE = int(env("IOC_LIVE_QUEUE", "64"))
IOC_REPLAY_HOURS = int(env("IOC_REPLAY_HOURS", "26"))

# -- questions ---------------------------------------------------------------------------------
IOC_QUESTION_COST = float(env("IOC_QUESTION_COST", "30000000"))

# -- planning ----------------------------------------------------------------------------------
IOC_PLAN_KEEP_DAYS = int(env("IOC_PLAN_KEEP_DAYS", "365"))
IOC_DASK_SCHEDULER = env("IOC_DASK_SCHEDULER")
IOC_DASK_POINTS = int(env("IOC_DASK_POINTS", "500000"))

# -- reports -----------------------------------------------------------------------------------
IOC_REPORTS_PER_HOUR = int(env("IOC_REPORTS_PER_HOUR", "20"))
IOC_REPORTS_KEEP_DAYS = int(env("IOC_REPORTS_KEEP_DAYS", "730"))
IOC_REPORTS_PROOF = int(env("IOC_REPORTS_PROOF", "50000"))
IOC_OPEN311_PER_HOUR = int(env("IOC_OPEN311_PER_HOUR", "1000"))
IOC_PUBLIC_URL = env("IOC_PUBLIC_URL") or IOC_BASE_URL
IOC_OUTGOING_NETWORKS = env_list("IOC_OUTGOING_NETWORKS")
IOC_OUTGOING_HTTP = env_bool("IOC_OUTGOING_HTTP")
IOC_PUSH_SERVICES = env_list(
    "IOC_PUSH_SERVICES",
    "fcm.googleapis.com,push.services.mozilla.com,push.apple.com,notify.windows.com",
)
IOC_REPORTS_RANK_MIN = int(env("IOC_REPORTS_RANK_MIN", "20"))
IOC_REPORTS_HOLD_AT = float(env("IOC_REPORTS_HOLD_AT", "0.6"))

# -- vessels -----------------------------------------------------------------------------------
IOC_VESSELS_HOT_DAYS = int(env("IOC_VESSELS_HOT_DAYS", "30"))

# -- environment -------------------------------------------------------------------------------
IOC_TERRAIN_MEMORY_GB = float(env("IOC_TERRAIN_MEMORY_GB", "0"))

# -- vision ------------------------------------------------------------------------------------
IOC_VISION_FPS = float(env("IOC_VISION_FPS", "5"))
IOC_VISION_PRIVATE_NETWORKS = env_list("IOC_VISION_PRIVATE_NETWORKS")
IOC_VISION_MEDIA_ROOTS = env_list("IOC_VISION_MEDIA_ROOTS")
IOC_VISION_EVENT_DAYS = int(env("IOC_VISION_EVENT_DAYS", "30"))
IOC_VISION_RECORD_DAYS = int(env("IOC_VISION_RECORD_DAYS", "400"))
IOC_VISION_PLATE_DAYS = int(env("IOC_VISION_PLATE_DAYS", "30"))
IOC_VISION_PLATES = env_bool("IOC_VISION_PLATES")
IOC_VISION_KEYS = env_list("IOC_VISION_KEYS")
IOC_VISION_HOSTS = env_list("IOC_VISION_HOSTS")
IOC_VISION_DISCOVERY = env_list("IOC_VISION_DISCOVERY")
IOC_VISION_CLIP_MB = int(env("IOC_VISION_CLIP_MB", "300"))

# -- environment -------------------------------------------------------------------------------
IOC_MQTT_URL = env("IOC_MQTT_URL")
IOC_MQTT_PUBLIC_URL = env("IOC_MQTT_PUBLIC_URL")
IOC_MQTT_CA = env("IOC_MQTT_CA")

# -- Django ------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "frontend",
    "ioc.admin_site.IocAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "django.contrib.postgres",
    "leaflet",
    "allauth",
    "allauth.account",
    "geo",
    "layers",
    "ioc.accounts",
    "ioc.reports",
    "ioc.billboards",
    "vessels",
    "environment",
    "vision",
    "ioc.planning",
    "ioc.incidents",
    "ioc",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "ioc.urls"
ASGI_APPLICATION = "ioc.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ]
        },
    }
]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "worker-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
}

# -- people ------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
IOC_TOKEN_USER = "ioc.accounts.queries.user_of_token"
AUTHENTICATION_BACKENDS = [
    "ioc.accounts.backends.RoleBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/welcome/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = env("IOC_EMAIL_VERIFICATION", "optional")
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/300s/key"}
EMAIL_BACKEND = env("IOC_EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
EMAIL_HOST = env("IOC_EMAIL_HOST", "localhost")
EMAIL_PORT = int(env("IOC_EMAIL_PORT", "25"))
EMAIL_HOST_USER = env("IOC_EMAIL_USER")
EMAIL_HOST_PASSWORD = env("IOC_EMAIL_PASSWORD")
EMAIL_USE_TLS = env_bool("IOC_EMAIL_TLS")
EMAIL_TIMEOUT = 5
DEFAULT_FROM_EMAIL = env("IOC_FROM_EMAIL", "ioc@localhost")

# -- words, time, files ------------------------------------------------------------------------
LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", _("Vietnamese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "ioc" / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "Asia/Ho_Chi_Minh"
STATIC_URL = "/static/"
STATIC_ROOT = IOC_VAR / "static"
FRONTEND_DIST = BASE_DIR / "frontend" / "dist"
STATICFILES_DIRS = [("ioc", FRONTEND_DIST)] if FRONTEND_DIST.exists() else []
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 31536000 if not DEBUG else 0
MEDIA_ROOT = IOC_VAR / "media"
DATA_UPLOAD_MAX_MEMORY_SIZE = 50 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
LEAFLET_CONFIG = {
    "DEFAULT_CENTER": (16.4637, 107.5909),
    "DEFAULT_ZOOM": 11,
    "MIN_ZOOM": 6,
    "MAX_ZOOM": 19,
    "TILES": [],
    "NO_GLOBALS": False,
    "RESET_VIEW": False,
    "PLUGINS": {"city": {"js": "frontend/admin-map.js", "auto-include": True}},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "structlog.stdlib.ProcessorFormatter",
            "processors": "ext://ioc.logs.RENDER",
            "foreign_pre_chain": "ext://ioc.logs.SHARED",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": env("IOC_LOG_LEVEL", "INFO")},
    "loggers": {"django.request": {"level": "ERROR"}},
}
