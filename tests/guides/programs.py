"""Programs that stand in for those a guide runs and this machine may lack, or that would ask the internet.

They refuse what the real ones would: an unknown option, a file or folder that is not there. What pages show of them
in another way is added here.
"""

import sys
from pathlib import Path

_HEAD = (
    f"#!{sys.executable}\n"
    """\
import os, pathlib, sys
from argparse import ArgumentParser, ArgumentTypeError


def existing(path):
    if not pathlib.Path(path).exists():
        raise ArgumentTypeError(f"there is no {path}")
    return path


def image(path):
    return existing(path) and existing(f"{path}/Dockerfile")
"""
)

# https://docs.docker.com/reference/cli/docker/
_DOCKER = """
parser = ArgumentParser("docker", allow_abbrev=False)
commands = parser.add_subparsers(required=True)
build = commands.add_parser("build", allow_abbrev=False)
build.add_argument("-t", "--tag", required=True)
build.add_argument("-f", "--file", type=existing)
build.add_argument("--platform")
build.add_argument("folder", type=image)
run = commands.add_parser("run", allow_abbrev=False)
for flag in ("--rm", "--read-only", "-d", "--detach"):
    run.add_argument(flag, action="store_true")
for option in ("-p", "--publish", "--env", "-e", "--name", "--cap-drop", "--tmpfs", "--memory", "--cpus"):
    run.add_argument(option, action="append")
run.add_argument("--env-file", type=existing)
run.add_argument("image")
execute = commands.add_parser("exec", allow_abbrev=False)
execute.add_argument("container")
execute.add_argument("command", nargs="...")
push = commands.add_parser("push")
push.add_argument("image")
tools = commands.add_parser("buildx").add_subparsers(required=True).add_parser("imagetools")
inspect = tools.add_subparsers(required=True).add_parser("inspect", allow_abbrev=False)
inspect.add_argument("name")
inspect.add_argument("--format", choices=["{{.Manifest.Digest}}"], required=True, dest="asked")
compose = commands.add_parser("compose", allow_abbrev=False)
compose.add_argument("-f", "--file", type=existing)
of_compose = compose.add_subparsers(required=True)
of_compose.add_parser("version")
up = of_compose.add_parser("up", allow_abbrev=False)
up.add_argument("--build", action="store_true")
up.add_argument("service", choices=["connector", "production"])
if getattr(parser.parse_args(), "asked", None):
    print("sha256:" + "0" * 64)
"""

# https://ngrok.com/docs/agent/cli; `stacksync dev --tunnel` reads what it logs, and ends it.
_NGROK = """
parser = ArgumentParser("ngrok", allow_abbrev=False)
http = parser.add_subparsers(required=True).add_parser("http", allow_abbrev=False)
http.add_argument("--log", choices=["stdout"])
http.add_argument("--log-format", choices=["json"])
http.add_argument("address")
if parser.parse_args().log:
    print('{"lvl": "info", "msg": "started tunnel", "url": "https://abc.ngrok-free.app"}', flush=True)
    os.read(0, 1) or __import__("signal").pause()
"""

# https://docs.astral.sh/uv/reference/cli/#uv-pip-compile
_UV = """
parser = ArgumentParser("uv", allow_abbrev=False)
pip = parser.add_subparsers(required=True).add_parser("pip").add_subparsers(required=True)
compile = pip.add_parser("compile", allow_abbrev=False)
for flag in ("--universal", "--generate-hashes", "--no-python-downloads", "--upgrade"):
    compile.add_argument(flag, action="store_true")
compile.add_argument("--python-version")
compile.add_argument("requirements", type=existing)
compile.add_argument("-o", "--output-file", required=True)
parser.parse_args()
"""

# https://kubernetes.io/docs/reference/kubectl/: there is no cluster, so the real one does what it can do without.
_KUBECTL = """
parser = ArgumentParser("kubectl", allow_abbrev=False)
commands = parser.add_subparsers(dest="command", required=True)
commands.add_parser("apply", allow_abbrev=False).add_argument("-k", "--kustomize", type=existing, required=True)
commands.add_parser("create")
label = commands.add_parser("label", allow_abbrev=False)
label.add_argument("kind", choices=["namespace"])
label.add_argument("words", nargs=2)
rollout = commands.add_parser("rollout", allow_abbrev=False)
rollout.add_argument("action", choices=["restart", "status", "undo"])
rollout.add_argument("what")
rollout.add_argument("--namespace", required=True)
asked, rest = parser.parse_known_args()
real = str(pathlib.Path(sys.executable).parent / "kubectl")
if asked.command == "create":
    os.execv(real, [real, "create", *rest, "--dry-run=client", "--output=yaml"])
if rest:
    sys.exit(f"kubectl {asked.command} does not know {rest}")
if asked.command == "apply":
    os.execv(real, [real, "kustomize", asked.kustomize])
"""

