"""The stand-in over HTTP: routes, the gateway's key check, errors in GoTrue's form."""

import json
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import anyio
import psycopg
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from ecosystem.local.supabase_auth import admin, factors, people
from ecosystem.local.supabase_auth.calls import Call, Operation, Parts, Reply
from ecosystem.local.supabase_auth.configuration import Configuration
from ecosystem.local.supabase_auth.errors import AuthError
from ecosystem.local.supabase_auth.mail import Mailer
from ecosystem.local.supabase_auth.passwords import Passwords
from ecosystem.local.supabase_auth.schema import ensure_schema
from ecosystem.local.supabase_auth.sessions import Sessions
from ecosystem.local.supabase_auth.signing import Signer
from ecosystem.local.supabase_auth.storage import Database

log = logging.getLogger(__name__)

API_VERSION_HEADER = "X-Supabase-Api-Version"
API_VERSION = "2024-01-01"
BODY_LIMIT = 1_000_000
THREADS = 4
"""Requests at work at once: bcrypt fills the cores of a laptop, more would only cost memory."""

_BEARER = re.compile(r"(?:B|b)earer (\S+)")
_VERSION = re.compile(r"2\d{3}-\d\d-\d\d")

Endpoint = Callable[[Request], Awaitable[Response]]


def build(configuration: Configuration) -> Starlette:
    """The whole stand-in as an ASGI application. Creates the schema where missing."""
    signer = Signer(configuration.data_dir, configuration.issuer)
    parts = Parts(
        configuration=configuration,
        database=Database(configuration.database_url),
        signer=signer,
        passwords=Passwords(configuration.bcrypt_cost, configuration.password_minimum),
        sessions=Sessions(configuration, signer),
        mailer=Mailer(configuration),
    )
    with psycopg.connect(configuration.database_url, autocommit=True) as connection:
        ensure_schema(connection)
    threads = anyio.CapacityLimiter(THREADS)

    def endpoint(operation: Operation) -> Endpoint:
        return partial(_answer, parts, threads, operation)

    def route(path: str, method: str, operation: Operation) -> Route:
        return Route(path, endpoint(operation), methods=[method])

    def admin_route(path: str, method: str, operation: Operation) -> Route:
        return route(f"/admin{path}", method, admin.for_service_only(operation))

    async def key_set(_request: Request) -> Response:
        return JSONResponse(signer.key_set, headers={"Cache-Control": "public, max-age=600"})

    async def health(_request: Request) -> Response:
        return JSONResponse(
            {
                "version": "local",
                "name": "GoTrue",
                "description": "A local stand-in for Supabase Auth",
            }
        )

    keyed = [
        route("/signup", "POST", people.sign_up),
        route("/token", "POST", people.token),
        route("/user", "GET", people.show_user),
        route("/user", "PUT", people.update_user),
        route("/logout", "POST", people.sign_out),
        route("/recover", "POST", people.recover),
        route("/resend", "POST", people.resend),
        route("/verify", "POST", people.verify),
        route("/factors", "POST", factors.enrol),
        route("/factors/{factor_id}/challenge", "POST", factors.challenge),
        route("/factors/{factor_id}/verify", "POST", factors.verify),
        route("/factors/{factor_id}", "DELETE", factors.remove),
        admin_route("/users", "GET", admin.list_users),
        admin_route("/users", "POST", admin.create_user),
        admin_route("/users/{user_id}", "GET", admin.get_user),
        admin_route("/users/{user_id}", "PUT", admin.update_user),
        admin_route("/users/{user_id}", "DELETE", admin.delete_user),
        admin_route("/users/{user_id}/factors", "GET", factors.of_user),
        admin_route("/users/{user_id}/factors/{factor_id}", "DELETE", factors.delete_of_user),
        admin_route("/generate_link", "POST", admin.generate_link),
    ]
    # What a browser opens from an e-mail, and what verifies tokens, carries no key.
    unkeyed = [
        Route("/health", health, methods=["GET"]),
        Route("/.well-known/jwks.json", key_set, methods=["GET"]),
        Route("/verify", _unkeyed(endpoint(people.follow_link)), methods=["GET"]),
    ]

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        parts.database.close()

    return Starlette(
        routes=[Mount("/auth/v1", routes=[*unkeyed, *keyed])],
        exception_handlers={HTTPException: _http_error},
        lifespan=lifespan,
    )


