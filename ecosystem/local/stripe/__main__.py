"""``python -m ecosystem.local.stripe``: one stand-in, until SIGINT or SIGTERM."""

import argparse
import asyncio
import logging
from pathlib import Path

from ecosystem.local.stripe.config import StandInConfig
from ecosystem.local.stripe.server import serve


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="ecosystem.local.stripe", description="A stateful stand-in for Stripe, local only."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--secret-key", required=True, help="the only API key that is accepted")
    parser.add_argument("--public-url", default="", help="where browsers reach the hosted pages")
    parser.add_argument("--webhook-url", default="")
    parser.add_argument("--webhook-secret", default="")
    parser.add_argument("--connect-webhook-url", default="")
    parser.add_argument("--connect-webhook-secret", default="")
    parser.add_argument("--return-brand", default="Ecosystem", help="the name on hosted pages")
    parser.add_argument("--country", default="DE", help="the platform's own, two letters")
    parser.add_argument(
        "--retry-base-seconds",
        type=float,
        default=0.5,
        help="wait before a webhook's second attempt",
    )
    return parser.parse_args()


def main() -> None:
    """Parse the arguments and serve."""
    given = _arguments()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    config = StandInConfig(
        data_dir=given.data_dir,
        secret_key=given.secret_key,
        public_url=(given.public_url or f"http://{given.host}:{given.port}").rstrip("/"),
        webhook_url=given.webhook_url,
        webhook_secret=given.webhook_secret,
        connect_webhook_url=given.connect_webhook_url,
        connect_webhook_secret=given.connect_webhook_secret,
        return_brand=given.return_brand,
        country=given.country,
        retry_base_seconds=given.retry_base_seconds,
    )
    asyncio.run(serve(config, given.host, given.port))


if __name__ == "__main__":
    main()
