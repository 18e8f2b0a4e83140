"""The REST API, one file a resource. ``application.create_api`` puts it together."""

from ecosystem.api.application import create_api

__all__ = ["create_api"]