def _unkeyed(endpoint: Endpoint) -> Endpoint:
    async def answer(request: Request) -> Response:
        request.state.unkeyed = True
        return await endpoint(request)

    return answer


async def _answer(
    parts: Parts, threads: anyio.CapacityLimiter, operation: Operation, request: Request
) -> Response:
    refused = _gateway(parts.configuration, request)
    if refused is not None:
        return refused
    try:
        call = await _call(request)
        # bcrypt and SQL block: never on the event loop.
        reply: Reply = await anyio.to_thread.run_sync(operation, parts, call, limiter=threads)
    except AuthError as error:
        return _error_response(request, error)
    except Exception:
        # The edge of the program: whatever it was, the client gets an answer it can read.
        log.exception("%s %s failed", request.method, request.url.path)
        return _error_response(
            request, AuthError(500, "unexpected_failure", "Internal Server Error")
        )
    if reply.body is None:
        return Response(status_code=reply.status, headers=dict(reply.headers))
    return JSONResponse(reply.body, status_code=reply.status, headers=dict(reply.headers))


def _gateway(configuration: Configuration, request: Request) -> Response | None:
    """What Supabase's gateway answers before GoTrue sees a request without a right key."""
    if getattr(request.state, "unkeyed", False):
        return None
    given = _apikey(request)
    if not given:
        return JSONResponse(
            {
                "message": "No API key found in request",
                "hint": "No `apikey` request header or url param was found.",
            },
            status_code=401,
        )
    known = (configuration.anon_key, configuration.service_role_key)
    if not any(admin.same_key(given, key) for key in known):
        return JSONResponse(
            {
                "message": "Invalid API key",
                "hint": "Double check your Supabase `anon` or `service_role` API key.",
            },
            status_code=401,
        )
    return None


def _apikey(request: Request) -> str:
    return request.headers.get("apikey") or request.query_params.get("apikey", "")


async def _call(request: Request) -> Call:
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > BODY_LIMIT:
            raise AuthError(413, "validation_failed", "Request body is too large")
    body: Any = {}
    if raw.strip():
        try:
            body = json.loads(raw)
        except ValueError as error:
            raise AuthError(400, "bad_json", "Could not parse request body as JSON") from error
    if not isinstance(body, dict):
        raise AuthError(400, "bad_json", "Could not parse request body as JSON: no object")
    # Neither Postgres texts nor jsonb can hold it; it would surface as a database error.
    if b"\x00" in raw or b"\\u0000" in raw:
        raise AuthError(400, "bad_json", "Request body has a NUL character")
    bearer = _BEARER.fullmatch(request.headers.get("authorization", ""))
    return Call(
        body=body,
        query=request.query_params,
        path=request.path_params,
        bearer=bearer.group(1) if bearer else None,
        apikey=_apikey(request) or None,
        client_ip=request.client.host if request.client else None,
        user_agent=request.headers.get("user-agent", "")[:500],
    )


def _error_response(request: Request, error: AuthError) -> Response:
    """The form of 2024-01-01 for clients that ask for it, the older one for all others."""
    asked = request.headers.get(API_VERSION_HEADER, "")
    if _VERSION.fullmatch(asked) and asked >= API_VERSION:
        return JSONResponse(
            {"code": error.code, "message": error.message, **error.details},
            status_code=error.status,
            headers={API_VERSION_HEADER: API_VERSION},
        )
    return JSONResponse(
        {
            "code": error.status,
            "error_code": error.code,
            "msg": error.message,
            **error.details,
        },
        status_code=error.status,
    )


async def _http_error(request: Request, error: Exception) -> Response:
    """Unknown paths and methods, in the same form as every other refusal."""
    assert isinstance(error, HTTPException)
    return _error_response(request, AuthError(error.status_code, "validation_failed", error.detail))
