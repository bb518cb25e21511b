"""At rest: how soon `python -m bot run` is ready, and what memory it holds then."""

import tempfile
import time
from pathlib import Path

from tests.bench.house import prepared, settings
from tests.bench.places import Place, free_port, process, wait_until_ready
from tests.bench.table import Line, Measure

SETTLE_SECONDS = 4.0


def idle(place: Place, *, runs: int, count: int) -> list[Line]:
    """Start it so often on an empty database with a policy; `count` is not used."""
    del count
    starts, sizes = [], []
    slack = free_port()
    with process(["tests.bench.pretend_slack", str(slack)]):
        wait_until_ready(slack, "/auth.test")
        for _ in range(runs):
            url, port = place.empty(), free_port()
            prepared(url)
            with tempfile.TemporaryDirectory(prefix="hearback-bench-idle-") as folder:
                environment = settings(url, Path(folder), port=port, slack=slack)
                begun = time.perf_counter()
                with process(["bot", "run"], environment=environment, folder=Path(folder)) as running:
                    wait_until_ready(port)
                    starts.append(time.perf_counter() - begun)
                    time.sleep(SETTLE_SECONDS)
                    sizes.append(_resident_mb(running.pid))
    return [
        Line(name="start to ready", unit="s", ours=Measure(runs=starts), wanted=3, better="less"),
        Line(name="idle memory (RSS)", unit="MB", ours=Measure(runs=sizes), wanted=130, better="less"),
    ]


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(one for one in status.splitlines() if one.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024
