"""Who listens on a port of this machine: the number and the command of the process, if known."""

import csv
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

LISTENS = "0A"
LONGEST = 80


def owner_of(port: int) -> str:
    """Return the owner of a port as `python main.py (pid 123)`; empty where it cannot be found out."""
    with suppress(OSError, ValueError, IndexError, StopIteration, subprocess.SubprocessError):
        find = {"linux": _find_in_proc, "win32": _find_with_netstat}.get(sys.platform, _find_with_lsof)
        pid, command = find(port)
        return f"{command[:LONGEST]} (pid {pid})"
    return ""


def _find_in_proc(port: int) -> tuple[int, str]:
    """Look the listening socket up, then who has it open: https://docs.kernel.org/networking/proc_net_tcp.html"""
    wanted = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if any(os.readlink(file) in wanted for file in (process / "fd").iterdir()):  # noqa: PTH115 - names no file
                command = (process / "cmdline").read_text("utf-8", "replace").replace("\0", " ").strip()
                return int(process.name), command
    raise ValueError(port)


def _listening_inodes(port: int) -> Iterator[str]:
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text("ascii").splitlines()[1:]:
                fields = line.split()
                if fields[3] == LISTENS and int(fields[1].rpartition(":")[2], 16) == port:
                    yield fields[9]


def _find_with_lsof(port: int) -> tuple[int, str]:
    answer = _ask("lsof", "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-t")
    pid = int(answer.split()[0])
    return pid, _ask("ps", "-o", "command=", "-p", str(pid)).strip()


def _find_with_netstat(port: int) -> tuple[int, str]:
    # The words are translated: what listens is told by its foreign address, which has port 0.
    lines = re.findall(r"TCP\s+\S+:(\d+)\s+\S+:0\s+\S+\s+(\d+)", _ask("netstat", "-a", "-n", "-o", "-p", "TCP"))
    pid = next(int(owner) for local, owner in lines if int(local) == port)
    row = next(csv.reader([_ask("tasklist", "/FI", f"PID eq {pid}", "/FO", "CSV", "/NH").strip()]))
    return pid, row[0]


def _ask(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=5, check=True).stdout
