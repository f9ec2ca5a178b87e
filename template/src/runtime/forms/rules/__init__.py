"""The rules of a form: finding what they speak of, judging them on data, and what they make of the form."""

from .applying import Firing, Rules, effective, why_hidden
from .conditions import in_words
from .finding import EACH, Fields, Place, Steps, fields_on, find, rules_in, value_at, value_of, watched

__all__ = [
    "EACH",
    "Fields",
    "Firing",
    "Place",
    "Rules",
    "Steps",
    "effective",
    "fields_on",
    "find",
    "in_words",
    "rules_in",
    "value_at",
    "value_of",
    "watched",
    "why_hidden",
]
