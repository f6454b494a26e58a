"""Every setting of the service, in one file; every value from the environment (deploy/env.sample).

Order: place, applications, middleware, templates, database, cache and sessions, accounts, language
and time, static files, security, neighbours, rules of the service, API, admin, Celery, logs.
"""

from datetime import timedelta
from pathlib import Path

from csp.constants import NONCE, NONE, SELF
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _
from whitenoise.compress import Compressor

from mpaspor.core import env

# Place
BASE_DIR = Path(__file__).resolve().parent.parent
BASE_URL = env.text("BASE_URL", "http://127.0.0.1:8000").rstrip("/")
DEBUG = env.flag("DEBUG", False)
# Pages then say that this is a demonstration and link to the simulators.
DEMO = env.flag("DEMO", False)
DEMO_FILE = env.text("DEMO_FILE", "")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost")
ROOT_URLCONF = "mpaspor.urls"
WSGI_APPLICATION = "mpaspor.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Applications
INSTALLED_APPS = [
    "mpaspor.core",
    "mpaspor.embedded",
    "mpaspor.audit",
    "mpaspor.notifications",
    "applicants",
    "quota",
    "payments",
    "appointments",
    "unfold.apps.BasicAppConfig",
    "mpaspor.apps.OfficersConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "django_htmx",
    "phonenumber_field",
    "pgtrigger",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "oauth2_provider",
]

# Middleware
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "mpaspor.shared_answers.shared_answers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "mpaspor.middleware.language",
    "mpaspor.middleware.readable",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "mpaspor.middleware.admin_policy",
    "mpaspor.crowd.middleware.crowd",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "mpaspor.middleware.comes_back",
    "mpaspor.middleware.Refusals",
]

# Templates
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mpaspor.views.site",
            ],
            "builtins": ["django.templatetags.i18n", "mpaspor.core.templatetags.words"],
        },
    },
]

# Database
# A process that hangs inside a transaction has seats and bills locked: it is cut off, in ms.
STUCK = "-c idle_in_transaction_session_timeout=30000"
DATABASES = {
    "default": {
        **env.database("DATABASE_URL", options=STUCK),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
    }
}

# Cache and sessions: sessions are rows in PostgreSQL, so no restart throws anybody out; Redis has
# copies for so many seconds (docs/adr/0003).
REDIS_URL = env.text("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "mpaspor.core.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5},
    }
}
SESSION_ENGINE = "applicants.sessions"
SESSION_CACHE_SECONDS = 60
SESSION_COOKIE_AGE = int(timedelta(days=30).total_seconds())
SESSION_COOKIE_HTTPONLY = True

# Accounts
AUTH_USER_MODEL = "applicants.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "mpaspor.roles.OfficerRoles",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 8},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "my_applications"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "applicants.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email", "phone"}
# For allauth's own form and checks only: ours is applicants.forms.SignUpForm.
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
# Contacts are confirmed by our own step of signing in (applicants.stages): e-mail or phone alike.
ACCOUNT_EMAIL_VERIFICATION = "none"
# Whoever forgot how they signed up is told so: people matter more here than hiding an address.
ACCOUNT_PREVENT_ENUMERATION = False
ACCOUNT_SESSION_REMEMBER = True
# Seconds that somebody has to type the code after the password.
ACCOUNT_LOGIN_TIMEOUT = 3600
# Wrong passwords are counted by ourselves (applicants/guessing.py), for each account and never by
# address: so many at once, then one more each so many seconds.
ACCOUNT_RATE_LIMITS = {"login": None, "signup": None, "login_failed": None}
PASSWORD_TRIES = env.number("PASSWORD_TRIES", 10)
PASSWORD_PAUSE = env.number("PASSWORD_PAUSE", 600)
# A six-digit code: seconds it can be used, tries it allows, and the seconds of pause before the
# second, third, … one to the same contact within a day; the last pause repeats.
CODE_LIFETIME = 600
CODE_TRIES = 5
# Seconds for which a code typed back opens what cannot be undone.
STEP_UP_LIFETIME = 600
CODE_PAUSES = (30, 60, 120, 300, 900, 3600)
# Codes by SMS (applicants.sms_budget): to one number for one purpose within a day; and how many a
# block of neighbouring numbers may have within the window that nobody typed back: so many, and so
# many more for each one that was typed back.
SMS_A_DAY = env.number("SMS_A_DAY", 10)
SMS_BLOCK_WINDOW = timedelta(hours=6)
SMS_BLOCK_UNANSWERED = env.number("SMS_BLOCK_UNANSWERED", 300)
SMS_BLOCK_RATIO = 3
# How often it is told whether a contact is registered, and which accounts know a NIK (for one asker
# and about one NIK alike).
LOOKUPS_AN_HOUR = env.number("LOOKUPS_AN_HOUR", 10)
NIK_LOOKUPS_A_DAY = env.number("NIK_LOOKUPS_A_DAY", 5)
# How often a wrong date of birth may be typed for one code, where the status is told without
# signing in.
TRACK_TRIES_A_DAY = env.number("TRACK_TRIES_A_DAY", 10)
# Where most people have their mail: an address that is a slip away from one is asked about. Those
# that are a slip away from each other must both stand here.
MAIL_DOMAINS = [
    "gmail.com",
    "yahoo.com",
    "yahoo.co.id",
    "ymail.com",
    "rocketmail.com",
    "hotmail.com",
    "outlook.com",
    "outlook.co.id",
    "live.com",
    "icloud.com",
    "mail.com",
    "googlemail.com",
    "proton.me",
]
# The second step: wrong answers that an account may give in so many seconds.
SECOND_STEP_TRIES = 5
SECOND_STEP_WINDOW = 900

