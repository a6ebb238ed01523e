"""What deploying does in an account before and after SAM, against a pretended one."""

import io
import json

import boto3
import pytest
from moto import mock_aws

from infra import cloud, sam

OUTPUTS = {
    "Url": "https://d1.cloudfront.net",
    "WebBucket": "web",
    "MailBucket": "mail",
    "MailRules": "rules",
    "Distribution": "D1",
    "UserPool": "pool",
    "WebClient": "client",
    "SignInPages": "zerodesk-1",
    "Invite": "invite",
}
FOUNDER = cloud.Founder("demo", "Demo", "ada@demo.example", "Ada")


class Refused(Exception):
    """Stands for any error of a service."""


class Exceptions:
    NotFoundException = Refused
    ClientError = Refused


class Account:
    """Every service of an account: remembers what was asked, answers what it is told to."""

    region_name = "eu-central-1"
    exceptions = Exceptions

    def __init__(self, **answers):
        self.asked = []
        self.answers = answers

    def client(self, service_name):
        return self

    def __getattr__(self, call):
        def answer(**given):
            self.asked.append((call, given))
            said = self.answers.get(call, {})
            if isinstance(said, type) and issubclass(said, Exception):
                raise said
            return said(**given) if callable(said) else said

        return answer

    def calls(self, name):
        return [given for call, given in self.asked if call == name]


def answering(said, **more):
    return lambda **_: {"Payload": io.BytesIO(json.dumps(said).encode()), **more}


@pytest.fixture
def web(tmp_path, monkeypatch):
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets/app.3f.js").write_text("start()")
    (tmp_path / "index.html").write_text("<title>zerodesk</title>")
    monkeypatch.setattr(cloud, "WEB", (tmp_path,))
    return tmp_path


def test_the_web_app_is_uploaded_with_the_addresses_it_needs(web):
    account = Account()
    cloud.upload(account, OUTPUTS, "eu-central-1")
    put = {given["Key"]: given for given in account.calls("put_object")}
    assert set(put) == {"assets/app.3f.js", "index.html", "config.json"}
    assert put["index.html"]["ContentType"] == "text/html"
    assert put["index.html"]["CacheControl"] == "no-cache"
    assert "immutable" in put["assets/app.3f.js"]["CacheControl"]
    known = json.loads(put["config.json"]["Body"])
    assert known["signIn"] == "https://zerodesk-1.auth.eu-central-1.amazoncognito.com"
    assert (known["api"], known["client"]) == ("/api", "client")
    (invalidated,) = account.calls("create_invalidation")
    assert invalidated["DistributionId"] == "D1"


def test_uploading_the_same_twice_invalidates_once(web):
    account = Account()
    cloud.upload(account, OUTPUTS, "eu-central-1")
    cloud.upload(account, OUTPUTS, "eu-central-1")
    first, second = account.calls("create_invalidation")
    assert first == second  # the same caller reference: CloudFront does nothing again


def test_no_web_app_is_said_in_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(cloud, "WEB", (tmp_path,))
    with pytest.raises(cloud.CloudError, match="no web app"):
        cloud.upload(Account(), OUTPUTS, "eu-central-1")


def test_a_new_mail_domain_is_claimed_and_its_records_are_told():
    account = Account(
        get_email_identity=Refused,
        create_email_identity={"DkimAttributes": {"Tokens": ["t1", "t2", "t3"]}},
    )
    records = cloud.prepare_mail(account, "desk.example", "rules", "eu-central-1")
    assert account.calls("set_active_receipt_rule_set") == [{"RuleSetName": "rules"}]
    assert "desk.example. MX 10 inbound-smtp.eu-central-1.amazonaws.com." in records
    assert "t1._domainkey.desk.example. CNAME t1.dkim.amazonses.com." in records


def test_rules_that_are_active_already_are_left_alone():
    account = Account(describe_active_receipt_rule_set={"Metadata": {"Name": "rules"}})
    cloud.prepare_mail(account, "desk.example", "rules", "eu-central-1")
    assert account.calls("set_active_receipt_rule_set") == []
    assert account.calls("create_email_identity") == []


