"""An ordinary project, as small as Django lets it be. What differs between runs comes from the environment."""

import os
import tempfile
from pathlib import Path
from urllib.parse import quote

from config import database

# Nothing here is secret: there are no sessions, no passwords and nothing signed.
SECRET_KEY = os.environ.get("SECRET_KEY", "for-demos-only")
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]

INSTALLED_APPS = ["books"]
MIDDLEWARE = [
    "books.workers.name_worker",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]

DATABASE_URL = os.environ.get("DATABASE_URL") or "sqlite:///" + quote(
    str(Path(tempfile.gettempdir(), "greenroom-books.sqlite3"))
)
DATABASES = {"default": database.from_url(DATABASE_URL)}

TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
LANGUAGE_CODE = "en-us"

# For the control runs: 1.10 gives the CPU-bound view ten per cent more work.
SLOWDOWN = float(os.environ.get("SITE_SLOWDOWN", "1"))
