"""The connector's sign: an image of its own folder, or else the first letter of its name. Nothing is fetched."""

from flask import Blueprint, Response, render_template

from stacksync.connector import Connector
from stacksync.plain_files import read_plain
from stacksync.studio.workspace import Workspace

# Where a connector may have one, and what it then is.
FILES = {"icon.svg": "image/svg+xml", "icon.png": "image/png"}
MOST_BYTES = 256 * 1024
# It is only ever an image: opened by itself it may run, load and send nothing.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
TONES = ("#3451c6", "#14693b", "#8527a8", "#9a3b12", "#0b6375", "#a01f55")  # white is read on each


def routes(workspace: Workspace) -> Blueprint:
    """Return what the browser shows beside the connector's name, and in its tab."""
    blueprint = Blueprint("icon", __name__)

    @blueprint.get("/icon")
    def icon() -> Response:
        image, kind = _own(workspace.connector) or (_drawn(workspace.connector), FILES["icon.svg"])
        return Response(image, mimetype=kind, headers={"Content-Security-Policy": POLICY})

    return blueprint


def _own(connector: Connector) -> tuple[bytes, str] | None:
    for name, kind in FILES.items():
        file = connector.root / name
        try:
            image = b"" if file.is_symlink() or file.stat().st_size > MOST_BYTES else read_plain(file)
        except OSError:
            continue
        if image:
            return image, kind

    return None


def _drawn(connector: Connector) -> str:
    name = connector.app_name
    letter = next((each for each in name if each.isalnum()), "S")
    tone = TONES[sum(map(ord, connector.app_type)) % len(TONES)]
    return render_template("icon.svg", letter=letter.upper(), tone=tone)
