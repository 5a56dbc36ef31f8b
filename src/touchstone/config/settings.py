"""Settings from the environment, typed, in one place; no secret has a default."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

DATA = Path(os.environ.get("TOUCHSTONE_DATA", "var")).resolve()
KEYS = Path(os.environ.get("TOUCHSTONE_KEYS", DATA / "keys")).resolve()
# What new values are sealed with: aes-256-gcm or sm4-gcm; the vault refuses any other at the start.
CIPHER = os.environ.get("TOUCHSTONE_CIPHER", "aes-256-gcm")


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
    "django.contrib.staticfiles",
    "touchstone.journal",
    "touchstone.packs",
    "touchstone.identity",
    "touchstone.vault",
    "touchstone.records",
    "touchstone.standard",
    "touchstone.clocks",
    "touchstone.process",
    "touchstone.measures",
    "touchstone.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "touchstone.config.urls"
ASGI_APPLICATION = "touchstone.config.asgi.application"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]

DEBUG = False
ALLOWED_HOSTS = os.environ.get("TOUCHSTONE_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
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
