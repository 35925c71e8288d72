from celery import shared_task
from django.utils import timezone

from .models import Heartbeat


@shared_task
def beat():
    """Goes the way of every task: scheduler, queue, worker, database."""
    Heartbeat.objects.update_or_create(name="worker", defaults={"at": timezone.now()})
