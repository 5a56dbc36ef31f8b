"""Settings from the environment, typed, in one place; no secret has a default."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

DATA = Path(os.environ.get("TOUCHSTONE_DATA", "var")).resolve()
KEYS = Path(os.environ.get("TOUCHSTONE_KEYS", DATA / "keys")).resolve()
# What new values are sealed with: aes-256-gcm or sm4-gcm; the vault refuses any other at the start.
CIPHER = os.environ.get("TOUCHSTONE_CIPHER", "aes-256-gcm")
# Files of evidence, encrypted; the limits below are of the machine, not of the standard.
EVIDENCE = Path(os.environ.get("TOUCHSTONE_EVIDENCE", DATA / "evidence")).resolve()
EVIDENCE_MAX_BYTES = int(os.environ.get("TOUCHSTONE_EVIDENCE_MAX_MB", "20")) * 1024 * 1024
EVIDENCE_ORPHAN_DAYS = int(os.environ.get("TOUCHSTONE_EVIDENCE_ORPHAN_DAYS", "7"))
DRAFT_DAYS = int(os.environ.get("TOUCHSTONE_DRAFT_DAYS", "30"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
    "evidence": {"BACKEND": "touchstone.evidence.folder.EvidenceFolder"},
}


def database_from_url(url: str) -> dict[str, Any]:
    """Django's database entry for ``sqlite:///path`` or ``postgres://user:password@host/name``."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        synchronous = os.environ.get("TOUCHSTONE_SQLITE_SYNCHRONOUS", "FULL")
        if synchronous not in {"FULL", "NORMAL", "OFF"}:
            raise SystemExit("TOUCHSTONE_SQLITE_SYNCHRONOUS is FULL, NORMAL or OFF")
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path),
            "TEST": {"NAME": str(DATA / "test.sqlite3")},
            "OPTIONS": {
                "timeout": 30,
                "transaction_mode": "IMMEDIATE",
                "init_command": f"PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous};",
            },
        }
    if parts.scheme not in {"postgres", "postgresql"}:
        raise SystemExit(f"TOUCHSTONE_DATABASE_URL: unknown kind of database {parts.scheme!r}")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


DATABASES = {
    "default": database_from_url(
        os.environ.get("TOUCHSTONE_DATABASE_URL") or f"sqlite://{DATA / 'touchstone.sqlite3'}"
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "template_partials",
    # Our templates of allauth's elements come before its own.
    "touchstone.ui",
    "touchstone.web",
    "touchstone.api",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "touchstone.journal",
    "touchstone.packs",
    "touchstone.identity",
    "touchstone.vault",
    "touchstone.evidence",
    "touchstone.records",
    "touchstone.standard",
    "touchstone.clocks",
    "touchstone.decisions.limits",
    # Before process: a port that has no provider when process starts stops the start.
    "touchstone.people",
    "touchstone.process",
    "touchstone.service",
    "touchstone.improvement",
    "touchstone.measures",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "touchstone.api.edge.ApiEdge",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "touchstone.web.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "touchstone.web.middleware.VisitorMiddleware",
    "touchstone.web.middleware.SecondFactorMiddleware",
]
ROOT_URLCONF = "touchstone.config.urls"
WSGI_APPLICATION = "touchstone.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "touchstone.web.context.shell",
            ]
        },
    }
]

DEBUG = False
ALLOWED_HOSTS = os.environ.get("TOUCHSTONE_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = DATA / "static"
WHITENOISE_USE_FINDERS = True


def _secret_key() -> str:
    """The signing key of the web edge: from the environment, else made once beside the data."""
    given = os.environ.get("TOUCHSTONE_SECRET_KEY")
    if given:
        return given
    path = KEYS / "web-secret"
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        import secrets

        KEYS.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48), encoding="ascii")
        return path.read_text(encoding="ascii")


SECRET_KEY = _secret_key()

# Whether the server shows a simulated bank whose people anybody may step into.
DEMO = os.environ.get("TOUCHSTONE_DEMO", "") == "1"
# Behind TLS (everywhere but on one's own machine) cookies are sent over TLS only.
HTTPS = os.environ.get("TOUCHSTONE_HTTPS", "") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
CSRF_USE_SESSIONS = False
CSRF_FAILURE_VIEW = "touchstone.web.failing.no_token"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
# A session that stood idle ends after so many seconds.
IDLE_SECONDS = int(os.environ.get("TOUCHSTONE_IDLE_SECONDS", "1800"))
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# How often one token may ask; a limit of the machine.
API_REQUESTS_A_MINUTE = int(os.environ.get("TOUCHSTONE_API_REQUESTS_A_MINUTE", "600"))

