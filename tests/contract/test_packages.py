"""A package holds everything its handlers import, for the right platform, and nothing else."""

import ast
import hashlib
import subprocess
import sys
import sysconfig

import pytest
from cfnlint.decode import decode

from infra.build import LOCK, NEVER, ONLY, ROOT, package, services, ships
from infra.lock import LOCKS

# What the Lambda runtime brings; in the emulator its own environment does.
RUNTIME = {"boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3"}
OURS = {"events", "services", "shared"}
AARCH64 = 0xB7
# Imports the named modules with the package, the standard library and the runtime, alone.
ALONE = """
import importlib, importlib.machinery, sys
package, site, allowed, *modules = sys.argv[1:]
class Runtime:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in allowed.split(","):
            return importlib.machinery.PathFinder.find_spec(name, path or [site])
sys.path[:0] = [package]
sys.meta_path.append(Runtime)
for module in modules:
    importlib.import_module(module)
"""


def handlers(service):
    """Return the modules that the template's functions start in."""
    found = set()
    for path in (ROOT / "template.yaml", ROOT / f"infra/{service}.yaml"):
        for resource in decode(str(path))[0]["Resources"].values():
            handler = resource.get("Properties", {}).get("Handler", "")
            if handler.startswith(f"services.{service}."):
                found.add(handler.rpartition(".")[0])
    return found


def imported_by(path, module):
    """Yield every module that a file imports, at its top or when a function runs."""
    tree = ast.parse(path.read_text())
    for node in runtime_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def runtime_nodes(tree):
    """Yield the nodes outside ``if TYPE_CHECKING``."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            waiting += node.orelse
            continue
        yield node
        waiting += ast.iter_child_nodes(node)


def located(folder, module):
    """Return the file of a module in a package, None if it is a name inside a module."""
    path = folder.joinpath(*module.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.exists():
            return candidate
    return None


def reached(folder, service):
    """Return our modules that the handlers reach, and the foreign ones these import."""
    ours, foreign, waiting = set(), set(), set(handlers(service))
    while waiting:
        module = waiting.pop()
        path = located(folder, module)
        if path is None or module in ours:
            continue
        ours.add(module)
        for name in imported_by(path, module):
            if name.partition(".")[0] in OURS:
                waiting.add(name)
            else:
                foreign.add(name)
    return ours, foreign


def modules_of(foreign, folder):
    """Drop from imported names those that are no modules, and the standard library."""
    for name in foreign:
        top = name.partition(".")[0]
        if top not in sys.stdlib_module_names and top not in RUNTIME:
            parent = name.rpartition(".")[0]
            if located(folder, name) or not (parent and located(folder, parent)):
                yield name


@pytest.fixture(scope="module", params=services())
def service(request):
    return request.param


@pytest.fixture(scope="module")
def for_aws(service):
    return package(service, "aws")


@pytest.fixture(scope="module")
def for_laptop(service):
    return package(service, "laptop")


def test_a_package_holds_every_module_that_its_handlers_name(service, for_aws):
    ours, foreign = reached(for_aws, service)
    assert handlers(service) <= ours
    assert [name for name in modules_of(foreign, for_aws) if not located(for_aws, name)] == []


def test_a_package_imports_without_the_project_around_it(service, for_laptop):
    ours, foreign = reached(for_laptop, service)
    wanted = sorted(ours | set(modules_of(foreign, for_laptop)))
    site = sysconfig.get_paths()["purelib"]
    command = [sys.executable, "-I", "-S", "-c", ALONE, str(for_laptop), site]
    run = subprocess.run(
        [*command, ",".join(RUNTIME), *wanted], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr


def test_a_package_holds_no_other_service_no_test_and_no_cache(service, for_aws):
    assert {path.name for path in (for_aws / "services").iterdir()} == {"__init__.py", service}
    everything = [path.relative_to(for_aws).as_posix() for path in for_aws.rglob("*")]
    unwanted = ("__pycache__", ".dist-info", ".pyc", ".pyi", "/tests/", "schemas", "samples")
    assert [name for name in everything if any(part in name for part in unwanted)] == []
    assert not (for_aws / "infra").exists()


def test_a_package_holds_only_the_third_party_code_that_it_says(service, for_aws):
    tops = {path.name.removesuffix(".py") for path in for_aws.iterdir()} - OURS
    named = {name.replace("-", "_").replace("mail_parser", "mailparser") for name in ships(service)}
    assert tops == named
    assert "botocore" not in tops


def test_compiled_code_is_for_python_3_13_on_arm64(for_aws):
    for path in for_aws.rglob("*.so"):
        assert path.name.endswith((".cpython-313-aarch64-linux-gnu.so", ".abi3.so")), path.name
        head = path.read_bytes()[:20]
        assert (head[:4], int.from_bytes(head[18:20], "little")) == (b"\x7fELF", AARCH64)


def test_staging_again_changes_nothing(service, for_aws):
    assert digest(for_aws) == digest(package(service, "aws"))


def test_a_service_that_reckons_with_time_zones_brings_them(service):
    """Neither the standard library nor the Lambda runtime has the zones' data."""
    source = "".join(p.read_text() for p in (ROOT / "services" / service).rglob("*.py"))
    assert ("from zoneinfo import" in source) == ("tzdata" in ships(service))


def test_the_lock_holds_what_is_shipped_and_nothing_else():
    locked = {line.split("==")[0] for line in LOCK.read_text().splitlines() if "==" in line}
    assert locked == {name for service in services() for name in ships(service)}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.group)
def test_a_lock_has_hashes_and_no_registry(lock):
    text = lock.file.read_text()
    assert "http" not in text
    assert text.count("==") <= text.count("--hash=sha256:")


def test_what_stays_at_home_is_named_as_it_is_in_the_wheels(for_aws):
    assert all(name.endswith("/") for name in NEVER)
    assert all(len(files) for files in ONLY.values())
    assert [
        path for path in for_aws.rglob("*") if str(path.relative_to(for_aws)).startswith(NEVER)
    ] == []


def digest(folder):
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            whole.update(str(path.relative_to(folder)).encode() + path.read_bytes())
            whole.update(str(int(path.stat().st_mtime)).encode())
    return whole.hexdigest()
