"""``zerodesk deploy`` and ``zerodesk destroy``: the platform in an AWS account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from infra.cli.failure import Failure
from infra.cli.output import plain, say, show, waiting
from infra.cli.person import language_option, zone_option
from infra.cli.program import Command

F = TypeVar("F", bound=Callable[..., Any])
_PLACE = (
    click.option("--stack", default="zerodesk", show_default=True, help="Name of the stack."),
    click.option("--region", help="AWS region; the configured one if none is given."),
    click.option("--profile", help="AWS profile; the configured one if none is given."),
)


def account_options(command: F) -> F:
    """Add the options that say which stack of which account is meant."""
    for option in reversed(_PLACE):
        command = option(command)
    return command


@click.command(cls=Command)
@account_options
@click.option("--mail-domain", help="Domain whose mail opens tickets.")
@click.option("--public-url", default="", help="Origin of the web app, if not CloudFront's own.")
@click.option("--alarm-mail", default="", help="Address that is told of alarms.")
@click.option("--tenant", help="Key of a first organisation to found, such as acme.")
@click.option("--organisation", metavar="NAME", help="Name of the first organisation.")
@click.option("--admin", metavar="EMAIL", help="Its first administrator, who gets a mail.")
@click.option("--admin-name", metavar="NAME", help="Name of the first administrator.")
@language_option
@zone_option
def deploy(**given: Any) -> None:
    """Deploy the platform, or what has changed of it, into your AWS account."""
    from infra import cloud

    names = ("stack", "region", "profile", "mail_domain", "public_url", "alarm_mail")
    settings = cloud.Settings(**{n: given[n] for n in names if given[n] is not None})
    founder = _founder(given)
    with _told_in_one_sentence(), waiting("Deploying") as step:
        result = cloud.deploy(settings, founder, _both(step))
    show(result, _print)


@click.command(cls=Command)
@account_options
@click.option("--yes", is_flag=True, help="Do not ask.")
def destroy(yes: bool, **given: Any) -> None:
    """Delete the platform from your AWS account, with every ticket, mail and person in it."""
    from infra import cloud

    if not yes:
        question = f"Delete the stack {given['stack']} with everything in it?"
        click.confirm(question, abort=True, err=True)
    settings = cloud.Settings(**{name: value for name, value in given.items() if value})
    with _told_in_one_sentence(), waiting("Deleting") as step:
        cloud.destroy(settings, _both(step))
    show({"destroyed": settings.stack}, lambda r: click.echo(f"{r['destroyed']} is gone."))


def _founder(given: dict[str, Any]) -> Any:
    from infra.cloud import Founder

    needed = {name: given[name] for name in ("tenant", "organisation", "admin", "admin_name")}
    if not any(needed.values()):
        return None
    missing = [f"--{name.replace('_', '-')}" for name, value in needed.items() if not value]
    if missing:
        raise click.UsageError(f"to found an organisation, give {', '.join(missing)} as well")
    more = {name: given[name] for name in ("language", "time_zone") if given[name]}
    return Founder(given["tenant"], given["organisation"], given["admin"], given["admin_name"],
                   **more)  # fmt: skip


def _both(step: Callable[[str], None]) -> Callable[[str], None]:
    def told(sentence: str) -> None:
        step(sentence)
        say(sentence)

    return told


@contextmanager
def _told_in_one_sentence() -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError

    from infra.build import BuildError
    from infra.cloud import CloudError
    from infra.sam import SamError

    try:
        yield
    except (CloudError, SamError, BuildError, BotoCoreError, ClientError) as error:
        raise Failure(str(error)) from error


def _print(result: dict[str, Any]) -> None:
    click.echo(plain(f"The platform is at {result['url']}."))
    if result["dns"]:
        click.echo("The mail domain needs these DNS records:")
        for line in result["dns"]:
            click.echo(plain(f"  {line}"))
