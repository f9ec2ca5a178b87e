"""The page that a person sees at `/`: plain HTML that loads nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from .config import Config

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ border-bottom: 1px solid #8888; padding: .5rem .75rem .5rem 0; text-align: left; vertical-align: top; }}
code {{ font-family: ui-monospace, monospace; }}
</style>
</head>
<body>
<main>
<h1>{name}</h1>
<p>{description}</p>
<p>App type <code>{kind}</code>, environment <code>{environment}</code>.</p>
<h2>Modules</h2>
{modules}
</main>
</body>
</html>
"""
TABLE = """<table>
<thead><tr><th scope="col">Name</th><th scope="col">Path</th><th scope="col">Description</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>"""


def render(config: Config, modules: Sequence[Mapping[str, str]]) -> str:
    """Return the page; every text in it is escaped."""
    rows = "\n".join(_row(module) for module in modules)
    return PAGE.format(
        name=escape(config.app_name),
        kind=escape(config.app_type),
        description=escape(config.app_description),
        environment=escape(config.environment),
        modules=TABLE.format(rows=rows) if rows else "<p>This connector has no modules yet.</p>",
    )


def _row(module: Mapping[str, str]) -> str:
    name, path, text = (escape(module[key]) for key in ("module_name", "module_path", "module_description"))
    return f"<tr><td>{name}</td><td><code>{path}</code></td><td>{text}</td></tr>"
