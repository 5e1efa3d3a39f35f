"""Django settings. Every value that differs between installations comes from the environment (docs/operations.md)."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import environ

from config import env

BASE_DIR = Path(__file__).resolve().parent.parent
PATCHBAY_HOME = Path(os.environ.get("PATCHBAY_HOME") or BASE_DIR / "var")
env.read_home_file(PATCHBAY_HOME / "env")

DEBUG = False
SECRET_KEY = env.value("SECRET_KEY", env.secret)
PATCHBAY_ENCRYPTION_KEYS = env.value("PATCHBAY_ENCRYPTION_KEYS", env.encryption_keys)
PATCHBAY_PUBLIC_URL = env.value("PATCHBAY_PUBLIC_URL", env.http_url, "http://localhost:8000")
PATCHBAY_ALLOWED_PRIVATE_NETWORKS = env.value("PATCHBAY_ALLOWED_PRIVATE_NETWORKS", env.networks, "")
REDIS_URL = env.value("REDIS_URL", env.redis_url)
_public = urlsplit(PATCHBAY_PUBLIC_URL)
_secure = _public.scheme == "https"
# Loopback always: probes and Prometheus ask there, whatever names the proxy lets through.
ALLOWED_HOSTS = [*env.value("ALLOWED_HOSTS", env.words, str(_public.hostname)), "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "axes",
    "channels",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "common",
    "tenants",
    "integrations",
    "cti",
]

MIDDLEWARE = [
    "common.requests.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tenants.middleware.MembershipMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tenants.middleware.membership_context",
            ]
        },
    }
]

# The connection is the owner's; every query runs as the role that owns nothing, so row-level security holds (tenants/rls.py).
DATABASE_URL = env.value("DATABASE_URL", env.postgres_url)
DATABASE_ROLE = "patchbay_app"
DATABASES = {
    "default": environ.Env.db_url_config(DATABASE_URL)
    | {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,  # so that a restart of PostgreSQL fails no request after it
        "OPTIONS": {
            # Not Django's assume_role: with a pool it waits for a second connection while it configures the first.
            "options": f"-c role={DATABASE_ROLE}",
            "connect_timeout": 5,
            "pool": {"min_size": 0, "max_size": 12, "timeout": 10},
        },
        "TEST": {"NAME": os.environ.get("PATCHBAY_TEST_DATABASE") or None},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "tenants.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "email"
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "locked_out.html"
AXES_HTTP_RESPONSE_CODE = 429

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"  # the vendor's OAuth redirect is a cross-site navigation that needs the session
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _secure
CSRF_COOKIE_HTTPONLY = True  # pages read the token from a meta tag
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if _secure else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _secure else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'", f"{'wss' if _secure else 'ws'}:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        # Log-in and connect forms may end, through redirects, on a vendor's OAuth page; browsers check every hop.
        "form-action": ["'self'", "https:"] if _secure else ["'self'", "https:", "http:"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = PATCHBAY_HOME / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "tenants.authentication.ApiKeyAuthentication",
        "tenants.authentication.MemberSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["tenants.authentication.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "cti.api.problems.problem_response",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Patchbay API",
    "DESCRIPTION": "Call control, events and directory of every connected PBX behind one API.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 120
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A request that wakes work up doesn't wait long for a broker that is away: beat finds the work later.
CELERY_BROKER_TRANSPORT_OPTIONS = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.2}
CELERY_BEAT_SCHEDULE = {
    "wake-upkeep": {"task": "integrations.wake_upkeep", "schedule": 5.0, "options": {"expires": 5}},
    "close-lost-calls": {"task": "cti.close_lost_calls", "schedule": 15.0, "options": {"expires": 15}},
    "purge": {"task": "cti.purge", "schedule": 3600.0, "options": {"expires": 600}},
}

LOG_LEVEL = env.value("LOG_LEVEL", env.text, "INFO")
LOGGING_CONFIG = None  # common.logs sets up structlog for every process
