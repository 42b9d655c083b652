"""The house's own law, read from the code itself."""

import ast
import re
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[2]
PACKAGES = ("participation", "moderation")
FILES = [p for package in PACKAGES for p in sorted((HOUSE / package).rglob("*.py")) if "migrations" not in p.parts]
SOURCES = {".".join(p.relative_to(HOUSE).with_suffix("").parts).removesuffix(".__init__"): p for p in FILES}
SOURCES["wsgi"] = HOUSE / "wsgi.py"
TEMPLATES = sorted((HOUSE / "templates").rglob("*.*"))
ORDER = ("model", "journey", "rights", "words")


def floors() -> dict[str, tuple[str, int]]:
    """Modules to the room they are in and its floor, as the house's README says."""
    found: dict[str, tuple[str, int]] = {}
    for line in (HOUSE / "participation" / "README.md").read_text(encoding="utf-8").splitlines():
        if row := re.match(r"\| (\d+) \| ([^|]+) \|", line):
            for name in row[2].split():
                base, _, inside = name.partition("{")
                for part in inside.rstrip("}").split(","):
                    found[base + part] = (name, int(row[1]))
    return found


ROOMS = floors()
FLOORS = dict(ROOMS.values())


def room(module: str) -> str:
    """The room a module belongs to: the longest name in the README that it begins with."""
    names = [name for name in ROOMS if module == name or module.startswith(name + ".")]
    return ROOMS[max(names, key=len)][0] if names else ""


def imports(module: str) -> set[str]:
    """Our own modules that a module imports, anywhere in it."""
    out: set[str] = set()
    for node in ast.walk(ast.parse(SOURCES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            out |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            out |= {f"{node.module}.{alias.name}" if f"{node.module}.{alias.name}" in SOURCES else node.module
                    for alias in node.names}
    return {name for name in out if name.split(".")[0] in (*PACKAGES, "wsgi")}


def outside(module: str) -> set[str]:
    """The first words of everything a module imports from outside."""
    tree = ast.parse(SOURCES[module].read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    return {name.split(".")[0] for name in names}


def test_every_module_has_a_floor() -> None:
    homeless = [m for m in SOURCES if not room(m) and m not in PACKAGES]
    assert not homeless, f"participation/README.md names no floor for {homeless}"


@pytest.mark.parametrize("module", [m for m in SOURCES if m not in PACKAGES])
def test_imports_point_down(module: str) -> None:
    here = room(module)
    for target in imports(module):
        there = room(target)
        assert there, f"{module} imports {target}, which has no floor"
        assert there == here or FLOORS[there] < FLOORS[here], \
            f"{module} (floor {FLOORS[here]}) imports {target} (floor {FLOORS[there]})"


def test_rooms_have_no_circles() -> None:
    graph = {m: {t for t in imports(m) if t in SOURCES and t != m} for m in SOURCES}
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, f"a circle: {' → '.join((*path, module))}"
        if module in done:
            return
        for target in graph[module]:
            visit(target, (*path, module))
        done.add(module)

    for module in graph:
        visit(module, ())


def test_package_roots_are_empty() -> None:
    for package in PACKAGES:
        for root in (HOUSE / package).rglob("__init__.py"):
            assert not root.read_text().strip(), f"{root.relative_to(HOUSE)} is not empty"


def test_nobody_imports_the_roof_and_participation_never_moderation() -> None:
    for module in SOURCES:
        if module != "wsgi":
            assert "wsgi" not in imports(module), module
        if module.startswith("participation"):
            assert not [t for t in imports(module) if t.startswith("moderation")], module


def test_only_pages_know_flask() -> None:
    webby = ("participation.web", "participation.site", "participation.desk", "moderation.pages",
             "participation.commands", "participation.reconcile_command", "wsgi")
    for module in SOURCES:
        if outside(module) & {"flask", "flask_wtf", "flask_babel", "flask_login", "werkzeug", "wtforms"}:
            assert module.startswith(webby), f"{module} knows the web"


def test_only_the_edges_commit() -> None:
    edges = {"participation.database", "participation.web.door", "participation.jobs", "participation.worker",
             "participation.commands", "participation.running", "participation.importing",
             "participation.reconcile_command"}
    for module, file in SOURCES.items():
        if re.search(r"\.commit\(|\.change\(\)|\.writing\(\)", file.read_text(encoding="utf-8")):
            assert module in edges, f"{module} commits"


def test_only_the_journey_writes_a_state() -> None:
    for module, file in SOURCES.items():
        if module in ("participation.journey", "participation.outbox"):  # the outbox's tasks have states of their own
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Assign):
                assert not any(isinstance(t, ast.Attribute) and t.attr == "state" for t in node.targets), \
                    f"{module}:{node.lineno} writes a state"
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if called in ("values", "Idea", "Comment"):
                    assert "state" not in {k.arg for k in node.keywords}, f"{module}:{node.lineno} writes a state"


def test_no_page_compares_states() -> None:
    pages = [p for m, p in SOURCES.items() if room(m) and FLOORS[room(m)] >= FLOORS["participation.web"]] + TEMPLATES
    for page in pages:
        found = re.search(r"\.?\bstate *(==|!=|in \(|in \[|not in)", page.read_text(encoding="utf-8"))
        assert not found, f"{page.relative_to(HOUSE)} compares a state: {found and found[0]}"


def test_only_the_cleaning_door_marks_text_as_safe() -> None:
    for module, file in SOURCES.items():
        if module != "participation.text":
            assert not re.search(r"\bMarkup\(|mark_safe", file.read_text(encoding="utf-8")), module
    for template in TEMPLATES:
        assert not re.search(r"\|\s*safe\b|autoescape false", template.read_text(encoding="utf-8")), template


def test_files_stay_short() -> None:
    for module, file in SOURCES.items():
        lines = len(file.read_text(encoding="utf-8").splitlines())
        assert lines <= 300, f"{module} has {lines} lines"


def test_every_module_says_what_it_is_for() -> None:
    for module, file in SOURCES.items():
        if file.name != "__init__.py":
            assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))), f"{module} has no docstring"


def test_every_public_function_has_a_docstring() -> None:
    for module, file in SOURCES.items():
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                assert ast.get_docstring(node), f"{module}.{node.name} has no docstring"
