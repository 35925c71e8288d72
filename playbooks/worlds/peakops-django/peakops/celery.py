import os
from pathlib import Path

from celery import Celery
from celery.signals import worker_ready

app = Celery("peakops")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def say_so(**_):
    """For whoever deploys it: a worker has no page that could be asked whether it works."""
    if "READY_FILE" in os.environ:
        Path(os.environ["READY_FILE"]).touch()
