"""Give a plain `gunicorn main:app` the settings of config/gunicorn_config.py, which says why they are so."""

from config.gunicorn_config import *  # noqa: F403
