"""The ``ecosystem`` command. Everything heavy is imported by the command that needs it."""

import errno
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecosystem.cli import backups, pausing
from ecosystem.cli.accounts import accounts
from ecosystem.cli.migrate import moving
from ecosystem.cli.start import fail, hush, load, settings_here

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from ecosystem.settings import Settings

app = typer.Typer(
    name="ecosystem",
    help="A travel marketplace, and the stack it runs on.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
database = typer.Typer(help="The two databases.", no_args_is_help=True)
app.add_typer(database, name="db")
importing = typer.Typer(help="Files of operators' packages and departures.", no_args_is_help=True)
app.add_typer(importing, name="import")
app.add_typer(moving, name="migrate")
moving.add_typer(accounts, name="accounts")
moving.command("backup")(backups.backup)
moving.command("restore")(backups.restore)
moving.command("pause")(pausing.pause)
moving.command("resume")(pausing.resume)


@app.command()
def up(
    no_demo: Annotated[bool, typer.Option("--no-demo", help="Start without demo data.")] = False,
    port: Annotated[
        int | None, typer.Option(help="The public port; overrides PORT.", min=1, max=65535)
    ] = None,
) -> None:
    """Start the whole product on the embedded stack; Ctrl-C stops all of it."""
    settings = load()
    if not settings.local:
        fail("`up` is for the local stack; in production run `ecosystem serve`")
    if port is not None:
        settings = settings.model_copy(update={"port": port})
    from ecosystem.local.stack import StackError
    from ecosystem.local.supervisor import Supervisor

    try:
        code = Supervisor(settings, demo=not no_demo).run()
    except StackError as error:
        fail(str(error))
    raise typer.Exit(code)


@app.command()
def env() -> None:
    """Print every setting of the running local stack as KEY=value lines."""
    from ecosystem.local.stack import StackError, running_values

    try:
        values = running_values(load().ecosystem_data_dir)
    except StackError as error:
        fail(str(error))
    for key, value in values.items():
        typer.echo(f"{key}={shlex.quote(value) if value else ''}")


@app.command()
def doctor() -> None:
    """Check the machine, the settings and every dependency; say how to mend what is wrong."""
    from ecosystem.local.doctor import examine

    raise typer.Exit(examine(_books, _moves))


def _books(settings: "Settings") -> str:
    """That the ledger, our rows and Stripe's balance say the same; raises with what does not."""
    from ecosystem.wiring.vendors import check_books

    checks = check_books(settings)
    if bad := [str(check) for check in checks if not check.good]:
        raise RuntimeError(" ".join(bad))
    return f"{len(checks)} checks agree"


def _moves(settings: "Settings") -> str:
    """Where the groups of moving tables are; raises with what is not as it should be."""
    from ecosystem.wiring.vendors import check_moves

    return check_moves(settings)


@app.command()
def serve() -> None:
    """Serve pages, API and websocket on PORT, by settings alone."""
    from ecosystem.frontend import FrontendError
    from ecosystem.serve import serve as run

    try:
        run(load())
    except FrontendError as error:
        fail(str(error))


@app.command()
def worker() -> None:
    """Run the background worker until it is stopped; several may run."""
    from ecosystem.worker import run

    run(settings_here())


@app.command()
def build() -> None:
    """Compile the pages, if their sources have changed."""
    from ecosystem.frontend import FrontendError
    from ecosystem.frontend import build as compile_pages

    try:
        compile_pages(load())
    except FrontendError as error:
        fail(str(error))


@app.command()
def seed(
    packages: Annotated[int, typer.Option(help="How many packages.", min=1)] = 2000,
) -> None:
    """Put the demo data into the local stack; repeating it changes nothing."""
    settings = settings_here()
    if not settings.local:
        fail("demo data is for the local stack only")
    from ecosystem.local.demo_data import SeedFailed
    from ecosystem.local.demo_data import seed as put
    from ecosystem.services.clients.identity import SEALED_FOR
    from ecosystem.services.sealing import Sealer

    sealer = Sealer(settings.session_secret.get_secret_value(), SEALED_FOR)
    try:
        typer.echo(str(put(settings, packages=packages, seal=sealer.seal)))
    except SeedFailed as error:
        fail(str(error))
    from ecosystem.wiring.vendors import index_everything

    # The worker would do it as well; done here, the first page that opens is a full one.
    typer.echo(f"{index_everything(settings)} changes put into the search index")


@app.command()
def legacy(
    pause: Annotated[
        float, typer.Option(help="Seconds between two changes; 0 is full speed.", min=0)
    ] = 1.0,
    seconds: Annotated[
        float | None, typer.Option(help="End after this many seconds.", min=0)
    ] = None,
) -> None:
    """Edit packages directly in Supabase, as the operators' old application does, until Ctrl-C."""
    settings = settings_here()
    if not settings.local:
        fail("this stands for the old application on the local stack only")
    from ecosystem.local.legacy import work

    work(settings.supabase_db_url.get_secret_value(), pause, seconds, typer.echo, fail)


@app.command()
def openapi(
    output: Annotated[Path | None, typer.Option(help="Write to this file.")] = None,
) -> None:
    """Print the OpenAPI description of the REST API."""
    import json

    from ecosystem.api.application import openapi as describe

    text = json.dumps(describe(), indent=2, ensure_ascii=False) + "\n"
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")


@app.command()
def reconcile() -> None:
    """Finish payments and bookings that a crash or a lost event from Stripe left open."""
    from ecosystem.services.inbox import RECONCILED_EVENTS
    from ecosystem.wiring import build as wire

    services = wire(settings_here())
    try:
        missed = services.inbox.catch_up(RECONCILED_EVENTS)
        looked_at = services.payments.reconcile() + services.refunds.reconcile()
        looked_at += services.transfers.step() + services.transfers.reconcile()
        looked_at += services.changes.step() + services.dispute_watch.step()
        looked_at += services.balances.step() + services.payouts.look_again()
        while services.inbox.step() + services.outbox.step():
            continue
    finally:
        services.close()
    typer.echo(f"{missed} events had been missed, {looked_at} open payments and bookings looked at")


@importing.command("packages")
def import_packages(
    file: Annotated[Path, typer.Argument(help="A CSV or JSON file.", exists=True, dir_okay=False)],
    operator: Annotated[str, typer.Option(help="The slug of the operator.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
) -> None:
    """Import an operator's packages; prints the report. Exit 1 when a record is wrong."""
    _import("packages", file, operator, dry_run)


@importing.command("departures")
def import_departures(
    file: Annotated[Path, typer.Argument(help="A CSV or JSON file.", exists=True, dir_okay=False)],
    operator: Annotated[str, typer.Option(help="The slug of the operator.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
) -> None:
    """Import an operator's departures; prints the report. Exit 1 when a record is wrong."""
    _import("departures", file, operator, dry_run)


def _import(what: str, file: Path, operator: str, dry_run: bool) -> None:
    from ecosystem.domain.errors import EcosystemError
    from ecosystem.services.imports.command import import_file
    from ecosystem.wiring import build as wire

    services = wire(settings_here())
    try:
        report = import_file(
            services.catalogue,
            services.imports,
            what,
            file,
            operator,
            dry_run,
            lambda line: typer.echo(line, err=True),
        )
        for line in report.lines:
            typer.echo(line)
    except KeyboardInterrupt:
        fail("the import was cancelled; records that were done stay")
    except EcosystemError as error:
        fail(error.detail)
    finally:
        services.close()
    raise typer.Exit(0 if report.right else 1)


@database.command("upgrade")
def database_upgrade() -> None:
    """Bring the schemas of both databases up to date."""
    from ecosystem.database.upgrade import Closed, upgrade_rds, upgrade_supabase

    settings = settings_here()
    supabase_url = settings.supabase_db_url.get_secret_value()
    if settings.local:
        import psycopg

        from ecosystem.local.supabase_auth.schema import apply_schema

        with psycopg.connect(supabase_url) as connection:
            apply_schema(connection)
    engine = _rds_engine(settings)
    try:
        upgrade_rds(engine)
        upgrade_supabase(supabase_url)
    except Closed as error:
        fail(str(error))
    finally:
        engine.dispose()


def _rds_engine(settings: "Settings") -> "Engine":
    """The pool of travel_agent_db; only production may need AWS to know its password."""
    if not settings.local:
        from ecosystem.database.placement import RDS
        from ecosystem.wiring.vendors import connect

        return connect(settings).engines[RDS]
    from ecosystem.database.engines import Address, rds_engine

    address = Address(
        host=settings.aws_rds_host,
        port=settings.aws_rds_port,
        database=settings.aws_rds_database,
        user=settings.aws_rds_user,
        password=settings.aws_rds_password.get_secret_value(),
    )
    return rds_engine(address, pool_size=1)


def main() -> None:
    """The entry point of the command."""
    try:
        app(prog_name="ecosystem")
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        hush()
        sys.exit(f"ecosystem: what there is to say can't be written: {error.strerror}")
