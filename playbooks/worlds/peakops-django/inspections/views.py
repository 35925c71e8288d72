import json
from hashlib import md5

from django.core.files.base import ContentFile
from django.db import DatabaseError, transaction
from django.db.models import Sum
from django.db.models.functions import Length
from django.http import HttpResponseNotFound, JsonResponse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from users.models import User

from .models import Inspection, Video
from .tasks import process_video

def log_in_first():
    return JsonResponse({"detail": "Log in first."}, status=401)


@require_GET
def health(request):
    """Reads every row that customers would: a count alone may come from an index."""
    try:
        User.objects.aggregate(read=Sum(Length("username")))
        Inspection.objects.aggregate(read=Sum(Length("report")))
        Video.objects.aggregate(read=Sum(Length("file")))
    except DatabaseError as error:
        return JsonResponse({"status": "unavailable", "reason": str(error)}, status=503)
    return JsonResponse({"status": "ok"})


@require_http_methods(["GET", "POST"])
def inspections(request):
    if request.method == "GET":
        newest = Inspection.objects.order_by("-created_at").values("id", "title", "created_at")[:20]
        return JsonResponse({"results": list(newest)})
    if not request.user.is_authenticated:
        return log_in_first()
    given = json.loads(request.body)
    made = Inspection.objects.create(inspector=request.user, title=given["title"], report=given["report"])
    return JsonResponse({"id": made.pk, "created_at": made.created_at.isoformat()}, status=201)


@require_POST
def upload(request):
    """The body is the video. Its row is written once the bucket has confirmed the bytes."""
    if not request.user.is_authenticated:
        return log_in_first()
    newest = Inspection.objects.latest("created_at")
    file = ContentFile(request.body, name=f"{md5(request.body).hexdigest()}.mp4")
    with transaction.atomic():
        video = Video.objects.create(inspection=newest, file=file)
        transaction.on_commit(lambda: process_video.delay(video.pk))
    return JsonResponse({"key": video.file.name, "created_at": video.created_at.isoformat()}, status=201)


@require_GET
def newest_video(request):
    """Plays it: its key from the database, its bytes from the bucket."""
    video = Video.objects.order_by("-created_at").first()
    if video is None:
        return HttpResponseNotFound()
    try:
        with video.file.open() as file:
            return JsonResponse({"key": video.file.name, "bytes": len(file.read())})
    except OSError as error:
        return JsonResponse({"status": "unavailable", "reason": str(error)}, status=503)
