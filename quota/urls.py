from django.urls import path, register_converter

from quota.converters import DayConverter
from quota.views import following, offices, releases

register_converter(DayConverter, "day")

urlpatterns = [
    path("offices/", offices.office_list, name="office_list"),
    path("offices/<slug:code>/", offices.office_detail, name="office_detail"),
    path("offices/<slug:code>/follow/", following.follow, name="follow"),
    path("offices/<slug:code>/unfollow/", following.unfollow, name="unfollow"),
    path("followed/", following.followed, name="followed"),
    path("unfollow/<str:token>/", following.unfollow_by_link, name="unfollow_by_link"),
    path("availability/", offices.availability, name="availability"),
    path("availability/search/", offices.search, name="search"),
    path("availability/<slug:code>/<day:day>/", offices.availability_day, name="availability_day"),
    path("releases/", releases.release_calendar, name="release_calendar"),
    path("releases.ics", releases.release_feed, name="release_feed"),
    path("releases/<slug:code>/", releases.release_detail, name="release"),
    path("releases/<slug:code>/draw/", releases.draw_proof, name="draw"),
    path("releases/<slug:code>/draw.json", releases.draw_facts, name="draw_facts"),
    path("releases/<slug:code>/tickets.txt", releases.draw_list, name="draw_list"),
]
