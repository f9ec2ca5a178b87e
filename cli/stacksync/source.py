"""Where the template comes from, and what a connector records so that it can be updated later.

A connector is rendered from the copy that came with this command: no git, no network. What is recorded is the address
and the release that `copier copy` would have recorded, because that is where `copier update` looks for newer ones.
"""

import json
import re
from dataclasses import dataclass, field, replace
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from stacksync.checkout import read_checkout
from stacksync.errors import UsageError
from stacksync.git.addresses import git_address, network_url, without_secrets
from stacksync.git.command import ask

PACKAGE = Path(__file__).parent
EMBEDDED = PACKAGE / "_template"
CHECKOUT = PACKAGE.parents[1]

_LOCAL = "teammates cannot update this connector: its template is known only at {} on this machine"
_NOWHERE = "`copier update` will not work: it is not known where this template can be fetched from"
SECRET = (
    "the password in the template's address was used, and is recorded nowhere: updates get it from git, "
    "so store it there: git help credentials"
)
_TIP = "pass --template with the address of the template's repository"


@dataclass(frozen=True)
class TemplateSource:
    """A template: what to render, and what to record.

    Args:
        root: The folder to render; None has Copier fetch `src_path` at `ref`.
        src_path: The address that updates come from; None when there is none.
        ref: The release or commit; None is the newest release.
        warning: What will not work later, for the user.
        secret: The address with the credentials that it was given with, which are used and never written.
    """

    root: Path | None
    src_path: str | None
    ref: str | None
    warning: str = ""
    secret: str | None = field(default=None, repr=False)

    @property
    def access(self) -> str | None:
        """What git calls the address with its credentials; None where it was given without."""
        return git_address(self.secret) if self.secret else None


def find_source(template: str | None = None, ref: str | None = None) -> TemplateSource:
    """Choose the template: the one that is named, else that in this command's wheel, else the checkout it runs from.

    Another release than their own is fetched from the address that they record.

    Args:
        template: An address or a path, which goes before everything else.
        ref: A release, branch or commit of it.

    Raises:
        UsageError: `ref` is not what came with this command, and there is nowhere to fetch it from.
    """
    if template:
        return _chosen(template, ref)

    own = _embedded() if EMBEDDED.is_dir() else _of_checkout(CHECKOUT)
    if ref in (None, own.ref):
        return own
    if own.src_path is None:
        raise UsageError(f"--ref {ref}: it is not known where other releases can be fetched from.", _TIP)
    return replace(own, root=None, ref=ref)


def _chosen(template: str, ref: str | None) -> TemplateSource:
    path = Path(template).expanduser()
    if not path.exists():
        address = without_secrets(template)
        return TemplateSource(None, address, ref, *((SECRET, template) if address != template else ()))

    path = path.resolve()
    head = ask(path, "rev-parse", "--verify", "--quiet", "HEAD")
    if head is None and not path.is_file():
        return TemplateSource(None, str(path), None, f"`copier update` will not work: {path} is not a git repository")
    # Copier would commit the uncommitted changes of a HEAD for itself, and record a commit that nobody else can fetch.
    if ref == "HEAD" or (ref is None and head and not ask(path, "tag")):
        ref = head
    return TemplateSource(None, str(path), ref, _LOCAL.format(path))


def _of_checkout(root: Path) -> TemplateSource:
    """Render a working copy as it is: `stacksync` is installed from it in editable mode, or run in it."""
    checkout = read_checkout(root)
    if checkout is None:
        return TemplateSource(root, None, None, f"{_NOWHERE}; {root} is not a git repository")

    shared = checkout.url if checkout.published else None
    warning = "" if shared else f"{_LOCAL.format(root)}; {_TIP}"
    if checkout.dirty:
        warning = "; ".join(filter(None, [warning, f"the template has uncommitted changes after {checkout.ref}"]))
    return TemplateSource(root, _copier_address(shared) if shared else str(root), checkout.ref, warning)


def _embedded() -> TemplateSource:
    """Render the copy inside the installed package."""
    facts = _read_json(PACKAGE / "_source.json")
    installed = _installation()
    ref, address = facts.get("ref"), None
    if "vcs_info" in installed:
        ref = _release(installed["vcs_info"].get("requested_revision")) or ref or installed["vcs_info"]["commit_id"]
        address = network_url(installed["url"])
    address = address or facts.get("url") or _metadata_address()
    if address and ref:
        return TemplateSource(EMBEDDED, _copier_address(address), ref)
    return _local(_local_repository(installed, ref), ref)


def _local(repository: Path | None, ref: str | None) -> TemplateSource:
    if repository is None or ref is None:
        return TemplateSource(EMBEDDED, None, None, f"{_NOWHERE}; {_TIP}")

    return TemplateSource(EMBEDDED, str(repository), ref, f"{_LOCAL.format(repository)}; {_TIP}")


def _local_repository(installed: dict[str, Any], ref: str | None) -> Path | None:
    """Return the repository this was installed from, or the bundle of releases in the package, if it has `ref`."""
    bundle = PACKAGE / "_template.bundle"
    if urlsplit(installed.get("url", "")).scheme == "file":
        path = Path(url2pathname(unquote(urlsplit(installed["url"]).path)))
        if path.is_dir() and ref and ask(path, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}"):
            return path
    return bundle if bundle.exists() and _release(ref) else None


def _release(ref: str | None) -> str | None:
    return ref if ref and re.fullmatch(r"v[0-9]+(\.[0-9]+)*", ref) else None


def _copier_address(url: str) -> str:
    """Copier takes an address for a git repository only by its form."""
    return url if url.endswith(".git") or url.startswith("git@") else f"git+{url}"


def _metadata_address() -> str | None:
    found = _distribution()
    urls = (found.metadata.get_all("Project-URL") or []) if found else []
    return next((url for label, _, url in (entry.partition(", ") for entry in urls) if label == "Template"), None)


def _installation() -> dict[str, Any]:
    """Read where the package was installed from.

    https://packaging.python.org/en/latest/specifications/direct-url/
    """
    found = _distribution()
    text = found.read_text("direct_url.json") if found else None
    return json.loads(text) if text else {}


def _distribution() -> Distribution | None:
    try:
        return distribution("stacksync")
    except PackageNotFoundError:
        return None


def _read_json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
