"""Numbers as people say them."""

from django import template

from outbox.words import in_words

register = template.Library()
register.filter("in_words", in_words)
