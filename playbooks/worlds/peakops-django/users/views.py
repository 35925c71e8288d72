import json

from django.contrib.auth import authenticate, login
from django.http import JsonResponse
from django.views.decorators.http import require_POST


@require_POST
def log_in(request):
    """Begins a session, which lies in the database."""
    given = json.loads(request.body)
    user = authenticate(request, username=given.get("username"), password=given.get("password"))
    if user is None:
        return JsonResponse({"detail": "No active account has these credentials."}, status=401)
    login(request, user)
    return JsonResponse({"username": user.username})