# Language and time
LANGUAGE_CODE = "id"
LANGUAGES = [("id", "Bahasa Indonesia"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Jakarta"
PHONENUMBER_DEFAULT_REGION = "ID"
PHONENUMBER_DB_FORMAT = "E164"

# Static files
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(BASE_DIR / ".local" / "static")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    # People's documents: never below a folder that a web server hands out (docs/adr/0027).
    "documents": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": env.text("DOCUMENTS_FOLDER", str(BASE_DIR / ".local" / "documents")),
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
}
# Instead a private bucket, if one is named; needs django-storages[s3], which is not locked here.
if bucket := env.text("DOCUMENTS_BUCKET", ""):
    STORAGES["documents"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": env.text("DOCUMENTS_ENDPOINT", "") or None,
            "default_acl": "private",
            "file_overwrite": False,
        },
    }
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "map"]

# Security
SECRET_KEY = env.text("SECRET_KEY")
DEFAULT_EXCEPTION_REPORTER = "mpaspor.core.reports.ScrubbedReporter"
# "1:<base64>,2:<base64>": all of them open, one seals; a NIK is indexed under all of them. How to
# get from one to the next: docs/operations.md.
SEAL_KEYS = env.keys("SEAL_KEYS")
SEAL_WITH = env.key_in_use("SEAL_WITH", SEAL_KEYS)
INDEX_KEYS = env.index_keys("INDEX_KEYS")
INDEX_WITH = env.key_in_use("INDEX_WITH", INDEX_KEYS)
# Ed25519, "1:<base64 of 32 bytes>": all of them are published to check letters with, one signs.
LETTER_KEYS = env.keys("LETTER_KEYS")
LETTER_WITH = env.key_in_use("LETTER_WITH", LETTER_KEYS)
HTTPS = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
CSRF_TRUSTED_ORIGINS = [BASE_URL]
CSRF_FAILURE_VIEW = "mpaspor.views.stale_form"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_HANDLERS = [
    "appointments.documents.handlers.Limited",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# Crowds (mpaspor/crowd). How many of our own proxies add to X-Forwarded-For on the way here.
NUM_PROXIES = env.number("NUM_PROXIES", 0)
# Requests a minute from one device or address, above which browsers do a sum of so many bits, or
# wait for so many seconds.
POW_REQUESTS_A_MINUTE = env.number("POW_REQUESTS_A_MINUTE", 600)
POW_BITS = env.number("POW_BITS", 16)
POW_WAIT = env.number("POW_WAIT", 10)

# Neighbours
SIMPONI_URL = env.text("SIMPONI_URL", "").rstrip("/")
SIMPONI_KEY = env.text("SIMPONI_KEY", "")
# Seconds a single call may take; only workers call, never a page.
SIMPONI_TIMEOUT = env.number("SIMPONI_TIMEOUT", 8)
# Seconds after which bills in the hands of a dead worker are taken up; more than a batch takes.
SIMPONI_LEASE = env.number("SIMPONI_LEASE", 60)
# As with the registry: failures in a row, and seconds of rest.
SIMPONI_FAILURES = env.number("SIMPONI_FAILURES", 5)
SIMPONI_REST = env.number("SIMPONI_REST", 30)
# Hours after the end of a bill in which "unknown" keeps the seat; then a person decides.
UNKNOWN_HOURS = env.number("UNKNOWN_HOURS", 6)
# Minutes of silence of the gateway that stop people's clocks, and the least that a bill gets back.
INCIDENT_MINUTES = env.number("INCIDENT_MINUTES", 5)
# Minutes after which those who can end an outage are reminded of one that an officer opened, and
# again each time they have passed.
INCIDENT_REMIND_MINUTES = env.number("INCIDENT_REMIND_MINUTES", 60)
THAW_LEAST_MINUTES = env.number("THAW_LEAST_MINUTES", 10)
# Days that the gateway's callbacks are kept as they came.
CALLBACK_DAYS = env.number("CALLBACK_DAYS", 90)
# Minutes in which who says “I have paid” has the bank's answer.
CLAIM_MINUTES = env.number("CLAIM_MINUTES", 5)
# Pictures of receipts that are taken for one bill.
CLAIM_PICTURES = env.number("CLAIM_PICTURES", 5)
# Working days in which the treasurer decides about money that paid nothing.
CASE_DAYS = env.number("CASE_DAYS", 3)
# Days after the paid session within which another one counts as equal.
RESTORE_DAYS = env.number("RESTORE_DAYS", 14)
# Who is moved because a session was closed goes to one of so many days, and is told of it at least
# so many hours before.
RESEAT_DAYS = env.number("RESEAT_DAYS", 30)
RESEAT_NOTICE_HOURS = env.number("RESEAT_NOTICE_HOURS", 24)
DUKCAPIL_URL = env.text("DUKCAPIL_URL", "").rstrip("/")
DUKCAPIL_KEY = env.text("DUKCAPIL_KEY", "")
# As with the gateway, in seconds.
DUKCAPIL_TIMEOUT = env.number("DUKCAPIL_TIMEOUT", 8)
DUKCAPIL_LEASE = env.number("DUKCAPIL_LEASE", 60)
# After so many questions in a row without an answer the registry is not asked for so many seconds.
DUKCAPIL_FAILURES = env.number("DUKCAPIL_FAILURES", 5)
DUKCAPIL_REST = env.number("DUKCAPIL_REST", 30)
SMS_URL = env.text("SMS_URL", "").rstrip("/")
SMS_KEY = env.text("SMS_KEY", "")
# WhatsApp is offered where these are set: Meta's address with its version, a token, the id of our
# number there; and the name of our template.
WHATSAPP_URL = env.text("WHATSAPP_URL", "").rstrip("/")
WHATSAPP_TOKEN = env.text("WHATSAPP_TOKEN", "")
WHATSAPP_SENDER = env.text("WHATSAPP_SENDER", "")
WHATSAPP_TEMPLATE = env.text("WHATSAPP_TEMPLATE", "") or "mpaspor_notice"
EMAIL_HOST = env.text("EMAIL_HOST", "127.0.0.1")
EMAIL_PORT = env.number("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "M-Paspor <no-reply@localhost>")

# Rules of the service that hold for the whole country (those of an office are rows: quota.Terms)
PERSONS_PER_ACCOUNT = env.number("PERSONS_PER_ACCOUNT", 5)
# Typed and not sent (applicants.drafts): days it is kept, forms of an account, bytes of a form.
DRAFT_DAYS = env.number("DRAFT_DAYS", 30)
DRAFTS_PER_ACCOUNT = 20
DRAFT_LENGTH = 20_000
# Years from which on nobody needs a parent or guardian, and a passport for ten years can be had.
ADULT_AGE = env.number("ADULT_AGE", 17)
# Priority seats are for people from this age on and for children up to this age, on the day of the
# visit; for others with a need that they say themselves.
PRIORITY_FROM_AGE = env.number("PRIORITY_FROM_AGE", 60)
PRIORITY_TO_AGE = env.number("PRIORITY_TO_AGE", 5)
# Working days between the visit and a journey that are safe: making the book takes three to four,
# the rest is for what goes wrong.
SAFE_WORKING_DAYS = env.number("SAFE_WORKING_DAYS", 10)
MAKING_WORKING_DAYS = env.number("MAKING_WORKING_DAYS", 4)
# Days before the last day on which a passport that is ready can be collected: reminders.
COLLECT_REMINDERS = [int(days) for days in env.words("COLLECT_REMINDERS", "14,3")]
# Documents that people send: bytes of a file and pages of a PDF at most, and days before the visit
# until which what is to be sent again should be there.
UPLOAD_BYTES = env.number("UPLOAD_BYTES", 10_000_000)
# A file may come in parts of so many bytes; what has arrived of it is kept for these hours.
UPLOAD_PART_BYTES = env.number("UPLOAD_PART_BYTES", 256_000)
UPLOAD_HOURS = env.number("UPLOAD_HOURS", 24)
UPLOAD_PAGES = env.number("UPLOAD_PAGES", 20)
DOCUMENTS_DAYS_BEFORE = env.number("DOCUMENTS_DAYS_BEFORE", 2)
# People who can be booked together.
PARTY_LIMIT = env.number("PARTY_LIMIT", 5)
# Hours in which a request about one's data is answered: three times 24 (UU 27/2022).
PRIVACY_ANSWER_HOURS = env.number("PRIVACY_ANSWER_HOURS", 72)
# Seconds until the civil registry is asked again about a person, by how many tries had no answer;
# the last one repeats. After so many tries or days without an answer an officer may decide.
VERIFICATION_BACK_OFF: tuple[int, ...] = (30, 120, 600, 3600, 21_600, 86_400)
VERIFICATION_TRIES = env.number("VERIFICATION_TRIES", 8)
VERIFICATION_DAYS = env.number("VERIFICATION_DAYS", 3)
# Seconds until it is asked about a person who was corrected, by how often; the last one repeats.
VERIFICATION_PAUSES = (0, 0, 60, 600, 3600, 86_400)

# The waiting room. Its files lie in a folder that the web server in front hands out as /queue/.
QUEUE_URL = "/queue/"
QUEUE_FOLDER = env.text("QUEUE_FOLDER", str(BASE_DIR / ".local" / "queue"))
# People a second that are called: at the start, added by each step that goes well, and at most.
QUEUE_RATE_START = env.number("QUEUE_RATE_START", 5)
QUEUE_RATE_STEP = env.number("QUEUE_RATE_STEP", 1)
QUEUE_RATE_MAX = env.number("QUEUE_RATE_MAX", 50)
# Milliseconds to count the free seats of a release from which on the database is called slow.
QUEUE_SLOW_MS = env.number("QUEUE_SLOW_MS", 500)
# Followers of an office: minutes before an opening that they are reminded, and SMS a day of each
# (or WhatsApp messages).
FOLLOWERS_REMINDED_MINUTES = env.number("FOLLOWERS_REMINDED_MINUTES", 60)
FOLLOWER_SMS_A_DAY = env.number("FOLLOWER_SMS_A_DAY", 3)
# Offers of the waiting list that may stay unanswered; then the wish is closed.
OFFERS_UNANSWERED = env.number("OFFERS_UNANSWERED", 2)
# Nobody is offered a seat with less time to answer than this.
OFFER_LEAST_MINUTES = env.number("OFFER_LEAST_MINUTES", 15)

# API
# Requests a minute that one client may make.
API_REQUESTS_A_MINUTE = env.number("API_REQUESTS_A_MINUTE", 600)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "oauth2_provider.contrib.rest_framework.OAuth2Authentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["mpaspor.api.clients.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["mpaspor.api.limits.ClientLimit"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["mpaspor.api.bodies.JsonBody"],
    "DEFAULT_PAGINATION_CLASS": "mpaspor.api.pages.Pages",
    "DEFAULT_SCHEMA_CLASS": "mpaspor.api.operations.Operation",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "mpaspor.api.problems.problem",
    "UNAUTHENTICATED_USER": None,
}
OAUTH2_PROVIDER = {
    "SCOPES": {
        "applications:write": "Register persons and applications",
        "appointments:read": "Read appointments",
        "appointments:write": "Book appointments",
        "bills:read": "Read bills",
        "checkin:write": "Check people in at an office",
        "documents:verify": "Look at the documents of an office's visits and decide about them",
    },
    "SCOPES_BACKEND_CLASS": "mpaspor.scopes.ClientScopes",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    # Tokens stored as digests, and never taken from an address, where logs would have them.
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "APPLICATION_ADMIN_CLASS": "mpaspor.api.admin.ClientAdmin",
    # Client credentials and nothing else.
    "OAUTH2_SERVER_CLASS": "oauthlib.oauth2.BackendApplicationServer",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "M-Paspor API",
    "VERSION": "1",
    "DESCRIPTION": (
        "Passport appointments: from free seats to the person at the counter. Money is whole "
        "Rupiah, moments are ISO 8601 with the offset of the office's zone, codes are opaque. "
        "Every POST of a client carries an `Idempotency-Key`; every “no” is "
        "`application/problem+json`, in the language of `Accept-Language`."
    ),
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": [],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # A badge from another server otherwise.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
    "OAUTH2_FLOWS": ["clientCredentials"],
    "OAUTH2_TOKEN_URL": "/api/v1/oauth/token/",
    "OAUTH2_SCOPES": OAUTH2_PROVIDER["SCOPES"],
    "ENUM_NAME_OVERRIDES": {
        "RegistryVerdict": "applicants.enums.RegistryVerdict",
        "OfficeKind": "quota.enums.OfficeKind",
        "ReleaseStatus": "quota.enums.ReleaseStatus",
        "SlotService": "quota.enums.Service",
        "BillStatus": "payments.enums.BillStatus",
        "ApplicationKind": "appointments.enums.Kind",
        "PassportNeed": "appointments.enums.Need",
        "ApplicationStatus": "appointments.enums.ApplicationStatus",
        "ApplicationService": "appointments.enums.ServiceClass",
        "AppointmentStatus": "appointments.enums.AppointmentStatus",
        "DocumentReason": "appointments.documents.enums.Reason",
    },
}

# Admin
UNFOLD = {
    "SITE_TITLE": "M-Paspor",
    "SITE_HEADER": "M-Paspor",
    "SITE_SUBHEADER": _("For officers"),
    "SITE_URL": "/",
    "SITE_ICON": lambda request: static("favicon.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("favicon.svg")}
    ],
    "STYLES": [lambda request: static("css/admin.css")],
    "SHOW_LANGUAGES": True,
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "appointments.views.receiving.todays_desk",
    "SIDEBAR": {"navigation": "mpaspor.sidebar.sidebar"},
    "BORDER_RADIUS": "8px",
    # The applicants' pages' own ink, paper and accent (static/css/mpaspor.css), in eleven steps.
    "COLORS": {
        "base": {
            "50": "#f8f5ef",
            "100": "#f0ece3",
            "200": "#ddd6c9",
            "300": "#c5beb1",
            "400": "#98a09b",
            "500": "#6d7773",
            "600": "#47524e",
            "700": "#37413e",
            "800": "#252d2b",
            "900": "#1b2221",
            "950": "#131817",
        },
        "primary": {
            "50": "#f0f7f5",
            "100": "#e1eeeb",
            "200": "#bfddd8",
            "300": "#8fc4bd",
            "400": "#5aa79f",
            "500": "#8bd6ca",
            "600": "#0b4f4c",
            "700": "#093f3d",
            "800": "#063432",
            "900": "#052a28",
            "950": "#031a19",
        },
        "font": {"subtle-light": "var(--color-base-600)"},
    },
}

# Celery: messages are nudges only; the work lies in PostgreSQL, so nothing is retried or kept here
CELERY_BROKER_URL = env.broker("REDIS_URL")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A worker waits for a broker that is away for as long as it takes.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 1}
# A page sends, and waits no longer than this (seconds) for a broker that is away or silent.
NUDGE_TRANSPORT_OPTIONS = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "max_retries": 0}
CELERY_TASK_IGNORE_RESULT = True
# Workers of their own ask gateway and registry: a slow neighbour holds up nothing else.
CELERY_TASK_ROUTES = {
    "payments.*": {"queue": "payments"},
    "applicants.verify": {"queue": "registry"},
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 300
CELERY_TIMEZONE = "UTC"

# Logs: to standard output, without personal data
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"scrub": {"()": "mpaspor.core.logs.Scrub"}},
    "formatters": {"line": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["scrub"],
        }
    },
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {
        # Django's own handlers do not scrub.
        "django": {"handlers": [], "level": "INFO"},
        "django.server": {"handlers": [], "propagate": True},
        "django.request": {"level": "ERROR"},
        "celery": {"level": "WARNING"},
    },
}