def test_rules_of_somebody_else_are_not_switched_off():
    account = Account(describe_active_receipt_rule_set={"Metadata": {"Name": "theirs"}})
    with pytest.raises(cloud.CloudError, match="theirs is active"):
        cloud.prepare_mail(account, "desk.example", "rules", "eu-central-1")
    cloud.release_mail(account, "rules")
    assert account.calls("set_active_receipt_rule_set") == []


def test_our_rules_are_released_before_they_are_deleted():
    account = Account(describe_active_receipt_rule_set={"Metadata": {"Name": "rules"}})
    cloud.release_mail(account, "rules")
    assert account.calls("set_active_receipt_rule_set") == [{}]


def test_the_founder_gets_an_organisation_and_an_invitation():
    account = Account(invoke=answering({"tenant": "demo"}))
    cloud.found(account, "invite", FOUNDER, "desk.example")
    organisation, person = (json.loads(given["Payload"]) for given in account.calls("invoke"))
    assert organisation["organisation"]["mailbox"] == "help@desk.example"
    assert person["tenant"] == "demo"
    assert person["person"]["roles"] == ["admin", "agent"]


@pytest.mark.parametrize(
    "answer",
    [answering({"status": 422, "detail": "bad"}), answering({}, FunctionError="Unhandled")],
)
def test_a_refused_invitation_is_an_error(answer):
    with pytest.raises(cloud.CloudError, match="the invitation failed"):
        cloud.found(Account(invoke=answer), "invite", FOUNDER, "desk.example")


def test_a_missing_stack_is_said_in_one_sentence():
    with pytest.raises(cloud.CloudError, match="there is no stack zerodesk"):
        cloud.outputs_of(Account(describe_stacks=Refused), "zerodesk")


@mock_aws
def test_a_bucket_is_emptied_whatever_it_holds():
    store = boto3.client("s3")
    where = {"LocationConstraint": "eu-central-1"}
    store.create_bucket(Bucket="mail", CreateBucketConfiguration=where)
    for number in range(1001):
        store.put_object(Bucket="mail", Key=f"inbox/{number}")
    cloud.empty(boto3, "mail")
    assert store.list_objects_v2(Bucket="mail")["KeyCount"] == 0


def run_sam(monkeypatch, said):
    monkeypatch.setattr(sam, "sam", lambda *arguments, **_: said.append(arguments) or "")
    monkeypatch.setattr(sam, "build", lambda: cloud.ROOT / ".aws-sam/build")


def described(**outputs):
    listed = [{"OutputKey": k, "OutputValue": v} for k, v in outputs.items()]
    return {"Stacks": [{"Outputs": listed}]}


def test_deploying_builds_deploys_uploads_and_invites(web, monkeypatch):
    said, told = [], []
    account = Account(
        describe_stacks=described(**OUTPUTS),
        get_email_identity={"DkimAttributes": {"Tokens": ["t"]}},
        invoke=answering({}),
    )
    run_sam(monkeypatch, said)
    monkeypatch.setattr(cloud, "_session", lambda settings: account)
    settings = cloud.Settings(mail_domain="desk.example", alarm_mail="ops@desk.example")
    done = cloud.deploy(settings, FOUNDER, told.append)
    (deployed,) = said
    assert {"deploy", "Stage=aws", "MailDomain=desk.example"} <= set(deployed)
    assert "AlarmMail=ops@desk.example" in deployed
    assert not any(word.startswith("PublicUrl") for word in deployed)
    assert done["url"] == "https://d1.cloudfront.net"
    assert len(done["dns"]) == 4
    assert len(told) == 5


def test_destroying_empties_releases_and_deletes(monkeypatch):
    said = []
    account = Account(describe_stacks=described(**OUTPUTS))
    emptied = []
    run_sam(monkeypatch, said)
    monkeypatch.setattr(cloud, "_session", lambda settings: account)
    monkeypatch.setattr(cloud, "empty", lambda session, bucket: emptied.append(bucket))
    cloud.destroy(cloud.Settings(), lambda sentence: None)
    assert emptied == ["mail", "web"]
    ((command, *_),) = said
    assert command == "delete"
