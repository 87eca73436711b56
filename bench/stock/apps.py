"""A blog on Wagtail as its documentation would have it made: what our publishing is measured beside."""

from django.apps import AppConfig


class StockConfig(AppConfig):
    name = "bench.stock"
    label = "bench_stock"
    default_auto_field = "django.db.models.BigAutoField"
