"""`ecosystem migrate accounts …`: operators' people on their way to Cognito."""

from typing import Annotated

import typer

from ecosystem.cli.start import fail, settings_here, told_in_a_line

accounts = typer.Typer(
    help="Operators' people, who move to Cognito at their next sign-in.", no_args_is_help=True
)


# With a single command typer would leave its name out.
@accounts.callback()
def group() -> None:
    """Operators' people, who move to Cognito at their next sign-in."""


@accounts.command("status")
def accounts_status(
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
    who: Annotated[
        bool, typer.Option("--who", help="Name those who don't move by signing in alone.")
    ] = False,
) -> None:
    """Say how many have moved, can move by themselves, or need somebody for it, and why."""
    import json

    from ecosystem.domain.errors import EcosystemError
    from ecosystem.wiring import build

    services = build(settings_here())
    try:
        with told_in_a_line():
            counts = services.account_moves.count()
    except EcosystemError as error:
        fail(error.detail)
    finally:
        services.close()
    lines = [json.dumps(counts.as_json())] if as_json else counts.lines()
    for line in [*lines, *(counts.people() if who else ())]:
        typer.echo(line)
