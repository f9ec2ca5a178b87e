"""Reading a form schema into the model: lenient, with a note on all that is outside the specification."""

from .parts import label_of
from .schema import read_form

__all__ = ["label_of", "read_form"]
