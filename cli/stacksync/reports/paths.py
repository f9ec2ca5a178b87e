"""How files are named in reports: as whoever reads the report can open them."""

import os
from pathlib import Path

from stacksync.inspection.findings import Finding


class Shown:
    """Names from the folder that commands are run in, or from the connector's root where that is not above it.

    Args:
        root: The connector's root.
    """

    def __init__(self, root: Path) -> None:
        above = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd())
        self._prefix = f"{root.relative_to(above).as_posix()}/" if root.is_relative_to(above) and root != above else ""

    def path(self, finding: Finding) -> str:
        """Return the name of a finding's file."""
        return f"{self._prefix}{finding.file}"
