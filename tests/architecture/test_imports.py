"""The house's rules on who may import whom, read from the sources and tried in fresh interpreters."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import planner

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(planner.__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "planner").rglob("*.py"))

# Each part may import from the lines above its own, and never from below; parts that are one job in several files also
# from each other. A module named with its package stands higher or lower than the rest of it.
FLOORS = (
    {"errors", "wording", "disclaimer", "reports.blocks"},
    {"validation"},
    {"market", "household"},
    {"sources"},
    {"policy"},
    {"optimise"},
    {"trading"},
    {"outlook"},
    {"scenario_versions"},
    {"scenario"},
    {"facts", "methods"},
    {"yearly_checklist"},
    {"planning", "figures"},
    {"reviewing", "recent_choice"},
    {"comparing", "store"},
    {"policy.statement"},
    {"reports", "notebooks"},
    {"cli", "app_server", "app_kernels", "app_safety", "gallery", "jupyter_config"},
)
ONE_JOB = ({"planning", "figures"}, {"cli", "app_server", "app_kernels", "app_safety", "gallery", "jupyter_config"})
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}

FACE = {"widgets", "ipywidgets", "anywidget", "altair", "traitlets", "IPython", "voila", "jupyterlab", "notebook"}
SERVES_THE_APP = {"app_server", "app_kernels", "app_safety", "jupyter_config"}
NETWORK = {
    *("socket", "socketserver", "ssl", "select", "asyncio", "urllib", "http", "ftplib", "smtplib", "poplib", "imaplib"),
    *("telnetlib", "xmlrpc", "webbrowser", "requests", "httpx", "aiohttp", "urllib3", "websockets", "tornado"),
    *("yfinance", "paramiko", "boto3", "fsspec"),
}
SOLVERS = {"cvxpy", "clarabel", "daqp", "highspy"}
HEAVY = ("pandas", "numpy", "scipy", "cvxpy", "sklearn", "altair", "pyarrow", "pydantic", "ipywidgets", "httpx")


def room(source: Path) -> str:
    """The part of planner that a file belongs to: its package, or itself."""
    return _room_of(source.relative_to(ROOT / "planner").with_suffix("").parts)


def _room_of(parts: Sequence[str]) -> str:
    itself = ".".join(parts[:2])
    return itself if itself in FLOOR_OF else parts[0]


def imported(text: str, package: str = "planner") -> set[str]:
    """Full names of all modules that a source imports, at the top or inside a function, by statement or by name."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = f"{package}.{node.module or ''}".rstrip(".") if node.level else node.module or ""
            names |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in {"import_module", "__import__"} and node.args and isinstance(node.args[0], ast.Constant):
                names.add(str(node.args[0].value))
    return names


def tops(source: Path) -> set[str]:
    """First names of what a file imports."""
    return {name.split(".")[0] for name in imported(source.read_text(encoding="utf-8"))}


def rooms_used(source: Path) -> set[str]:
    """Parts of planner that a file imports from, its own left out."""
    names = imported(source.read_text(encoding="utf-8"))
    parts = {_room_of(name.split(".")[1:]) for name in names if name.startswith("planner.")}
    return {part for part in parts if part in FLOOR_OF} - {room(source)}


def allowed(user: str, used: str) -> bool:
    return FLOOR_OF[used] < FLOOR_OF[user] or any({user, used} <= parts for parts in ONE_JOB)


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_reader_of_imports_sees_every_way_to_import():
    text = """
import a.b as c
from d import e
if TYPE_CHECKING:
    from f.g import h
def later():
    import i
    from importlib import import_module
    import_module("j.k")
    __import__("l")
    from .m import n
"""
    found = imported(text)
    assert {"a.b", "d", "d.e", "f.g", "f.g.h", "i", "j.k", "l", "planner.m", "planner.m.n"} <= found


def test_every_part_of_the_planner_has_a_floor():
    assert len(SOURCES) > 30
    assert {room(source) for source in SOURCES} - {"__init__"} <= set(FLOOR_OF), "name the new part in FLOORS"


def test_the_floors_forbid_what_they_should():
    assert allowed("policy", "market")
    assert allowed("outlook", "optimise")
    assert not allowed("market", "household")
    assert not allowed("market", "policy")
    assert not allowed("optimise", "planning")
    assert not allowed("errors", "wording")


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: str(source.relative_to(ROOT)))
def test_imports_point_up_the_house_only(source):
    if room(source) != "__init__":
        wrong = {used for used in rooms_used(source) if not allowed(room(source), used)}
        assert not wrong, f"{source.relative_to(ROOT)} imports {', '.join(sorted(wrong))}"


