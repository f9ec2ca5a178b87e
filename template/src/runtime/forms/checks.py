"""What is wrong with a form as a whole."""

from .form import Form
from .notes import Note


def check_form(form: Form) -> tuple[Note, ...]:
    """Return every remark on a form."""
    return form.reading
