"""The templates agree with the code, and with each other."""

import ast
import importlib
import re

import pytest
from cfnlint.decode import decode

from events.fact import KINDS
from infra import patterns, routes
from infra.build import ROOT, having, services
from infra.generate import with_islands
from infra.routes import declared


def read(path):
    template, problems = decode(str(path))
    assert problems == [] or not problems
    return template


ROOT_TEMPLATE = read(ROOT / "template.yaml")
NESTED = {path.stem: read(path) for path in sorted((ROOT / "infra").glob("*.yaml"))}
OF_A_SERVICE = {name: t for name, t in NESTED.items() if name in services()}


def of_type(template, kind):
    return {name: r for name, r in template["Resources"].items() if r["Type"] == kind}


def functions():
    for name, template in {"template": ROOT_TEMPLATE, **OF_A_SERVICE}.items():
        for logical, resource in of_type(template, "AWS::Serverless::Function").items():
            yield pytest.param(name, resource["Properties"], id=f"{name}-{logical}")


def variables(template, function):
    shared = template.get("Globals", {}).get("Function", {}).get("Environment", {})
    own = function.get("Environment", {})
    return {**shared.get("Variables", {}), **own.get("Variables", {})}


def test_every_service_has_a_template_and_is_in_the_root():
    nested = of_type(ROOT_TEMPLATE, "AWS::CloudFormation::Stack").values()
    named = {stack["Properties"]["TemplateURL"] for stack in nested}
    assert named == {f"infra/{name}.yaml" for name in [*services(), "web"]}
    assert set(NESTED) == {*services(), "web"}


@pytest.mark.parametrize("service", having("door"))
def test_template_routes_are_the_doors_routes(service):
    in_template = {
        (*r["Properties"]["RouteKey"].split(), r["Properties"].get("AuthorizationType") == "JWT")
        for r in of_type(NESTED[service], "AWS::ApiGatewayV2::Route").values()
    }
    assert in_template == {(r.method, r.path, r.signed) for r in declared(service)}


@pytest.mark.parametrize("service", having("door"))
def test_a_door_gets_payload_format_2_0_through_one_integration_and_one_permission(service):
    (integration,) = of_type(NESTED[service], "AWS::ApiGatewayV2::Integration").values()
    assert integration["Properties"]["PayloadFormatVersion"] == "2.0"
    (permission,) = of_type(NESTED[service], "AWS::Lambda::Permission").values()
    assert permission["Properties"]["Principal"] == "apigateway.amazonaws.com"


def test_no_two_routes_answer_the_same_request():
    keys = [(r.method, re.sub("{.*?}", "{}", r.path)) for name in having("door")
            for r in declared(name)]  # fmt: skip
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("service", having("consumer"))
def test_a_subscription_is_the_inbox(service):
    (rule,) = of_type(NESTED[service], "AWS::Events::Rule").values()
    inbox = importlib.import_module(f"services.{service}.consumer").inbox
    pattern = rule["Properties"]["EventPattern"]
    assert pattern["detail-type"] == inbox.listens_to
    assert set(pattern["source"]) == {KINDS[name].source for name in inbox.listens_to}


@pytest.mark.parametrize("part", ["door", "consumer", "publisher"])
def test_a_part_and_its_function_exist_together(part):
    with_function = {
        name
        for name, template in OF_A_SERVICE.items()
        for function in of_type(template, "AWS::Serverless::Function").values()
        if function["Properties"]["Handler"] == f"services.{name}.{part}.handler"
    }
    assert with_function == set(having(part))


@pytest.mark.parametrize(("name", "function"), list(functions()))
def test_a_handler_named_in_a_template_exists_in_its_own_package(name, function):
    module, _, attribute = function["Handler"].rpartition(".")
    assert callable(getattr(importlib.import_module(module), attribute))
    package = function["CodeUri"].rstrip("/").rpartition("/")[2]
    assert module.split(".")[1] == package


def variables_read(service, handler):
    """Return the variables that a handler's module reads through the parts it takes from wiring."""
    folder = ROOT / "services" / service
    parts = ast.parse((folder / "wiring.py").read_text()).body
    bodies = {part.name: ast.unparse(part) for part in parts if isinstance(part, ast.FunctionDef)}
    waiting = set(re.findall(r"wiring\.(\w+)", (folder / f"{handler}.py").read_text()))
    read, done = set(), set()
    while waiting:
        part = waiting.pop()
        done.add(part)
        read |= set(re.findall(r"ZERODESK_[A-Z_]+", bodies[part]))
        waiting |= {name for name in bodies if f"{name}(" in bodies[part]} - done
    return read


@pytest.mark.parametrize(("name", "function"), list(functions()))
def test_a_function_is_given_the_variables_it_reads_and_no_secret_beyond(name, function):
    service, handler = function["Handler"].split(".")[1:3]
    given = set(variables(OF_A_SERVICE.get(name, {}), function)) - {"POWERTOOLS_SERVICE_NAME"}
    wanted = variables_read(service, handler) if name != "template" else set()
    assert wanted <= given
    # The table's name comes with the service; it is no secret, and no permission.
    assert given - wanted <= {"ZERODESK_TABLE"}


def test_the_root_gives_each_nested_stack_exactly_its_parameters():
    for stack in of_type(ROOT_TEMPLATE, "AWS::CloudFormation::Stack").values():
        nested = NESTED[stack["Properties"]["TemplateURL"].split("/")[1].removesuffix(".yaml")]
        assert set(stack["Properties"]["Parameters"]) == set(nested["Parameters"])


def test_every_output_of_a_nested_stack_that_the_root_reads_is_there():
    text = (ROOT / "template.yaml").read_text()
    for stack, output in re.findall(r"(\w+)\.Outputs\.(\w+)", text):
        assert output in NESTED[stack.lower()]["Outputs"]


def test_nobody_may_write_who_they_are():
    client = ROOT_TEMPLATE["Resources"]["WebClient"]["Properties"]
    assert {"email", "custom:tenant", "custom:roles"} & set(client["WriteAttributes"]) == set()
    assert client["GenerateSecret"] is False
    assert client["AllowedOAuthFlows"] == ["code"]


def test_what_the_emulator_lacks_is_only_on_aws():
    lacking = {
        "AWS::Cognito::ManagedLoginBranding",
        "AWS::Events::Archive",
        "AWS::Events::EventBusPolicy",
        "AWS::SES::ReceiptRule",
        "AWS::SES::ReceiptRuleSet",
    }
    for template in (ROOT_TEMPLATE, *OF_A_SERVICE.values()):
        for name, resource in template["Resources"].items():
            if resource["Type"] in lacking:
                assert resource.get("Condition") == "OnAws", name


def test_an_island_is_what_the_generators_say():
    path = ROOT / "infra/desk.yaml"
    assert with_islands(path) == path.read_text()
    assert routes.yaml("desk") in path.read_text()
    assert patterns.yaml("desk") in path.read_text()
