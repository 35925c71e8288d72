from django.urls import path

from inspections import views as inspections
from users import views as users

urlpatterns = [
    path("api/health/", inspections.health),
    path("api/auth/login/", users.log_in),
    path("api/inspections/", inspections.inspections),
    path("api/videos/", inspections.upload),
    path("api/videos/newest/", inspections.newest_video),
]
