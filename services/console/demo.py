"""`leermix demo`: a story to see, or a file of your own statements, in the system that runs."""

from pathlib import Path
from typing import Annotated

import typer

from services.console.exits import Exit, Failure, told


def demo(
    statements: Annotated[
        Path | None,
        typer.Option(
            help="Send this file instead: a statement per line, or an object with one under `statement`. It goes to "
            "the tenant demo-statements, from a source of kind `other`."
        ),
    ] = None,
    remove: Annotated[
        bool,
        typer.Option(
            "--remove",
            help="Take the demo away: revoke its credentials, delete all rows of its two tenants in every schema, and "
            "leave tombstones on the compacted topics. Copies on the event log stay until its retention (7 days); the "
            "services have read past them, and a re-derivation reads the statement store, where they are gone.",
        ),
    ] = False,
    url: Annotated[
        str | None, typer.Option(help="Where leermix runs. Default: what runs in LEERMIX_DATA, else LEERMIX_PORT.")
    ] = None,
    lang: Annotated[str | None, typer.Option(help="nl or en; default by LANG.")] = None,
    seed: Annotated[
        int | None, typer.Option(help="Another story, instead of the usual one; only the first run can choose.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON, for a program.")] = False,
) -> None:
    """Send one month of a hospital that makes its care more customer-minded, and show what it adds up to.

    About 60 made-up people in 6 teams, in a tenant of their own (hospital-demo). The month is the last full one before
    the first run and stays that one: running this again sends the very same statements and changes nothing.
    """
    with told():
        if (statements is not None) + remove > 1 or (seed is not None and (remove or statements is not None)):
            raise Failure("--statements and --remove go alone, and --seed is for the story only.", Exit.USAGE)
        if lang not in (None, "nl", "en"):
            raise Failure(f"--lang {lang} is unknown; use nl or en.", Exit.USAGE)
        if statements is not None and not statements.is_file():
            raise Failure(f"{statements} is not a file.", Exit.USAGE)
        from services.console.demonstration import run

        if remove:
            run.run_remove(url=url, as_json=as_json)
        elif statements is not None:
            run.run_file(statements, url=url, as_json=as_json)
        else:
            run.run_story(url=url, language=lang, seed=seed, as_json=as_json)
