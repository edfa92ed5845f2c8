"""Django's development server with the admin: `python serve.py PORT`. The database and its first user are made anew."""

from __future__ import annotations

import os
import sys

import django
from django.core.management import call_command

os.environ["DJANGO_SETTINGS_MODULE"] = "site_settings"
django.setup()
call_command("migrate", run_syncdb=True, verbosity=0)
os.environ["DJANGO_SUPERUSER_PASSWORD"] = "correct horse"
call_command("createsuperuser", username="ada", email="ada@example.com", interactive=False, verbosity=0)
call_command("runserver", f"127.0.0.1:{sys.argv[1]}", "--noreload")