# Counters of failed log-ins and of the API's requests are shared by every process of the institution.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "web_cache",
    }
}
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "touchstone.web.passwords.LongEnough",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
# `required`: members of staff need a second factor; `off`: they do not (a demonstration).
SECOND_FACTOR = "off" if DEMO else os.environ.get("TOUCHSTONE_SECOND_FACTOR", "required")
ACCOUNT_ADAPTER = "touchstone.web.accounts.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "touchstone.web.accounts.DirectoryAdapter"
ACCOUNT_FORMS = {
    "login": "touchstone.web.account_forms.LoginForm",
    "reauthenticate": "touchstone.web.account_forms.ReauthenticateForm",
    "change_password": "touchstone.web.account_forms.ChangePasswordForm",
}
MFA_FORMS = {
    "add_webauthn": "touchstone.web.account_forms.AddKeyForm",
    "edit_webauthn": "touchstone.web.account_forms.EditKeyForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/15m/key"}
ACCOUNT_SESSION_REMEMBER = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Touchstone"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
USERSESSIONS_TRACK_ACTIVITY = False


def _directory_provider() -> dict[str, Any]:
    """The bank's own directory over OpenID Connect, where the environment names one."""
    server = os.environ.get("TOUCHSTONE_OIDC_SERVER")
    if not server:
        return {}
    application = {
        "provider_id": "directory",
        "name": os.environ.get("TOUCHSTONE_OIDC_NAME", "Directory"),
        "client_id": os.environ["TOUCHSTONE_OIDC_CLIENT"],
        "secret": os.environ["TOUCHSTONE_OIDC_SECRET"],
        "settings": {"server_url": server},
    }
    return {"openid_connect": {"APPS": [application], "OAUTH_PKCE_ENABLED": True}}


SOCIALACCOUNT_PROVIDERS = _directory_provider()
SOCIALACCOUNT_AUTO_SIGNUP = True
SOCIALACCOUNT_LOGIN_ON_GET = False
# The claim that holds the person's id of this house.
OIDC_PERSON_CLAIM = os.environ.get("TOUCHSTONE_OIDC_PERSON", "preferred_username")
# What `amr` or `acr` may hold for the directory's log-in to count as two factors.
OIDC_SECOND_FACTOR = frozenset(os.environ.get("TOUCHSTONE_OIDC_MFA", "mfa,otp,hwk,fido").split(","))

# What goes wrong is written to standard error, once, with its stack; pages show none of it.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"errors": {"class": "logging.StreamHandler", "level": "WARNING"}},
    "loggers": {
        "django": {"handlers": ["errors"], "level": "WARNING", "propagate": False},
        # What was refused is an answer, not a fault.
        "django.request": {"level": "ERROR"},
        "touchstone": {"handlers": ["errors"], "level": "WARNING"},
    },
}

# Ways out of the house; one that is not configured does not exist, and letters wait to be printed.
SMTP: dict[str, Any] = {
    "host": os.environ.get("TOUCHSTONE_SMTP_HOST", ""),
    "port": int(os.environ.get("TOUCHSTONE_SMTP_PORT", "587")),
    "user": os.environ.get("TOUCHSTONE_SMTP_USER", ""),
    "password": os.environ.get("TOUCHSTONE_SMTP_PASSWORD", ""),
    "sender": os.environ.get("TOUCHSTONE_SMTP_FROM", ""),
    # starttls, tls or none; none only where the server stands in the same machine room.
    "security": os.environ.get("TOUCHSTONE_SMTP_SECURITY", "starttls"),
    # Certificates to trust beside the machine's own.
    "authorities": os.environ.get("TOUCHSTONE_SMTP_CA", ""),
    # Mail domains whose boxes stand behind this very server: accepted there is delivered.
    "own_domains": [
        item
        for item in os.environ.get("TOUCHSTONE_SMTP_OWN_DOMAINS", "").lower().split(",")
        if item
    ],
}
GATEWAY: dict[str, str] = {
    "url": os.environ.get("TOUCHSTONE_GATEWAY_URL", ""),
    "secret": os.environ.get("TOUCHSTONE_GATEWAY_SECRET", ""),
    "authorities": os.environ.get("TOUCHSTONE_GATEWAY_CA", ""),
}
# Whether subscribers may stand in a private network; the gateway is the operator's own and may.
WEBHOOKS_TO_PRIVATE = os.environ.get("TOUCHSTONE_WEBHOOKS_TO_PRIVATE", "") == "1"
