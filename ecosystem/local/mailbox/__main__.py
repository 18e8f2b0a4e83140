"""``python -m ecosystem.local.mailbox``: serve the mailbox until stopped."""

import argparse
import signal
import threading

from ecosystem.local.mailbox.server import serve


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and serve; SIGINT and SIGTERM end it."""
    parser = argparse.ArgumentParser(prog="python -m ecosystem.local.mailbox")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--aws-endpoint", required=True, help="where sent e-mails are kept")
    parser.add_argument("--site-url", required=True, help="the product the e-mails belong to")
    options = parser.parse_args(arguments)
    server = serve(options.host, options.port, options.aws_endpoint, options.site_url)
    for number in (signal.SIGINT, signal.SIGTERM):
        # shutdown() waits for the loop below, which this signal has interrupted.
        signal.signal(
            number, lambda *_: threading.Thread(target=server.shutdown, daemon=True).start()
        )
    server.serve_forever(poll_interval=0.2)
    server.server_close()


if __name__ == "__main__":
    main()
