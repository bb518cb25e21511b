"""The arrow bot -> workflows -> storage, and what else each root may not know of, read from the imports."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOTS = ("bot", "workflows", "storage")
OUTSIDE = {"slack_sdk", "slack_bolt", "starlette", "uvicorn", "httpx", "aiohttp", "aiosmtplib", "apscheduler"}
ALLOWED = {
    "storage": {"storage", "sqlmodel", "sqlalchemy", "alembic", "pydantic_core"},
    "workflows": {"workflows", "storage", "sqlmodel", "sqlalchemy", "pydantic", "pydantic_core", "holidays"},
}
IMPURE_MODULES = {"storage.database", "bot.settings", "bot.app", "bot.slack.client", "bot.slack.context", "sqlmodel"}
IMPURE_NAMES = {"Session", "Settings", "Database", "AsyncWebClient", "Context"}
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}


def files(folder: str) -> list[Path]:
    found = sorted((ROOT / folder).rglob("*.py"))
    assert found
    return found


def imports(path: Path) -> Iterator[tuple[str, str | None]]:
    """Yield (module, name) for each import of a file; name None for `import module`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((one.name, None) for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield from ((str(node.module), one.name) for one in node.names)


def standard(module: str) -> bool:
    import sys  # noqa: PLC0415 -- asked once

    return module in sys.stdlib_module_names


@pytest.mark.parametrize("root", ["storage", "workflows"])
def test_each_root_imports_only_what_it_may(root: str) -> None:
    used = {(path.name, module) for path in files(root) for module, _ in imports(path)}

    wrong = {(name, module) for name, module in used if not _may(root, module.partition(".")[0])}

    assert wrong == set()


def _may(root: str, package: str) -> bool:
    return package in ALLOWED[root] or standard(package)


def test_nothing_of_ours_imports_the_tests_and_the_product_does_not_need_the_sandbox() -> None:
    product = [path for root in ROOTS for path in files(root) if "sandbox" not in path.parts]

    used = {
        (str(path.relative_to(ROOT)), module)
        for path in product
        for module, _ in imports(path)
        if module.startswith(("tests", "bot.sandbox"))
    }

    assert used <= {("bot/cli.py", "bot.sandbox.demo")}


def test_views_are_pure() -> None:
    used = {(path.name, module, name) for path in files("bot/slack/views") for module, name in imports(path)}

    wrong = {
        one for one in used if one[1] in IMPURE_MODULES or one[2] in IMPURE_NAMES or one[1].partition(".")[0] in OUTSIDE
    }

    assert wrong == set()
    assert [path.name for path in files("bot/slack/views") if "async def" in path.read_text()] == []


@pytest.mark.parametrize("root", ROOTS)
def test_nobody_but_the_app_reads_a_clock(root: str) -> None:
    readers = {
        str(path.relative_to(ROOT))
        for path in files(root)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and (node.func.value.id, node.func.attr) in CLOCKS
    }

    # The demo is a world of its own: it has a wall, and a clock on it.
    assert {one for one in readers if "sandbox" not in one} <= {"bot/clock.py"}


def test_only_one_function_changes_the_state_of_a_case() -> None:
    setters = {
        (path.name, node.lineno)
        for path in files("workflows")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and node.attr == "state"
        and isinstance(node.value, ast.Name)
        and node.value.id == "case"
    }

    assert {name for name, _ in setters} == {"lifecycle.py"}
    assert len(setters) == 1