# https://docs.cloud.google.com/sdk/gcloud/reference
_GCLOUD = """
parser = ArgumentParser("gcloud", allow_abbrev=False)
groups = parser.add_subparsers(required=True)
secrets = groups.add_parser("secrets").add_subparsers(required=True)
create = secrets.add_parser("create", allow_abbrev=False)
create.add_argument("name")
create.add_argument("--data-file", required=True)
binding = secrets.add_parser("add-iam-policy-binding", allow_abbrev=False)
binding.add_argument("name")
binding.add_argument("--role", required=True)
binding.add_argument("--member", required=True)
accounts = groups.add_parser("iam").add_subparsers(required=True).add_parser("service-accounts")
accounts.add_subparsers(required=True).add_parser("create", allow_abbrev=False).add_argument("name")
services = groups.add_parser("run").add_subparsers(required=True).add_parser("services")
services.add_subparsers(required=True).add_parser("replace", allow_abbrev=False).add_argument("file", type=existing)
if getattr(parser.parse_args(), "data_file", None) == "-" and not sys.stdin.read():
    sys.exit("the secret is empty")
"""

# The requirements themselves are installed by the tests of renders.
_PIP = """
parser = ArgumentParser("pip", allow_abbrev=False)
install = parser.add_subparsers(required=True).add_parser("install", allow_abbrev=False)
install.add_argument("-r", "--requirement", action="append", type=existing)
install.add_argument("packages", nargs="*")
install.add_argument("--require-hashes", action="store_true")
parser.parse_args()
"""

# https://github.com/pypa/pip-audit#usage
_PIP_AUDIT = """
parser = ArgumentParser("pip-audit", allow_abbrev=False)
for flag in ("--disable-pip", "--require-hashes"):
    parser.add_argument(flag, action="store_true", required=True)
parser.add_argument("-r", "--requirement", type=existing, required=True)
parser.parse_args()
"""

# Copier itself is real; the command is installed already.
_PIPX = """
if sys.argv[1] == "install" and sys.argv[2].startswith("git+") and "@v" in sys.argv[2]:
    sys.exit()
if sys.argv[1:3] != ["run", "copier"]:
    sys.exit("this stand-in for pipx installs from git and runs copier")
os.execv(sys.executable, [sys.executable, "-m", "copier", *sys.argv[3:]])
"""

# An environment that `python3 -m venv` makes has what this one has: nothing is downloaded here.
_PYTHON = """
import site, subprocess
if sys.argv[1:3] != ["-m", "venv"]:
    os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
subprocess.run([sys.executable, "-m", "venv", "--without-pip", *sys.argv[3:]], check=True)
made = pathlib.Path(sys.argv[-1])
for packages in made.glob("lib/python*/site-packages"):
    # addsitedir reads the .pth files there too, as an editable installation has one.
    lines = (f"import site; site.addsitedir({folder!r})" for folder in site.getsitepackages())
    (packages / "these.pth").write_text("\\n".join(lines))
for name in ("pip", "pip-audit", "uv"):
    (made / "bin" / name).unlink(missing_ok=True)
    (made / "bin" / name).symlink_to(pathlib.Path(__file__).resolve().parent / name)
(made / "bin/gunicorn").unlink(missing_ok=True)
(made / "bin/gunicorn").symlink_to(pathlib.Path(sys.executable).parent / "gunicorn")
"""

_PROGRAMS = {
    "docker": _DOCKER,
    "gcloud": _GCLOUD,
    "kubectl": _KUBECTL,
    "ngrok": _NGROK,
    "pip": _PIP,
    "pip-audit": _PIP_AUDIT,
    "pipx": _PIPX,
    "python3": _PYTHON,
    "uv": _UV,
}


def install_programs(folder: Path) -> Path:
    """Write the programs into a folder, for the beginning of a PATH."""
    folder.mkdir()
    for name, body in _PROGRAMS.items():
        (folder / name).write_text(_HEAD + body, "utf-8")
        (folder / name).chmod(0o755)
    return folder
