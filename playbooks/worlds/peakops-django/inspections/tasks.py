from celery import shared_task
from django.utils import timezone

from .models import Video


@shared_task
def process_video(video_id):
    """Fails for a video whose row is no more: the queue does not go back in time with the database."""
    video = Video.objects.get(pk=video_id)
    video.processed_at = timezone.now()
    video.save(update_fields=["processed_at"])
