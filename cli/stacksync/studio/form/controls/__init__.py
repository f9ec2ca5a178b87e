"""The form of a module as HTML: drawing it, reading back what a browser posts, and what its buttons do."""

from .choice_lists import ChoiceLists
from .operations import field_at, operate
from .options import chooser
from .parsing import CONNECTION, MADE, parse
from .pointers import pointer, steps_of
from .rendering import render_fields, render_form
from .state import Connection, FormState, Input, LoadedChoices
from .syntax import Syntax, syntax
from .views import Mark

__all__ = [
    "CONNECTION",
    "MADE",
    "ChoiceLists",
    "Connection",
    "FormState",
    "Input",
    "LoadedChoices",
    "Mark",
    "Syntax",
    "chooser",
    "field_at",
    "operate",
    "parse",
    "pointer",
    "render_fields",
    "render_form",
    "steps_of",
    "syntax",
]
