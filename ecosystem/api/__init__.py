"""The REST API, one file a resource. ``application.create_api`` puts it together."""

from ecosystem.api.application import answers_all, create_api

__all__ = ["answers_all", "create_api"]
