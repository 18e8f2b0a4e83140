"""Whether the product is up, and its measurements."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest

from ecosystem.wiring import services

router = APIRouter(tags=["health"])


@router.get("/api/health")
def health() -> dict[str, str]:
    """The process is up. Asks nothing else."""
    return {"status": "ok"}


@router.get("/api/ready")
def ready() -> JSONResponse:
    """Each dependency by name with its latency; 503 if one we can't do without is down."""
    found = services().health.check()
    serving = all(item.ok or not item.needed for item in found)
    body: dict[str, Any] = {
        "status": "ready" if serving else "not_ready",
        "dependencies": {
            item.name: {
                "ok": item.ok,
                "needed": item.needed,
                "latency_ms": item.latency_ms,
                **({"problem": item.problem} if item.problem else {}),
            }
            for item in found
        },
    }
    return JSONResponse(body, 200 if serving else 503)


@router.get("/metrics", include_in_schema=False)
def metrics() -> Response:
    """Prometheus text."""
    return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)
