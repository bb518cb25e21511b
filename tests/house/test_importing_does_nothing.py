"""Importing a module does nothing: no thread, no socket, no file written, no logger configured."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Runs in a process of its own, with every door watched by an audit hook before the first of our modules is imported.
WATCH = """
import importlib, json, logging, os, sys, threading
from pathlib import Path
seen = []
def hook(event, args):
    if event in {"socket.bind", "socket.connect", "sqlite3.connect", "subprocess.Popen", "os.system", "os.fork"}:
        seen.append(f"{event} {args[1:]}")
    elif event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+"):
        seen.append(f"open {args[0]} {args[1]}")
    elif event in {"os.mkdir", "os.remove", "os.rename"}:
        seen.append(f"{event} {args[0]}")
sys.addaudithook(hook)
root = Path(sys.argv[1])
skipped = {"bot.__main__", "storage.migrations.env"}
names = [
    ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
    for folder in ("bot", "workflows", "storage")
    for path in sorted((root / folder).rglob("*.py"))
]
for name in names:
    if name not in skipped and ".versions." not in name:
        importlib.import_module(name)
roots = {"bot", "workflows", "storage", "hearback"}
ours = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] in roots]
print(json.dumps({
    "seen": seen,
    "threads": [one.name for one in threading.enumerate() if one is not threading.main_thread()],
    "handlers": [str(one) for one in logging.root.handlers],
    "configured": [n for n in ours if logging.getLogger(n).handlers or logging.getLogger(n).level],
    "modules": len(names),
}))
"""


def test_importing_every_module_does_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-B", "-c", WATCH, str(ROOT)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found.pop("modules") > 100
    assert found == {"seen": [], "threads": [], "handlers": [], "configured": []}
    assert list(tmp_path.iterdir()) == []
