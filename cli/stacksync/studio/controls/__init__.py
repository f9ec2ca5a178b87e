"""The form of a module as HTML: drawing it, reading back what a browser posts, and what its buttons do."""

from .operations import operate
from .parsing import MADE, parse
from .rendering import render_form
from .state import Connection, FormState, Loaded, Parsed
from .syntax import Syntax, syntax

__all__ = ["MADE", "Connection", "FormState", "Loaded", "Parsed", "Syntax", "operate", "parse", "render_form", "syntax"]
