"""What a difference between two forms means for the workflows that are stored: rules, each with a severity."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from stacksync.comparison.effective import ANYTHING, ITS_CHOICES, ITS_TYPE, TEXTS
from stacksync.comparison.forms import ADDED, CHANGED, REMOVED, RENAMED, FormDifference
from stacksync.runtime import forms

# Breaking: a stored workflow may fail. Look: it goes on, and may do something else. Fine: the rest.
Severity = Literal["breaking", "look", "fine"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
SAID: Mapping[Severity, str] = {"breaking": "breaking", "look": "to look at", "fine": "fine"}

MODULE, VERSION, MODULE_ID = "module", "version", "module_id"
# What only the operations of an imported API have.
OPERATION, DEPRECATED = "operation", "deprecated"
# How the API is reached, and how a request is written.
ACCESS = ("server", "auth", "credential", "login_address", "token_address", "security", "encoding", "style")
ASKING = ("api_version_headers", "pages", "choices_source")
# What an API says that no reading of it shows; only that it changed is known.
UNREAD = ("deeper", "beyond")
_LOWEST, _HIGHEST = ("min_length", "minimum", "min_items"), ("max_length", "maximum", "max_items")
_TYPES = ("app_types", "management_types", "connection_app_types", "connection_management_types")
_RANKS = (ANYTHING, ITS_TYPE, ITS_CHOICES)

Holds = Callable[[FormDifference], bool]


@dataclass(frozen=True)
class DifferenceRule:
    """One way in which forms differ.

    Args:
        code: What its severity is set by; never given to another rule.
        title: What differs, in a few words.
        why: What comes of it.
        severity: Its own; pyproject.toml may set another.
        holds: Whether a difference is of this kind.
    """

    code: str
    title: str
    why: str
    severity: Severity
    holds: Holds


@dataclass(frozen=True)
class Rated:
    """A difference with what it means.

    Args:
        rule: The code of the rule that says so.
    """

    difference: FormDifference
    severity: Severity
    rule: str


def rate(difference: FormDifference, severities: "Mapping[str, Severity] | None" = None) -> Rated:
    """Say what a difference means, by the first rule that is about it.

    Args:
        severities: Those that are set, by the codes of their rules.
    """
    rule = next(each for each in RULES if each.holds(difference))
    return Rated(difference, (severities or {}).get(rule.code, rule.severity), rule.code)


def worst(found: "list[Rated]") -> Severity:
    """Return the highest severity of some differences."""
    return min((each.severity for each in found), key=SEVERITIES.index, default="fine")


def _changed(*aspects: str) -> Holds:
    return lambda each: each.kind == CHANGED and each.aspect in aspects


def _to(value: Any, *aspects: str) -> Holds:
    return lambda each: _changed(*aspects)(each) and each.after is value


def _whole(kind: str, *aspects: str) -> Holds:
    return lambda each: each.kind == kind and each.aspect in (aspects or ("field",))


def _any(*holds: Holds) -> Holds:
    return lambda each: any(test(each) for test in holds)


def _adds_required(each: FormDifference) -> bool:
    return each.kind == ADDED and each.aspect in ("field", "connection") and bool(each.after.get("required"))


def _loses_choice(each: FormDifference) -> bool:
    if not _changed("choices")(each):
        return False

    left = [forms.key_of(choice["value"]) for choice in each.after]
    gone = (forms.key_of(choice["value"]) for choice in each.before)
    return any(not any(forms.same(value, known) for known in left) for value in gone)


def _accepts_less(each: FormDifference) -> bool:
    if _changed("converted")(each) or (_to(False, "choice_objects")(each) and each.before):
        return True

    ranked = _changed("accepts")(each) and None not in (each.before, each.after)
    return ranked and _RANKS.index(each.after) > _RANKS.index(each.before)


def _is_tighter(each: FormDifference) -> bool:
    if each.kind != CHANGED or each.after is None:
        return False
    if each.aspect in ("pattern", "format"):
        return True
    if each.aspect in _LOWEST:
        return each.before is None or bool(each.after > each.before)

    return each.aspect in _HIGHEST and (each.before is None or bool(each.after < each.before))


def _has_fewer_types(each: FormDifference) -> bool:
    if not _changed(*_TYPES)(each) or not each.after:
        return False  # none named: all are taken

    return not each.before or bool(set(each.before) - set(each.after))


def _renames_content(each: FormDifference) -> bool:
    if not _changed("content")(each):
        return False

    before, after = ({asked["id"] for asked in content} for content in (each.before, each.after))
    return bool(before - after)


RULES: tuple[DifferenceRule, ...] = (
    DifferenceRule(
        "DIF001",
        "A module or a version is gone",
        "Its URL answers 404.",
        "breaking",
        _any(_whole(REMOVED, MODULE), _whole(REMOVED, VERSION)),
    ),
    DifferenceRule(
        "DIF002",
        "A module has another id",
        "Workflows know a module by its app_type, module_type and module_version.",
        "breaking",
        _changed(MODULE_ID),
    ),
    DifferenceRule(
        "DIF003",
        "A field is gone, or has another id",
        "The module does not get what workflows filled in there.",
        "breaking",
        _any(_whole(REMOVED), _whole(RENAMED, "id"), _whole(REMOVED, "connection")),
    ),
    DifferenceRule(
        "DIF004",
        "There is a new required field",
        "No stored workflow has a value for it; a default is for new steps only.",
        "breaking",
        _adds_required,
    ),
    DifferenceRule(
        "DIF005",
        "A field became required",
        "Workflows that left it empty are refused, also where it has a default.",
        "breaking",
        _to(True, "required", "connection_required"),
    ),
    DifferenceRule(
        "DIF006",
        "A field has another type",
        "What was filled in does not fit, or reaches the module as something else.",
        "breaking",
        _changed("type"),
    ),
    DifferenceRule(
        "DIF007",
        "A choice is gone",
        "Workflows that chose it are refused, or the module does not know it.",
        "breaking",
        _loses_choice,
    ),
    DifferenceRule(
        "DIF008",
        "A field accepts less",
        "It takes only its choices now, no objects as choices, or limits the text of one: other values are refused.",
        "breaking",
        _accepts_less,
    ),
    DifferenceRule(
        "DIF009",
        "A limit, pattern or format is new or tighter",
        "Values beyond it are refused.",
        "breaking",
        _is_tighter,
    ),
    DifferenceRule(
        "DIF010",
        "Free JSON got fields",
        "What was written freely is checked by them.",
        "breaking",
        _to(False, "free_json"),
    ),
    DifferenceRule(
        "DIF011",
        "Fewer types of connections are allowed",
        "Workflows with one of the other types cannot use it.",
        "breaking",
        _has_fewer_types,
    ),
    DifferenceRule(
        "DIF012",
        "A hidden field is shown",
        "Its value, which was not checked while it was hidden, is checked now.",
        "breaking",
        _to(False, "hidden"),
    ),
    DifferenceRule(
        "DIF013",
        "The API is reached or called otherwise",
        "Another server, login, token address or encoding: requests go elsewhere, or are refused.",
        "breaking",
        _any(_changed(*ACCESS), _whole(ADDED, "security"), _whole(REMOVED, "security")),
    ),
    DifferenceRule(
        "DIF014",
        "An operation of the API is gone",
        "The API refuses what its module sends.",
        "breaking",
        _whole(REMOVED, OPERATION),
    ),
    DifferenceRule(
        "DIF020",
        "A default changed",
        "New steps start with it; stored ones keep what they have.",
        "look",
        _changed("default"),
    ),
    DifferenceRule(
        "DIF021",
        "A field is hidden",
        "Its value is kept and sent, unchecked, and nobody sees it.",
        "look",
        _to(True, "hidden"),
    ),
    DifferenceRule(
        "DIF022",
        "A content object was renamed",
        "The code that answers `/content` must know the new name.",
        "look",
        _renames_content,
    ),
    DifferenceRule(
        "DIF023",
        "A field takes no templates any more",
        "The platform does not replace a template that stands in it.",
        "look",
        _to(True, "disable_replacement"),
    ),
    DifferenceRule(
        "DIF024",
        "The API calls something deprecated",
        "It works, and will be gone one day.",
        "look",
        _to(True, DEPRECATED),
    ),
    DifferenceRule(
        "DIF025",
        "The API is asked for another version of itself, or for pages otherwise",
        "Answers may be others.",
        "look",
        _changed(*ASKING),
    ),
    DifferenceRule(
        "DIF026",
        "What lies deeper than it is compared changed",
        "It may be anything: members of members of members, or what may stand beside them.",
        "look",
        _changed(*UNREAD),
    ),
    DifferenceRule(
        "DIF030",
        "A text changed",
        "People read something else.",
        "fine",
        _changed(*TEXTS),
    ),
    DifferenceRule(
        "DIF031",
        "Something was added",
        "A module, a version, or an optional field.",
        "fine",
        lambda each: each.kind == ADDED,
    ),
    DifferenceRule(
        "DIF032",
        "Anything else",
        "Stored workflows go on as before.",
        "fine",
        lambda _each: True,
    ),
)


def rule_of(code: str) -> DifferenceRule:
    """Return the rule with a code."""
    return next(each for each in RULES if each.code == code)
