"""An image as a folder: its files, its settings, and programs that run in it.

There is no Docker engine here. A program sees the folder as its whole file system (chroot, in a mount namespace of its
own), with /usr of this machine read-only below it; only /usr/local, where Python lies, is the image's.
"""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATH = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
# Where the files that pip finds instead of those of an index are, while an image is built.
WHEELS = "/wheels"
SETTINGS = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": WHEELS}

_MOUNT = """\
set -e
root=$1 seen=$2 mode=$3 wheels=$4
shift 4
mkdir -p "$seen"
mount --bind "$root" "$seen"
mount --bind /usr "$seen/usr"
mount -o remount,bind,ro "$seen/usr"
mount --bind "$root/usr/local" "$seen/usr/local"
mount --rbind /proc "$seen/proc"
mount -t tmpfs -o mode=755 tmpfs "$seen/dev"
mkdir "$seen/dev/shm"
mount -t tmpfs -o mode=1777 tmpfs "$seen/dev/shm"
for device in null zero random urandom; do
    touch "$seen/dev/$device"
    mount --bind "/dev/$device" "$seen/dev/$device"
done
[ -z "$wheels" ] || mount --bind "$wheels" "$seen/wheels"
for folder in "$seen" "$seen/usr/local"; do mount -o "remount,bind,$mode" "$folder"; done
exec "$@"
"""


@dataclass(frozen=True)
class Image:
    """The files of an image, and how it is run."""

    root: Path
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": PATH})
    labels: dict[str, str] = field(default_factory=dict)
    exposed: tuple[str, ...] = ()
    workdir: str = "/"
    user: str = "root"
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    healthcheck: tuple[str, ...] = ()

    def path(self, inside: str) -> Path:
        """Return where a path of the image lies, taken from its working directory if it is relative."""
        return self.root / os.path.normpath(f"/{self.workdir}/{inside}" if inside[:1] != "/" else inside).lstrip("/")

    def account(self) -> tuple[int, int, str]:
        """Return the numbers of user and group, and the home; without an account Docker takes group 0 and `/`."""
        user, _, group = self.user.partition(":")
        accounts = [line.split(":") for line in self.path("/etc/passwd").read_text().splitlines()]
        found = next((account for account in accounts if user in account[:3:2]), None)
        if found is None and not user.isdigit():
            raise LookupError(f"the image has no user {user}")
        number, own_group, home = (int(found[2]), int(found[3]), found[5]) if found else (int(user), 0, "/")
        return number, int(group) if group else own_group, home

    def inside(self, *command: str, writable: bool = False, wheels: Path | None = None) -> list[str]:
        """Return the command line that runs a command in the image, as its user and with its environment only."""
        user, group, home = self.account()
        seen = f"{self.root}.seen"
        mount = ["sh", "-c", _MOUNT, "sh", str(self.root), seen, "rw" if writable else "ro", str(wheels or "")]
        change = ["chroot", f"--userspec={user}:{group}", "--groups=", seen]
        variables = [f"{name}={value}" for name, value in {"HOME": home, **self.environment}.items()]
        return ["unshare", "-m", *mount, *change, "env", "-i", f"--chdir={self.workdir}", *variables, *command]

    def run(self, *command: str, writable: bool = False, wheels: Path | None = None) -> "Done":
        """Run a command in the image to its end."""
        line = self.inside(*command, writable=writable, wheels=wheels)
        return subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


Done = subprocess.CompletedProcess[str]


def can_replay() -> bool:
    """Say whether this machine lets the tests change the file system that a program sees."""
    if sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("unshare"):
        return False
    return subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0


def make_python_image(root: Path, interpreter: str) -> Image:
    """Make what stands in for `python:X.Y-slim`: this interpreter and its pip in /usr/local, and root's account."""
    for name in ("dev", "etc", "proc", "root", "tmp", "usr/local/bin", "usr/local/lib", WHEELS[1:]):
        (root / name).mkdir(parents=True)
    (root / "tmp").chmod(0o1777)
    for name in ("bin", "sbin", "lib", "lib64"):
        if Path("/", name).exists():
            (root / name).symlink_to(f"usr/{name}")
    _write_etc(root / "etc")
    _copy_python(root / "usr/local", interpreter)
    image = Image(root)
    done = image.run("ldconfig", writable=True)
    assert done.returncode == 0, done.stderr
    return image


def _write_etc(folder: Path) -> None:
    (folder / "passwd").write_text("root:x:0:0:root:/root:/bin/bash\n")
    (folder / "group").write_text("root:x:0:\n")
    (folder / "shadow").write_text("root:*:20000:0:99999:7:::\n")
    (folder / "gshadow").write_text("root:*::\n")
    shutil.copy("/etc/login.defs", folder)
    (folder / "hosts").write_text("127.0.0.1 localhost\n")
    shutil.copy("/etc/ld.so.conf", folder)
    shutil.copytree("/etc/ld.so.conf.d", folder / "ld.so.conf.d")


_ASK = """\
import json, pip, sys, sysconfig
from pathlib import Path
print(json.dumps([sysconfig.get_path("stdlib"), str(Path(sys.executable).resolve()), sys.base_prefix, pip.__file__]))
"""


def _copy_python(local: Path, interpreter: str) -> None:
    answer: Any = subprocess.run([interpreter, "-c", _ASK], capture_output=True, text=True, check=True).stdout
    stdlib, executable, prefix, pip = map(Path, json.loads(answer))
    library = local / "lib" / stdlib.name
    unused = ("site-packages", "dist-packages", "test", "idlelib", "tkinter", "turtledemo", "config-*", "*.opt-?.pyc")
    shutil.copytree(stdlib, library, ignore=shutil.ignore_patterns(*unused), symlinks=True)
    for found in (pip.parent, *pip.parents[1].glob("pip-*.dist-info")):
        shutil.copytree(found, library / "site-packages" / found.name)
    for found in (prefix / "lib").glob("libpython*.so*"):
        shutil.copy2(found, local / "lib", follow_symlinks=False)

    shutil.copy2(executable, local / "bin" / stdlib.name)
    for name in ("python", "python3"):
        (local / "bin" / name).symlink_to(stdlib.name)
    for name in ("pip", "pip3"):
        script = local / "bin" / name
        script.write_text(f"#!/usr/local/bin/{stdlib.name}\nfrom pip._internal.cli.main import main\nmain()\n")
        script.chmod(0o755)
