"""The crash run in short: `make crash` is the long one."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


def test_five_kills_lose_nothing_on_sqlite() -> None:
    ended = crash("--responses=300", "--kills=5")

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "NOTHING LOST, NOTHING DOUBLED" in ended.stdout


def test_five_kills_lose_nothing_on_postgresql(postgres_server: str) -> None:
    ended = crash("--responses=300", "--kills=5", f"--database={empty_postgres(postgres_server)}")

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "NOTHING LOST, NOTHING DOUBLED" in ended.stdout


@pytest.mark.parametrize(("variant", "status"), [("sound", 0), ("ack-first", 1)])
def test_who_answers_before_committing_is_caught(variant: str, status: int) -> None:
    ended = crash("--responses=40", "--kills=1", "--aimed=1", "--hold-commits=0.3", f"--variant={variant}")

    assert ended.returncode == status, ended.stdout + ended.stderr
    lost = [line for line in ended.stdout.splitlines() if line.endswith("LOST")]
    assert bool(lost) is (variant == "ack-first")
    assert any("responses answered 2xx are there once" in line for line in lost) is (variant == "ack-first")


def crash(*options: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tests.crash", "--seed=1", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=180)


def empty_postgres(server: str) -> str:
    """Make a database without any tables: the run begins with the upgrade."""
    name = f"crash_{os.urandom(6).hex()}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    return f"{server}/{name}"
