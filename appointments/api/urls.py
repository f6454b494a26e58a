from django.urls import path

from appointments.api.views import (
    applying,
    booking,
    changing,
    checking,
    claiming,
    documents,
    reporting,
    requiring,
    verifying,
    visiting,
)

urlpatterns = [
    path("applications/", applying.Applications.as_view()),
    path("applications/<slug:code>/", applying.OneApplication.as_view()),
    path("applications/<slug:code>/documents/", documents.Documents.as_view()),
    path("documents/", verifying.DocumentsWaiting.as_view()),
    path("documents/<slug:code>/", documents.OneDocument.as_view()),
    path("documents/<slug:code>/file/", verifying.DocumentFile.as_view()),
    path("documents/<slug:code>/verdict/", verifying.DocumentVerdict.as_view()),
    path("appointments/", booking.Appointments.as_view()),
    path("appointments/<slug:code>/", booking.OneAppointment.as_view()),
    path("appointments/<slug:code>/cancel/", changing.Cancel.as_view()),
    path("appointments/<slug:code>/reschedule/", changing.Reschedule.as_view()),
    path("appointments/<slug:code>/letter/", visiting.Letter.as_view()),
    path("appointments/<slug:code>/check-in/", visiting.CheckIn.as_view()),
    path("letters/<str:letter>/", checking.LetterCheck.as_view()),
    path("releases/<slug:code>/report/", reporting.ReleaseReport.as_view()),
    path("requirements/", requiring.WhatToBring.as_view()),
    path("bills/<slug:code>/", booking.OneBill.as_view()),
    path("bills/<slug:code>/receipt/", visiting.Receipt.as_view()),
    path("bills/<slug:code>/claim/", claiming.Claims.as_view()),
]
