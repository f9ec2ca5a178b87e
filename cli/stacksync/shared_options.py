"""Options that several commands take: one declaration, one text in their help."""

from typing import Annotated

import typer

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")]
AsJson = Annotated[bool, typer.Option("--json", help="Report as JSON.")]
AsJsonUnasked = Annotated[bool, typer.Option("--json", help="Report as JSON; ask nothing.")]

Template = Annotated[
    str | None,
    typer.Option(metavar="SRC", envvar="STACKSYNC_TEMPLATE", help="Template to use: a git address or a folder."),
]
Ref = Annotated[str | None, typer.Option(metavar="REF", help="Release, branch or commit of the template.")]
