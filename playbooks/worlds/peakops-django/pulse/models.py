from django.db import models


class Heartbeat(models.Model):
    name = models.CharField(primary_key=True, max_length=50)
    at = models.DateTimeField()


class Digest(models.Model):
    sent_at = models.DateTimeField(auto_now_add=True)
