from django.urls import path

from applicants.api import views

urlpatterns = [
    path("nik-checks/", views.NikChecks.as_view()),
    path("persons/", views.Persons.as_view()),
    path("persons/<slug:code>/", views.OnePerson.as_view()),
]
