from django.conf import settings
from django.db import models


class Inspection(models.Model):
    title = models.CharField(max_length=200)
    report = models.TextField()
    inspector = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        db_table = "inspections"


class Video(models.Model):
    inspection = models.ForeignKey(Inspection, on_delete=models.CASCADE)
    file = models.FileField(upload_to="uploads/live/", unique=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    # By a worker, after the upload.
    processed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "videos"
