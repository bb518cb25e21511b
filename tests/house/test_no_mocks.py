"""Fakes, not mocks: what is ours is real in every test, and what isn't is a fake with a will of its own."""

import ast
from pathlib import Path

TESTS = Path(__file__).parents[1]
BANNED = ("unittest.mock", "mock", "pytest_mock", "asynctest")


def test_no_test_imports_a_mock() -> None:
    found = set()
    for path in sorted(TESTS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = []
            if isinstance(node, ast.Import):
                modules = [one.name for one in node.names]
            elif isinstance(node, ast.ImportFrom):
                modules = [str(node.module), *(f"{node.module}.{one.name}" for one in node.names)]
            found |= {(path.name, one) for one in modules if one.startswith(BANNED)}

    assert found == set()


def test_no_test_asks_for_a_mocker() -> None:
    found = {
        (path.name, node.name)
        for path in sorted(TESTS.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and "mocker" in {one.arg for one in [*node.args.args, *node.args.kwonlyargs]}
    }

    assert found == set()
