from django.urls import path

from payments.api import views

urlpatterns = [
    path("payments/callbacks/simponi/", views.simponi_callback, name="simponi_callback"),
    path("tariffs/", views.Tariffs.as_view()),
]
