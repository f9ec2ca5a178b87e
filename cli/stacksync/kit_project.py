"""Projects of the platform's present kit as `adopt` takes them over: what their files answer, and what to tell.

Which folder is one says `stacksync.runtime.kit.is_kit_project`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stacksync.connector import Connector

_TEXTS = ("app_type", "app_name", "app_description", "app_icon_svg_url")

# What stays the user's, besides the folders of their own packages.
KEPT = ("main.py", "stacksync.yml", "modules/")

# What the answers of an adopted project differ in from those of the kit; the cases are in tests/kit/cases.json.
DIFFERENCES = (
    "an error that nobody wrote for callers is a 500 without its text; the log has it, under the id in `metadata`",
    "a body that is not JSON is a 400 before the handler runs, and no empty form",
    "a module's `import helper` finds the file beside it, and never that of another module",
    "a file that fails to load costs its version (503, named by /ready), and not the whole connector",
    "an answer never contains NaN, which is no JSON: it is a 500",
    "404 and 405 come as JSON in the error envelope, and not as HTML",
    "/app-config lists v2 before v10, and the settings are read at the start, not at each request",
)

NOT_TRIED = "Deploying with the vendor's own command line was not tried: deploy the image."
GO_BACK = (
    "To go back to the kit, undo the commit. Later, remove stacksync_cdk/ and src/runtime/, and bring back"
    " requirements.txt, Dockerfile and gunicorn_config.py from your history. The rest of yours is as it was."
)


def answers_from(root: Path) -> Mapping[str, Any]:
    """Return what a project answers to the template's questions; a question may refuse a value."""
    app = Connector(root).app_settings
    found: dict[str, Any] = {
        name: str(app[name]) for name in _TEXTS if app.get(name) and isinstance(app[name], str | int)
    }
    return found | {"stacksync_cdk_compat": True, "workflows_cdk_compat": False}
