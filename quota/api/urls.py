from django.urls import path

from quota.api import views

urlpatterns = [
    path("offices/", views.Offices.as_view()),
    path("offices/<slug:code>/", views.OneOffice.as_view()),
    path("offices/<slug:code>/availability/", views.Availability.as_view()),
    path("availability/", views.EarliestSeats.as_view()),
    path("releases/", views.Releases.as_view()),
]
