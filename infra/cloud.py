"""Deploys the platform into an AWS account, and takes it away again.

Each step can be repeated: deploying twice changes only what differs.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Protocol, cast

from infra import sam
from infra.build import ROOT

WEB = (ROOT / "services/web/dist", ROOT / "services/web")
DEMO_DOMAIN = "demo.zerodesk.example"
Say = Callable[[str], None]


class CloudError(RuntimeError):
    """The account refused or lacks something; the message says what to do."""


class Session(Protocol):
    """The part of a boto3 session that is used."""

    region_name: str

    def client(self, service_name: str) -> Any:
        """Return a client of an AWS service."""


class Settings(NamedTuple):
    """What to deploy, and where."""

    stack: str = "zerodesk"
    region: str | None = None
    profile: str | None = None
    mail_domain: str = DEMO_DOMAIN
    public_url: str = ""
    alarm_mail: str = ""


class Founder(NamedTuple):
    """The first organisation and its first administrator, who invites the others."""

    tenant: str
    organisation: str
    email: str
    name: str
    language: str = "en"
    time_zone: str = "UTC"


def deploy(settings: Settings, founder: Founder | None, say: Say) -> dict[str, Any]:
    """Build and deploy everything and return what the stack and its mail domain answer.

    ``dns`` lists the records that the mail domain still needs. Raises ``CloudError``.
    """
    session = _session(settings)
    region = session.region_name
    say("Building the packages.")
    folder = sam.build()
    say("Deploying; the first time takes about six minutes, most of it CloudFront.")
    sam.sam(
        "deploy",
        *("--template-file", str(folder / "template.yaml")),
        *("--stack-name", settings.stack, "--resolve-s3"),
        *("--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"),
        *("--no-confirm-changeset", "--no-fail-on-empty-changeset", "--no-progressbar"),
        *("--parameter-overrides", *_parameters(settings)),
        region=region,
        profile=settings.profile,
    )
    outputs = outputs_of(session, settings.stack)
    say("Uploading the web app.")
    upload(session, outputs, region)
    dns: list[str] = []
    if settings.mail_domain != DEMO_DOMAIN:
        say("Preparing the mail domain.")
        dns = prepare_mail(session, settings.mail_domain, outputs["MailRules"], region)
    if founder:
        say(f"Inviting {founder.email}.")
        found(session, outputs["Invite"], founder, settings.mail_domain)
    return {"url": outputs["Url"], "region": region, "outputs": outputs, "dns": dns}


def destroy(settings: Settings, say: Say) -> None:
    """Delete the stack with everything in it: tickets, mail, people. Raises ``CloudError``."""
    session = _session(settings)
    outputs = outputs_of(session, settings.stack)
    say("Emptying the buckets.")
    for name in ("MailBucket", "WebBucket"):
        if name in outputs:
            empty(session, outputs[name])
    release_mail(session, outputs.get("MailRules"))
    say("Deleting the stack; CloudFront takes some minutes to let go.")
    region = session.region_name
    arguments = ("--stack-name", settings.stack, "--region", region, "--no-prompts")
    sam.sam("delete", *arguments, region=region, profile=settings.profile)


def outputs_of(session: Session, stack: str) -> dict[str, str]:
    """Return the outputs of a stack; raises ``CloudError`` when there is none."""
    client = session.client("cloudformation")
    try:
        described = client.describe_stacks(StackName=stack)["Stacks"][0]
    except client.exceptions.ClientError as error:
        raise CloudError(f"there is no stack {stack} in this region: {error}") from error
    return {out["OutputKey"]: out["OutputValue"] for out in described.get("Outputs", [])}


def upload(session: Session, outputs: dict[str, str], region: str) -> None:
    """Put the web app into its bucket, with the addresses it needs to know."""
    folder = next((place for place in WEB if (place / "index.html").exists()), None)
    if folder is None:
        raise CloudError(f"there is no web app to upload: {WEB[0]}/index.html is missing")
    store = session.client("s3")
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            _put(store, outputs["WebBucket"], path.relative_to(folder).as_posix(), path)
    known = {
        "api": "/api",
        "region": region,
        "pool": outputs["UserPool"],
        "client": outputs["WebClient"],
        "signIn": f"https://{outputs['SignInPages']}.auth.{region}.amazoncognito.com",
    }
    store.put_object(
        Bucket=outputs["WebBucket"],
        Key="config.json",
        Body=json.dumps(known).encode(),
        ContentType="application/json",
        CacheControl="no-cache",
    )
    session.client("cloudfront").create_invalidation(
        DistributionId=outputs["Distribution"],
        InvalidationBatch={
            "Paths": {"Quantity": 1, "Items": ["/*"]},
            "CallerReference": _digest(folder, known),
        },
    )


def prepare_mail(session: Session, domain: str, rules: str, region: str) -> list[str]:
    """Claim the mail domain for SES and let its mail in; return the DNS records it needs."""
    mail = session.client("sesv2")
    try:
        identity = mail.get_email_identity(EmailIdentity=domain)
    except mail.exceptions.NotFoundException:
        identity = mail.create_email_identity(EmailIdentity=domain)
    receipt = session.client("ses")
    active = receipt.describe_active_receipt_rule_set().get("Metadata", {}).get("Name")
    if active is None:
        receipt.set_active_receipt_rule_set(RuleSetName=rules)
    elif active != rules:
        raise CloudError(
            f"the receipt rule set {active} is active in this region, and there can be one only; "
            f"activate {rules} instead, or deploy in another region (docs/deploy.md)"
        )
    tokens = identity.get("DkimAttributes", {}).get("Tokens", [])
    return [
        f"{domain}. MX 10 inbound-smtp.{region}.amazonaws.com.",
        *(f"{t}._domainkey.{domain}. CNAME {t}.dkim.amazonses.com." for t in tokens),
        f'{domain}. TXT "v=spf1 include:amazonses.com -all"',
        f'_dmarc.{domain}. TXT "v=DMARC1; p=quarantine"',
    ]


def release_mail(session: Session, rules: str | None) -> None:
    """Deactivate our receipt rule set; an active one cannot be deleted."""
    receipt = session.client("ses")
    active = receipt.describe_active_receipt_rule_set().get("Metadata", {}).get("Name")
    if rules and active == rules:
        receipt.set_active_receipt_rule_set()


def found(session: Session, function: str, founder: Founder, mail_domain: str) -> None:
    """Found the organisation and invite its first administrator, who gets a mail from Cognito."""
    organisation = {
        "tenant": founder.tenant,
        "name": founder.organisation,
        "mailbox": f"help@{mail_domain}",
        "language": founder.language,
        "time_zone": founder.time_zone,
    }
    person = {"email": founder.email, "name": founder.name, "roles": ["admin", "agent"]}
    client = session.client("lambda")
    _ask(client, function, {"organisation": organisation})
    _ask(client, function, {"tenant": founder.tenant, "person": person})


def empty(session: Session, bucket: str) -> None:
    """Delete every object of a bucket; a bucket that is not empty cannot be deleted."""
    store = session.client("s3")
    for page in store.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        keys = [{"Key": item["Key"]} for item in page.get("Contents", [])]
        if keys:
            store.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})


def _session(settings: Settings) -> Session:
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        session = boto3.Session(profile_name=settings.profile, region_name=settings.region)
        if not session.region_name:
            raise CloudError("no region is configured; name one: --region eu-central-1")
        session.client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise CloudError(f"no way into an AWS account: {error} (docs/deploy.md)") from error
    return cast(Session, session)


def _parameters(settings: Settings) -> list[str]:
    return [
        "Stage=aws",
        f"MailDomain={settings.mail_domain}",
        *([f"PublicUrl={settings.public_url}"] if settings.public_url else []),
        *([f"AlarmMail={settings.alarm_mail}"] if settings.alarm_mail else []),
    ]


def _put(store: Any, bucket: str, key: str, path: Path) -> None:
    # Files with a hash in their name never change; the others are asked for each time.
    lasting = key.startswith("assets/")
    store.put_object(
        Bucket=bucket,
        Key=key,
        Body=path.read_bytes(),
        ContentType=mimetypes.guess_type(key)[0] or "application/octet-stream",
        CacheControl="public, max-age=31536000, immutable" if lasting else "no-cache",
    )


def _ask(client: Any, function: str, order: dict[str, Any]) -> None:
    answer = client.invoke(FunctionName=function, Payload=json.dumps(order).encode())
    said = json.loads(answer["Payload"].read() or b"null")
    refused = isinstance(said, dict) and said.get("status", 200) >= 400
    if answer.get("FunctionError") or refused:
        raise CloudError(f"the invitation failed: {json.dumps(said, ensure_ascii=False)}")


def _digest(folder: Path, known: dict[str, str]) -> str:
    seed = hashlib.sha256(json.dumps(known).encode())
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            seed.update(path.as_posix().encode() + path.read_bytes())
    return seed.hexdigest()
