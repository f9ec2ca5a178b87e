"""What the package carries besides its code: the template, the hooks, and where they came from."""

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent))  # the package is not installed yet

from stacksync.checkout import RELEASES, read_checkout
from stacksync.git.command import ask


class TemplateBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Add the template to wheels, and to both archives the facts that only a git checkout knows."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Choose the extra files; an editable install reads them where they are."""
        if version == "editable":
            return

        self.made = Path(tempfile.mkdtemp(prefix="stacksync-build-"))
        package = "stacksync" if self.target_name == "wheel" else "cli/stacksync"
        for path in self._provenance():
            build_data["force_include"][str(path)] = f"{package}/{path.name}"
        if self.target_name == "wheel":
            for name, place in {"copier.yml": "_template/", "template": "_template/", "hooks": "_"}.items():
                build_data["force_include"][str(Path(self.root, name))] = f"{package}/{place}{name}"

    def finalize(self, version: str, _build_data: dict[str, Any], _artifact: str) -> None:
        """Remove what was made for the build."""
        if version != "editable":
            shutil.rmtree(self.made)

    def _provenance(self) -> list[Path]:
        root = Path(self.root)
        checkout = read_checkout(root)
        if checkout is None:  # an unpacked sdist carries them already, an archive of the sources has none
            carried = [root / "cli/stacksync" / name for name in ("_source.json", "_template.bundle")]
            return [path for path in carried if path.exists()]

        facts = asdict(checkout)
        if not facts.pop("published") and not checkout.exact:
            facts["url"] = None
        source, bundle = self.made / "_source.json", self.made / "_template.bundle"
        source.write_text(json.dumps(facts) + "\n", encoding="utf-8")
        return [source, bundle] if _bundle_releases(root, bundle) else [source]


def _bundle_releases(root: Path, bundle: Path) -> bool:
    """Write the release tags to one file, from which `copier update` works without a network."""
    tags = (ask(root, "tag", "--list", RELEASES) or "").split()
    if not tags or ask(root, "rev-parse", "--is-shallow-repository") != "false":
        return False

    refs = [f"refs/tags/{tag}" for tag in tags]
    command = ["git", "-C", str(root), "bundle", "create", "--quiet", str(bundle), *refs]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
