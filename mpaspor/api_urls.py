"""The REST root: one line for each app."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView

from mpaspor.api.oauth import Token
from mpaspor.api.views import Documentation, NothingHere, problems

urlpatterns = [
    path("v1/oauth/token/", Token.as_view(), name="api_token"),
    path("v1/", include("quota.api.urls")),
    path("v1/", include("payments.api.urls")),
    path("v1/", include("applicants.api.urls")),
    path("v1/", include("appointments.api.urls")),
    path("v1/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", Documentation.as_view(), name="api_docs"),
    path("docs/problems/", problems, name="api_problems"),
    re_path("", NothingHere.as_view()),
]
