"""Times every page of the real server over the 2,000-person example, and weighs what it sends.

Usage: python -m bench.pages [--quick]
"""

import argparse
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from counterfoil.app.server.agents.example.making import BEING_MADE
from counterfoil.app.server.desk import Desk
from counterfoil.app.server.example import PEOPLE
from counterfoil.app.server.site import PAGES

FOLDER = Path(".bench")
MOST_MS, MOST_BYTES = 50, 25_000
"""What a page may take at the 95th percentile, warm, and weigh as it is sent."""
GUESTS = ("employee", "leader", "operator")
NAMED = {"metric": "kept"}
"""What stands for a part of an address that has a name."""
MORE = ("/usage?by=block", "/usage?by=day", "/units?figure=tokens")
HTML = "text/html"
TICKS = os.sysconf("SC_CLK_TCK")


def paths() -> Sequence[str]:
    """Every address below which a page of a signed-in person may be."""
    routes = [route for part in PAGES for route in part(cast(Desk, None)).routes]
    found = [str(getattr(r, "path", "")) for r in routes if "GET" in (getattr(r, "methods", None) or ())]
    named = [re.sub(r"{(\w+)}", lambda part: NAMED.get(part[1], "{}"), path) for path in found]
    wanted = [path for path in named if "{" not in path and not path.startswith(("/enter", "/sign-"))]
    return [*dict.fromkeys(wanted), *MORE]


@contextmanager
def example(people: int) -> Iterator[tuple[int, str]]:
    """A server over an invented company: its process, and where it listens."""
    command = [sys.executable, "-m", "counterfoil", "serve", "--example", "--people", str(people), "--json"]
    command += ["--port", "0", "--otlp-http", "0", "--otlp-grpc", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.pid, urlsplit(json.loads(process.stdout.readline())["address"]).netloc
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


class Visitor:
    """One connection of somebody who signed in."""

    def __init__(self, host: str, guest: str) -> None:
        self.host, self.cookie = host, ""
        self.connection = http.client.HTTPConnection(host, timeout=60)
        page, _ = self.asked("GET", "/example")
        csrf = re.search(rb'name="csrf" value="([^"]+)"', page)
        assert csrf is not None
        self.asked("POST", "/example", urlencode({"guest": guest, "csrf": csrf[1].decode()}))

    def asked(self, method: str, path: str, body: str = "", *, packed: bool = False) -> tuple[bytes, str]:
        """What is answered, and whether it is a page."""
        headers = {"Cookie": self.cookie, "Origin": f"http://{self.host}"}
        headers |= {"Accept-Encoding": "gzip"} if packed else {}
        headers |= {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        self.connection.request(method, path, body or None, headers)
        answer = self.connection.getresponse()
        told = answer.read()
        for cookie in answer.headers.get_all("set-cookie") or ():
            name, _, rest = cookie.partition("=")
            kept = [part for part in self.cookie.split("; ") if part and not part.startswith(f"{name}=")]
            self.cookie = "; ".join([*kept, f"{name}={rest.partition(';')[0]}"])
        is_page = answer.status == 200 and str(answer.headers["content-type"]).startswith(HTML)
        return told, "page" if is_page else str(answer.status)


def settled(host: str) -> None:
    """Wait until the invented company's agents are made, which takes both cores for a while."""
    visitor, until = Visitor(host, "employee"), time.monotonic() + 180
    while BEING_MADE.encode() in visitor.asked("GET", "/agents")[0]:
        assert time.monotonic() < until, "its agents are never made"
        time.sleep(1)


def cpu_s(pid: int) -> float:
    """Seconds of CPU that a process took so far."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def timed(pid: int, host: str, guest: str, path: str, times: int) -> dict[str, Any] | None:
    """How long one page takes somebody, from the request to its last byte; None where they have none."""
    visitor = Visitor(host, guest)
    for _ in range(3):
        told, what = visitor.asked("GET", path, packed=True)
    if what != "page":
        return None
    took, before = [], cpu_s(pid)
    for _ in range(times):
        began = time.perf_counter()
        visitor.asked("GET", path, packed=True)
        took.append((time.perf_counter() - began) * 1_000)
    took.sort()
    return {
        "page": path,
        "as": guest,
        "p50_ms": round(took[times // 2], 1),
        "p95_ms": round(took[int(times * 0.95)], 1),
        "cpu_ms": round((cpu_s(pid) - before) / times * 1_000, 1),
        "bytes": len(told),
    }


def main(words: list[str]) -> dict[str, Any]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args(words)
    people, times = (400, 10) if asked.quick else (PEOPLE, 200)
    with example(people) as (pid, host):
        settled(host)
        found = [timed(pid, host, guest, path, times) for path in paths() for guest in GUESTS]
        rows = [row for row in found if row is not None]
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            resident = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1_000_000
    late = [row for row in rows if row["p95_ms"] > MOST_MS]
    large = [row for row in rows if row["bytes"] > MOST_BYTES]
    told = {
        "people": people,
        "times": times,
        "limit": {"p95_ms": MOST_MS, "bytes": MOST_BYTES},
        "resident_mb": round(resident),
        "late": len(late),
        "large": len(large),
        "pages": rows,
    }
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "pages.json").write_text(json.dumps(told, indent=1), "utf-8")
    print(f"{'page':26} {'as':9} {'p50':>7} {'p95':>7} {'CPU':>7}  compressed")
    for row in rows:
        print(
            f"{row['page']:26} {row['as']:9} {row['p50_ms']:5} ms {row['p95_ms']:5} ms {row['cpu_ms']:5} ms "
            f"{row['bytes'] / 1000:7.1f} kB"
        )
    print(
        f"{len(rows) - len(late)} of {len(rows)} within {MOST_MS} ms at the 95th percentile, "
        f"{len(rows) - len(large)} within {MOST_BYTES // 1000} kB; the server takes {resident:.0f} MB"
    )
    return told


if __name__ == "__main__":
    main(sys.argv[1:])
