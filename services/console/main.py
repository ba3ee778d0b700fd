"""The `leermix` command: what each subcommand takes. What it does stands in a module of its own, loaded on demand."""

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from services.console.demo import demo
from services.console.exits import EXPLAINED, told

Tenant = Annotated[str, typer.Option(help="The organisation, in a shared installation.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON, for a program.")]

app = typer.Typer(
    name="leermix",
    help="The actual mix of formal, social and experiential learning.",
    epilog=EXPLAINED,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
credentials = typer.Typer(
    help="What systems send and read with: a key and a secret, of a source, in a tenant.", no_args_is_help=True
)
app.add_typer(credentials, name="credentials")
groups = typer.Typer(help="Consumer groups: where they stand, and moving one that has stopped.", no_args_is_help=True)
app.add_typer(groups, name="groups")
derivations = typer.Typer(
    help="Readings of all history: by which rules, registry and zone; replays, and the switch.", no_args_is_help=True
)
app.add_typer(derivations, name="derivations")

people = typer.Typer(help="Who belongs to the organisation, and which persons are one.", no_args_is_help=True)
app.add_typer(people, name="people")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"leermix {version('leermix')}")
        raise typer.Exit


@app.callback()
def leermix(
    _version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """The actual mix of formal, social and experiential learning."""


@app.command()
def up(as_json: Annotated[bool, typer.Option("--json", help="When up, print one JSON object.")] = False) -> None:
    """Start leermix in one process with its own PostgreSQL, and stay until Ctrl-C.

    Data is in LEERMIX_DATA. With LEERMIX_DATABASE_URL that PostgreSQL is used and none is started.
    """
    with told():
        from services.console import up as command

        command.run(as_json=as_json)


@app.command("up-kafka")
def up_kafka(as_json: Annotated[bool, typer.Option("--json", help="When up, print one JSON object.")] = False) -> None:
    """Start the distributed form on this machine: Kafka, PostgreSQL, three services, one origin; stay until Ctrl-C.

    Data is in LEERMIX_DATA/kafka-mode. It and `up` at the same time want a LEERMIX_DATA and a LEERMIX_PORT each.
    """
    with told():
        from services.console import up_kafka as command

        command.run(as_json=as_json)


@app.command()
def serve(
    service: Annotated[str, typer.Argument(help="ingest, analytics or recommend.", metavar="SERVICE")],
) -> None:
    """Run one service as a process: what each replica of the distributed form is.

    It needs LEERMIX_DATABASE_URL and LEERMIX_KAFKA_BOOTSTRAP_SERVERS, listens on LEERMIX_HOST and LEERMIX_PORT, logs to
    standard error and writes nothing to disk.
    """
    with told():
        from services.console import serve as command

        command.run(service)


@app.command()
def settings(as_json: AsJson = False) -> None:
    """List every LEERMIX_ variable: meaning, default and present value, secrets masked."""
    with told():
        from services.console import variables as command

        command.run(as_json=as_json)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it.")],
    replace: Annotated[bool, typer.Option("--replace", help="Overwrite the file.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write everything into one file, consistently, while leermix runs or not."""
    with told():
        from services.console import backup as command

        command.run_backup(file, replace=replace, as_json=as_json)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `leermix backup` wrote.")],
    replace: Annotated[bool, typer.Option("--replace", help="Take the place of the data that is there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring a backup back into LEERMIX_DATA, in which nothing may run; it takes effect whole or not at all."""
    with told():
        from services.console import backup as command

        command.run_restore(file, replace=replace, as_json=as_json)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Look at everything that can keep leermix from working, and say what to do. Exit code 1 when something is bad."""
    with told():
        from services.console import doctor as command

        command.run(as_json=as_json)


@app.command()
def classify(
    registry: Annotated[Path | None, typer.Option(help="The organisation's registry, a YAML file.")] = None,
) -> None:
    """Say of each statement on standard input, one a line, how one learned by it, who did, and which rule says so.

    A line is a statement or {"statement": …, "source": …, "kind": …}. The answer to each is a line of JSON; a line that
    is no statement gets an `error`. Nothing is started and nothing is kept. Exit code 2: the registry is wrong, where.
    """
    with told():
        from services.console import classify as command

        command.run(registry)


@groups.command("list")
def groups_list(as_json: AsJson = False) -> None:
    """List group, topic, partition, position and lag."""
    with told():
        from services.console import groups as command

        command.run_list(as_json=as_json)


@groups.command("reset")
def groups_reset(
    group: Annotated[str, typer.Argument()],
    topic: Annotated[str, typer.Argument()],
    partition: Annotated[int, typer.Argument()],
    to: Annotated[str, typer.Option(help="beginning, end, or a position that the log holds.")],
    as_json: AsJson = False,
) -> None:
    """Say where a group goes on, when its position lies outside the log.

    `beginning` reads again what the log still holds: harmless, since every handler takes a repeat for what it is.
    `end` leaves out all records that were not read. Nothing has to be started again.
    """
    with told():
        from services.console import groups as command

        command.run_reset(group=group, topic=topic, partition=partition, to=to, as_json=as_json)


@groups.command("resume")
def groups_resume(group: Annotated[str, typer.Argument()], as_json: AsJson = False) -> None:
    """Let a group go on that stopped because half of its last 100 records became dead letters.

    It goes on after the last record that it took, in every process that runs it. Mend the cause first: else it stops
    again, after as many dead letters more.
    """
    with told():
        from services.console import groups as command

        command.run_resume(group=group, as_json=as_json)


@credentials.command("create")
def credentials_create(
    source: Annotated[str, typer.Option(help="Name of the system that sends; new names are registered.")],
    kind: Annotated[str, typer.Option(help="lms, job_aid, coaching, social, work_system or other.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help="What it may do; give it more than once for more. Default `all`: everything of xAPI. "
            "Never contained in it: analytics/read, analytics/write, people/read, people/write, recommend/read."
        ),
    ] = None,
    tenant: Annotated[str, typer.Option(help="The organisation, in a shared installation.")] = "default",
    as_json: AsJson = False,
) -> None:
    """Make a credential. It works at once on what runs here; the secret is shown this once."""
    with told():
        from services.console import credentials as command

        command.run_create(source=source, kind=kind, scopes=scope or [], tenant=tenant, as_json=as_json)


@credentials.command("list")
def credentials_list(
    tenant: Annotated[str | None, typer.Option(help="Only those of this tenant.")] = None, as_json: AsJson = False
) -> None:
    """List credentials, without their secrets."""
    with told():
        from services.console import credentials as command

        command.run_list(tenant=tenant, as_json=as_json)


@credentials.command("revoke")
def credentials_revoke(key: Annotated[str, typer.Argument(help="The key to revoke.")], as_json: AsJson = False) -> None:
    """Revoke a credential: it stops working everywhere within 10 seconds."""
    with told():
        from services.console import credentials as command

        command.run_revoke(key=key, as_json=as_json)


@app.command()
def mix(
    time_zone: Annotated[str, typer.Option("--time-zone", help="Whose days they are, e.g. Europe/Amsterdam.")],
    registry: Annotated[Path | None, typer.Option(help="The organisation's registry (YAML).")] = None,
    people: Annotated[
        Path | None,
        typer.Option(
            help="A CSV with the columns person and identity (an address, a sha1, an openid, or homePage|name). "
            "Else a person is known by an identity; a mailbox and its sha1 are one person always."
        ),
    ] = None,
) -> None:
    """Reckon the mix of the statements on standard input: a JSON line per person, day and mode. It connects to nothing.

    A line is a statement, or {"statement", "source", "kind", "arrived"}. What cannot be read is told with its line.
    """
    with told():
        from services.console import mix as command

        command.run(zone=time_zone, registry=registry, people=people)


@derivations.command("list")
def derivations_list(
    tenant: Annotated[str | None, typer.Option(help="Only those of this tenant.")] = None, as_json: AsJson = False
) -> None:
    """List derivations: which is served, and how far the replays of the others are."""
    with told():
        from services.console import derivations as command

        command.run_list(tenant=tenant, as_json=as_json)


@derivations.command("start")
def derivations_start(
    time_zone: Annotated[str | None, typer.Option(help="Derive by this zone's days; default: as it is.")] = None,
    switch: Annotated[bool, typer.Option(help="Serve it as soon as it is complete.")] = True,
    reason: Annotated[str, typer.Option(help="Why, for who reads the list.")] = "started by an operator",
    tenant: Tenant = "default",
    as_json: AsJson = False,
) -> None:
    """Derive all of history anew beside what is served; new statements go into both meanwhile."""
    with told():
        from services.console import derivations as command

        command.run_start(tenant=tenant, time_zone=time_zone, switch=switch, reason=reason, as_json=as_json)


@derivations.command("compare")
def derivations_compare(first: int, second: int, tenant: Tenant = "default", as_json: AsJson = False) -> None:
    """Show what two derivations make of all history: minutes, events and people of each class."""
    with told():
        from services.console import derivations as command

        command.run_compare(tenant=tenant, first=first, second=second, as_json=as_json)


@derivations.command("switch")
def derivations_switch(derivation: int, tenant: Tenant = "default", as_json: AsJson = False) -> None:
    """Serve this derivation, which must be complete. The one before stays, and can be switched back to for 30 days."""
    with told():
        from services.console import derivations as command

        command.run_switch(tenant=tenant, derivation=derivation, as_json=as_json)


@derivations.command("drop")
def derivations_drop(derivation: int, tenant: Tenant = "default", as_json: AsJson = False) -> None:
    """Give up a derivation that is not served: new statements are no longer derived under it."""
    with told():
        from services.console import derivations as command

        command.run_drop(tenant=tenant, derivation=derivation, as_json=as_json)


@people.command("import")
def people_import(
    file: Annotated[Path, typer.Argument(help="An HR file, CSV as UTF-8; - reads standard input.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would change.")] = False,
    complete: Annotated[bool, typer.Option("--complete", help="Who is not in the file has left.")] = False,
    since: Annotated[
        str | None, typer.Option(help="YYYY-MM-DD: when new memberships without a `since` began; default: today.")
    ] = None,
    tenant: Tenant = "default",
    as_json: AsJson = False,
) -> None:
    """Say who belongs to the organisation, whole or not at all; the same file again changes nothing.

    Columns: reference; mbox, account (homePage|name), openid, mbox_sha1sum or identities; team, team_name, team_parent;
    role, location, relation; since, until (the first day after), active. A line without a reference describes a team.
    """
    with told():
        from services.console import people as command

        command.run_import(
            file, dry_run=dry_run, complete=complete, since=since, tenant=tenant, as_json=as_json
        )  # fmt: skip


@people.command("merge")
def people_merge(
    kept: Annotated[str, typer.Argument(help="The person (id) who is kept.")],
    merged: Annotated[str, typer.Argument(help="The person (id) who turns out to be the same.")],
    tenant: Tenant = "default",
    as_json: AsJson = False,
) -> None:
    """Make two persons one: identities and history of the second go to the first. It can be undone."""
    with told():
        from services.console import people as command

        command.run_merge(kept, merged, tenant=tenant, as_json=as_json)


@people.command("unmerge")
def people_unmerge(
    merge: Annotated[str, typer.Argument(help="The merge (id).")], tenant: Tenant = "default", as_json: AsJson = False
) -> None:
    """Undo a merge: exactly what it moved goes back."""
    with told():
        from services.console import people as command

        command.run_unmerge(merge, tenant=tenant, as_json=as_json)


@app.command()
def export(
    statements: Annotated[Path, typer.Argument(help="Where to write the statements, a JSON object a line.")],
    people: Annotated[Path | None, typer.Argument(help="Where to write who is who: a CSV of person,identity.")] = None,
    tenant: Tenant = "default",
    replace: Annotated[bool, typer.Option("--replace", help="Overwrite what is there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write all statements, and who is who, in the form that `leermix mix` reads: so that anyone can check a mix.

    Both files hold personal data.
    """
    with told():
        from services.console import export as command

        command.run(statements=statements, persons=people, tenant=tenant, replace=replace, as_json=as_json)


app.command()(demo)


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
