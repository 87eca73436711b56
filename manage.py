#!/usr/bin/env python
"""Runs Django's commands; `site_config.settings.development` unless the environment says otherwise."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings.development")
    execute_from_command_line(sys.argv)