def test_the_planner_knows_nothing_of_its_face():
    knowing = {room(source) for source in SOURCES if tops(source) & FACE}
    assert knowing <= SERVES_THE_APP
    assert not any(tops(source) & {"widgets", "ipywidgets", "anywidget", "altair"} for source in SOURCES)


def test_only_the_optimisers_and_two_trading_programs_import_cvxpy_and_the_solvers():
    programs = {ROOT / "planner" / "trading" / name for name in ("location.py", "stage_program.py")}
    users = {source for source in SOURCES if tops(source) & SOLVERS} - programs
    assert users
    assert {room(source) for source in users} == {"optimise"}


def test_no_part_reaches_into_the_network():
    users = {room(source): tops(source) & NETWORK for source in SOURCES if tops(source) & NETWORK}
    assert users.pop("app_server", set()) <= {"webbrowser", "urllib"}  # of which it takes an address apart
    for serving in ("app_kernels", "app_safety"):
        assert users.pop(serving, set()) <= {"tornado"}  # which serves the app on this machine
    assert {part for part in users if part != "sources"} == set()


def test_the_sources_load_the_libraries_of_the_network_only_when_asked():
    loaded = run("import sys, planner.sources; print(*({'httpx', 'yfinance', 'pyarrow.parquet'} & set(sys.modules)))")
    assert loaded == ""


def test_only_the_command_line_prints():
    printing = {
        source.name
        for source in SOURCES
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    }
    assert printing <= {"cli.py"}


def test_the_face_solves_nothing_itself():
    for source in sorted((ROOT / "widgets").rglob("*.py")):
        assert not tops(source) & {*SOLVERS, "scipy", "sklearn"}, source


@pytest.mark.parametrize("package", ["planner", "widgets", "planner.errors"])
def test_importing_a_package_loads_nothing_heavy(package):
    loaded = run(f"import sys, {package}; print(*(name for name in {HEAVY!r} if name in sys.modules))")
    assert loaded == ""


def test_the_example_scenario_that_the_page_opens_with_loads_no_numbers():
    loaded = run("import sys, planner; planner.EXAMPLE; print(*({'numpy', 'pandas', 'scipy'} & set(sys.modules)))")
    assert loaded == ""


def test_the_optimisers_load_cvxpy_only_when_something_is_solved():
    loaded = run(
        "import sys, planner.optimise; print(*(name for name in sys.modules if name in ('cvxpy', 'clarabel')))"
    )
    assert loaded == ""


def test_what_type_checkers_read_is_what_is_loaded_lazily():
    tree = ast.parse((ROOT / "planner" / "__init__.py").read_text(encoding="utf-8"))
    block = next(
        node for node in tree.body if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
    )
    read = {node.module: sorted(alias.name for alias in node.names) for node in block.body}
    lazily = {home: sorted(names) for home, names in planner._HOMES.items()}
    lazily["planner.optimise"] = sorted([*lazily["planner.optimise"], "optimise"])
    assert read == lazily


@pytest.mark.parametrize("name", planner.__all__)
def test_every_public_name_is_there_and_comes_from_its_home(name):
    value = getattr(planner, name)
    home = importlib.import_module(planner._HOME_OF.get(name, "planner.optimise"))
    assert value is (home if name == "optimise" else getattr(home, name))
    assert name in dir(planner)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = planner.nothing


@pytest.mark.parametrize(
    "order",
    [
        "import planner",
        "import planner, planner.optimise",
        "import planner.optimise, planner",
        "import planner.optimise.limits, planner",
        "from planner.optimise import optimise as function; import planner",
        "from planner import optimise; import planner, planner.optimise",
        "import planner; planner.frontier; planner.MinimumVariance",
        "from planner import *; import planner",
    ],
)
def test_optimise_is_package_and_function_after_any_order_of_imports(order):
    code = f"""{order}
for each in (planner.optimise, __import__("planner").optimise, __import__("sys").modules["planner.optimise"]):
    try:
        each(None, "no objective")
    except planner.InputError as error:
        print(str(error)[:32], each.HighestReturn.__name__, each is planner.optimise)"""
    assert run(code).splitlines() == ["The objective is 'no objective': HighestReturn True"] * 3
