"""The REST API."""

from fastapi import FastAPI


def create_api() -> FastAPI:
    """Return the API, without the pages mounted beneath it."""
    api = FastAPI(title="Ecosystem")

    @api.get("/api/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    return api
