"""What was filled in that a form does not have: a slip in a name, which the module would silently do without."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from stacksync.errors import StacksyncError
from stacksync.invocation.given import Setting
from stacksync.runtime import forms
from stacksync.studio.form.controls import Input
from stacksync.studio.form.schemas import Schema, makes_form
from stacksync.studio.workspace import Workspace

if TYPE_CHECKING:
    from stacksync.runtime.forms import Form


def unknown_fields(
    workspace: Workspace, schema: Schema, filled: Input, settings: Sequence[Setting], *, asks: bool
) -> tuple[str, ...]:
    """Return what is filled in that the form does not have: the one that the module makes, where it makes one.

    Args:
        asks: The module may be asked for its form; where it may not, nothing is known of one that it makes.
    """
    form = forms.effective(schema.form, filled.data)
    found = tuple(filter(None, (_unknown_field(form, each) for each in settings)))
    if not found or schema.made or not makes_form(schema.folder):
        return found
    if not asks:
        return ()

    try:
        made, _, fault = workspace.made(schema, filled)
    except StacksyncError:  # such as a login that cannot be renewed: the call itself says so, if it needs one
        return ()
    if fault:
        return ()
    return unknown_fields(workspace, made, filled, settings, asks=False) if made.made else found


def _unknown_field(form: "Form", setting: Setting) -> str | None:
    """Return which field a setting names that the form lacks, and what the form has; None where it lacks none."""
    here, within = None, form.fields
    for part in setting.path:
        if here and here.type == "array":
            here = here.items
        elif not within:
            return None
        else:
            here = next((each for each in within if each.id == part), None)
            if here is None:
                known = ", ".join(each.id for each in within)
                return f"{setting.option} {'.'.join(setting.path)}: the form has no field {part!r}; it has {known}"
        within = (here.fields if here else None) or ()
    return None
