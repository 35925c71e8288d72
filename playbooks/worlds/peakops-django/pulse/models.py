from django.db import models


class Heartbeat(models.Model):
    name = models.CharField(primary_key=True, max_length=50)
    at = models.DateTimeField()
