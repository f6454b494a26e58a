"""The service's settings for the views of bare.py, which takes the layers away."""

from mpaspor.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.bare"
WSGI_APPLICATION = "benchmarks.bare.application"
