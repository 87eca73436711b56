"""A search page of a stock site, as Wagtail's tutorial has it, but answering with JSON."""

from typing import Any

from django.apps import apps
from django.http import HttpRequest, JsonResponse

PAGE = 20


def search(request: HttpRequest) -> JsonResponse:
    """Twenty posts; the operator is the backend's own unless the query names one."""
    # The settings that only migrate know these addresses too, but not the model.
    model: Any = apps.get_app_config("bench_stock").get_model("StockPostPage")
    operator = request.GET.get("operator") or None
    found = model.objects.live().search(request.GET["q"], operator=operator)
    posts = [{"title": post.title, "url": post.url_path} for post in found[:PAGE]]
    return JsonResponse({"data": posts, "total": found.count()})
