"""The house rules of STYLE.md as checks over source text; tests/test_tidy.py applies them.

Each check takes a file's path, relative to the repository, and its text, and returns complaints.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70

_SKIPPED_FOLDERS = {"__pycache__", "node_modules"}
_GENERATED = PurePosixPath("libs/contracts/src")
_TEXT_SUFFIXES = {".py", ".md", ".toml", ".sh", ".proto", ".yaml", ".yml", ".lock", ".lua"}
_TEXT_SUFFIXES |= {".lark", ".graphql", ".json", ".txt", ".in", ".tpl", ""}

# Files of a service that touch the outside. Every other one is domain: pure, given time and ids.
_OUTSIDE = re.compile(
    r"(__main__|advance|budget_parts|campaign_parts|clients|commit|config|consumer|delivery_parts"
    r"|drainer|enroller|gift_parts|insight_job|keyring|ledger|points_parts|rebuild|relay|reports|rpc"
    r"|sealing|service|store|ticker|timers|watch)(_\w+)?\.py"
)
_DATABASE_FILES = ("store", "__main__")
_NO_DOMAIN_MODULES = {
    *("asyncio", "dangol_service_kit", "grpc", "httpx", "io", "logging", "motor", "opentelemetry"),
    *("os", "pathlib", "pymongo", "random", "redis", "secrets", "socket", "starlette"),
    *("strawberry", "structlog", "subprocess", "threading", "time", "uvicorn"),
}
# The one part of the kit that is a plain table.
_DOMAIN_MODULES = ("dangol_service_kit.currencies", "dangol_service_kit.sandboxes")
_NO_DOMAIN_CALLS = {
    *("datetime.now", "datetime.utcnow", "datetime.datetime.now", "date.today", "uuid.uuid1"),
    *("uuid.uuid4", "uuid4", "open", "print", "input"),
}
_PRINTS = ("libs/cli/", "dev/", "bench/", "libs/contracts/generate.py")

_WORDS = ("TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK")
_LEFTOVERS = re.compile(rf"\b({'|'.join(_WORDS)})\b")
_CALLS = {
    "time.sleep": "waits by the clock; wait for a condition instead",
    "breakpoint": "stops the program",
    "mock.patch": "replaces code from outside; write a fake",
    "pytest.skip": "skips a test",
    "pytest.xfail": "excuses a failing test",
    "pytest.mark.skip": "skips a test",
    "pytest.mark.skipif": "skips a test",
    "pytest.mark.xfail": "excuses a failing test",
}
# Written in pieces, since this file is checked too.
_REGISTRIES = [
    *("pypi" + ".org", "python" + "hosted.org", "npmjs" + ".org", "npmjs" + ".com"),
    *("crates" + ".io", "proxy.golang" + ".org", "maven" + ".org", "maven.apache" + ".org"),
    *("deb.debian" + ".org", "docker" + ".io", "gcr" + ".io", "quay" + ".io"),
]
_REGISTRY = re.compile("|".join(re.escape(host) for host in _REGISTRIES))
_MACHINE_PATH = re.compile(r"(?<![\w.$}*-])/(?:wor" + r"k|roo" + r"t|hom" + r"e)/[\w.-]+")


def source_files(root: Path) -> Iterator[tuple[str, str]]:
    """Every file people write, as (path relative to `root`, text); generated code is left out."""
    for path in sorted(_walk(root)):
        relative = path.relative_to(root)
        if _GENERATED in PurePosixPath(relative).parents or path.suffix not in _TEXT_SUFFIXES:
            continue
        yield relative.as_posix(), path.read_text()


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir():
            hidden = path.name.startswith(".") and path.name != ".ci"
            if not hidden and path.name not in _SKIPPED_FOLDERS:
                yield from _walk(path)
        elif not path.is_symlink():
            yield path


def check_text(path: str, text: str) -> list[str]:
    """Leftovers, hosts of package registries and paths of one machine, in any file."""
    complaints = []
    for number, line in enumerate(text.splitlines(), start=1):
        for pattern, what in (
            (_LEFTOVERS, "leftover"),
            (_REGISTRY, "host of a package registry"),
            (_MACHINE_PATH, "path of one machine"),
        ):
            if match := pattern.search(line):
                complaints.append(f"{path}:{number}: {what}: {match[0]}")
    return complaints


def check_lengths(path: str, text: str) -> list[str]:
    """Files over 400 lines and functions over 70."""
    complaints = []
    if (line_count := len(text.splitlines())) > FILE_LINES_MAX:
        complaints.append(f"{path}: {line_count} lines, at most {FILE_LINES_MAX}")
    for function in _functions(ast.parse(text)):
        length = (function.end_lineno or function.lineno) - function.lineno + 1
        if length > FUNCTION_LINES_MAX:
            where = f"{path}:{function.lineno}: {function.name}"
            complaints.append(f"{where} has {length} lines, at most {FUNCTION_LINES_MAX}")
    return complaints


def check_calls(path: str, text: str) -> list[str]:
    """Sleeps, patches, skipped tests, stubs, and prints outside command-line programs."""
    complaints = []
    for node in ast.walk(ast.parse(text)):
        name = _dotted(node.func) if isinstance(node, ast.Call) else _dotted(node)
        for call, reason in _CALLS.items():
            if name == call or name.endswith(f".{call}"):
                complaints.append(f"{path}:{_line(node)}: {call} {reason}")
        if isinstance(node, ast.Call) and name == "print" and not path.startswith(_PRINTS):
            complaints.append(f"{path}:{node.lineno}: print outside a command-line program")
        if name == "NotImplementedError":
            complaints.append(f"{path}:{_line(node)}: a stub")
    return sorted(set(complaints))


def check_docstrings(path: str, text: str) -> list[str]:
    """Modules and tests that do not say what they are for."""
    tree = ast.parse(text)
    complaints = []
    if not ast.get_docstring(tree) and text.strip():
        complaints.append(f"{path}: the module has no docstring")
    if path.startswith("tests/"):
        for function in _functions(tree):
            if function.name.startswith("test_") and not ast.get_docstring(function):
                complaints.append(f"{path}:{function.lineno}: {function.name} has no docstring")
    return complaints


def is_domain(path: str) -> bool:
    """Whether a file of a service must be pure."""
    parts = PurePosixPath(path).parts
    if parts[0] != "services" or "src" not in parts or parts[1] == "gateway":
        return False
    return not any(_OUTSIDE.fullmatch(name if "." in name else f"{name}.py") for name in parts[4:])


def check_purity(path: str, text: str) -> list[str]:
    """I/O, clocks, random numbers and outer files of the service, used by a domain file."""
    if not is_domain(path):
        return []
    complaints = []
    package = PurePosixPath(path).parts[3]
    tree = ast.parse(text)
    for module, line in _imports(tree):
        if module.startswith(_DOMAIN_MODULES):
            continue
        top = module.partition(".")[0]
        local = module.removeprefix(f"{package}.").split(".")[0]
        outer = top == package and _OUTSIDE.fullmatch(f"{local}.py")
        if top in _NO_DOMAIN_MODULES or outer or module.endswith("_pb2_grpc"):
            complaints.append(f"{path}:{line}: a domain file imports {module}")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (name := _dotted(node.func)) in _NO_DOMAIN_CALLS:
            complaints.append(f"{path}:{node.lineno}: a domain file calls {name}")
    return complaints


def check_borders(path: str, text: str) -> list[str]:
    """Imports across borders: between services, from libraries or dev into them, of databases."""
    parts = PurePosixPath(path).parts
    if parts[0] not in ("services", "libs", "dev") or "src" not in parts:
        return []
    own = parts[parts.index("src") + 1]
    complaints = []
    for module, line in _imports(ast.parse(text)):
        top = module.partition(".")[0]
        if top.endswith("_service") and top != own:
            complaints.append(f"{path}:{line}: imports the service {top}; call its API")
        if top == "dangol_dev" and parts[0] != "dev":
            complaints.append(f"{path}:{line}: imports development tools")
        if top == "motor" and not any(part.startswith(_DATABASE_FILES) for part in parts[4:]):
            complaints.append(f"{path}:{line}: only store files and __main__ know the driver")
    return sorted(set(complaints))


def imported_packages(text: str) -> set[str]:
    """Top-level modules that a file imports, the standard library left out."""
    modules = {module.partition(".")[0] for module, _ in _imports(ast.parse(text))}
    return modules - set(sys.stdlib_module_names) - {"__future__"}


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return ""


def _line(node: ast.AST) -> int:
    return int(getattr(node, "lineno", 0))
