"""``python -m ecosystem.local.supabase_auth``: serve the stand-in until stopped."""

import argparse
import asyncio
import logging
import signal
import socket
import sys
from pathlib import Path

from granian.constants import Interfaces
from granian.server.embed import Server

from ecosystem.local.supabase_auth.configuration import Configuration
from ecosystem.local.supabase_auth.server import build


def main(arguments: list[str] | None = None) -> None:
    """Read the command line, serve, and stop on SIGINT or SIGTERM."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    external_url = (options.external_url or f"http://{options.host}:{options.port}").rstrip("/")
    configuration = Configuration(
        database_url=options.database_url,
        data_dir=options.data_dir,
        anon_key=options.anon_key,
        service_role_key=options.service_role_key,
        site_url=options.site_url.rstrip("/"),
        external_url=external_url,
        mail_endpoint=options.mail_endpoint,
        mail_sender=options.mail_sender,
        access_seconds=options.access_seconds,
        otp_seconds=options.otp_seconds,
        reuse_seconds=options.reuse_seconds,
        mail_interval_seconds=options.mail_interval_seconds,
        bcrypt_cost=options.bcrypt_cost,
        autoconfirm=options.autoconfirm,
    )
    _refuse_a_taken_port(options.host, options.port)
    asyncio.run(_serve(server_on(options.host, options.port, configuration)))


def server_on(host: str, port: int, configuration: Configuration) -> Server:
    """The stand-in behind an HTTP server that is not started yet."""
    return Server(
        build(configuration),
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        websockets=False,
        log_enabled=False,
    )


def _refuse_a_taken_port(host: str, port: int) -> None:
    """The server would share a port with whoever allows it, also with a second stand-in."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            sys.exit(f"cannot listen on {host}:{port}: {error}")


async def _serve(server: Server) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.stop)
    await server.serve()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ecosystem.local.supabase_auth",
        description="A local stand-in for Supabase Auth under /auth/v1.",
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1")
    add("--port", type=int, required=True)
    add("--database-url", required=True, help="the Supabase database, postgresql://…")
    add("--data-dir", type=Path, required=True, help="keeps the signing key")
    add("--anon-key", required=True)
    add("--service-role-key", required=True)
    add("--site-url", required=True, help="where links in e-mails lead")
    add("--external-url", default="", help="the project's address, for the issuer of tokens")
    add("--mail-endpoint", default="", help="an SES endpoint; empty: auth.local_outbox only")
    add("--mail-sender", default="no-reply@ecosystem.example")
    add("--access-seconds", type=int, default=3600)
    add("--otp-seconds", type=int, default=3600)
    add("--reuse-seconds", type=float, default=0.0, help="grace for a swapped refresh token")
    add("--mail-interval-seconds", type=float, default=1.0)
    add("--bcrypt-cost", type=int, default=10)
    add("--autoconfirm", action="store_true", help="sign-ups need no confirmation")
    return parser


if __name__ == "__main__":
    main()
