from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from applicants.views import nik_checks, privacy
from mpaspor import views

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz),
    path("readyz", views.readyz),
    path("status/", views.status, name="status"),
    path("ledger/", views.ledger, name="ledger"),
    path("language/", set_language, name="set_language"),
    path("nik/", nik_checks.check, name="nik_check"),
    path("account/", include("applicants.urls")),
    path("privacy/", privacy.public, name="privacy"),
    path("privacy/consents/<slug:kind>/", privacy.consent_text, name="consent_newest"),
    path("privacy/consents/<slug:kind>/<int:version>/", privacy.consent_text, name="consent_text"),
    path("", include("quota.urls")),
    path("", include("appointments.urls")),
    path("api/", include("mpaspor.api_urls")),
    path("admin/", admin.site.urls),
]
