"""A field as its schema describes it: a value that never changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from .notes import Path
from .rule import Rule
from .values import key_of
from .vocabulary import ANY


@dataclass(frozen=True)
class Choice:
    """One of the values a field offers.

    Args:
        source: where it stands in the schema.
    """

    value: Any
    label: str
    source: Path = field(default=(), compare=False, repr=False)

    @property
    def key(self) -> Any:
        """Return the scalar that stands for it: the value, or its `id`."""
        return key_of(self.value)

    @property
    def is_object(self) -> bool:
        """Say whether the value is an object with an `id`, which may stand for it."""
        return self.key is not self.value


@dataclass(frozen=True)
class ContentObject:
    """A list of choices that the connector's content endpoint fills.

    Args:
        sources: where in the schema the fields it depends on are named.
    """

    id: str
    depends_on: tuple[str, ...] = ()
    sources: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Content:
    """Where the choices of a field come from while the form is open."""

    types: tuple[str, ...] = ()
    objects: tuple[ContentObject, ...] = ()


@dataclass(frozen=True)
class Validation:
    """What a value must satisfy; None where the schema says nothing."""

    required: bool | None = None
    min_length: int | None = None
    max_length: int | None = None
    minimum: int | float | None = None
    maximum: int | float | None = None
    pattern: str | None = None
    min_items: int | None = None
    max_items: int | None = None

    def over(self, base: Validation) -> Validation:
        """Return what both say, and where both speak what this says."""
        said = {name: value for name, value in asdict(self).items() if value is not None}
        return replace(base, **said)


@dataclass(frozen=True)
class Layout:
    """How fields stand beside one another."""

    type: str
    elements: tuple[str, ...] = ()


@dataclass(frozen=True)
class Field:
    """One field of a form, with every alias of real schemas already read as what it means.

    Args:
        source: where it stands in the schema.
        default: None when there is none.
        fields: the fields of an object; None when it has none of its own (free JSON, or a choice).
        items: what an array holds; its `id` is "items".
        each: in an effective form, the items by position, where rules made them differ from `items`.
        hidden_by: in an effective form, the rule that hid the field.
        given: the attributes its schema sets, which are those a rule that merges it changes.
    """

    id: str
    type: str = ANY
    source: Path = ()
    label: str = ""
    description: str = ""
    placeholder: str = ""
    default: Any = None
    default_source: Path = ()
    validation: Validation = Validation()
    messages: Mapping[str, str] = field(default_factory=dict)
    format: str | None = None
    choices: tuple[Choice, ...] = ()
    content: Content | None = None
    widget: str | None = None
    language: str | None = None
    layout: Layout | None = None
    item_label: str = ""
    load_schema: bool = False
    app_types: tuple[str, ...] = ()
    management_types: tuple[str, ...] = ()
    fields: tuple[Field, ...] | None = None
    items: Field | None = None
    each: tuple[Field, ...] = ()
    rules: tuple[Rule, ...] = ()
    hidden_by: Rule | None = None
    given: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Return what to call the field before people."""
        return self.label or self.id

    @property
    def required(self) -> bool:
        """Say whether the schema requires it; a hidden field is never required."""
        return bool(self.validation.required) and not self.hidden

    @property
    def hidden(self) -> bool:
        """Say whether the field itself is hidden."""
        return self.widget == "hidden"

    @property
    def takes_choice_objects(self) -> bool:
        """Say whether a choice may be sent as an object with its `id`: one of content, or one that is an object."""
        return self.content is not None or any(choice.is_object for choice in self.choices)

    @property
    def is_free_json(self) -> bool:
        """Say whether the value is any JSON: ours for an object or array that says nothing of its content."""
        nothing = not (self.choices or self.content or self.fields or self.items)
        return self.type in ("object", "array") and nothing

    @property
    def every_item(self) -> Field | None:
        """Return what an array holds: choices of the array are those of its items that have none of their own."""
        if self.items is None and not (self.choices or self.content):
            return None

        return self._with_choices(self.items or Field("items"))

    def item(self, index: int) -> Field | None:
        """Return the field of one item of an array."""
        return self._with_choices(self.each[index]) if index < len(self.each) else self.every_item

    def _with_choices(self, item: Field) -> Field:
        own = item.choices or item.content
        if own or not (self.choices or self.content):
            return item

        return replace(item, choices=self.choices, content=self.content)

    def walk(self) -> Iterator[Field]:
        """Yield the field and every field within it, in the order of the document."""
        yield self
        for inner in (*(self.fields or ()), *((self.items,) if self.items else ())):
            yield from inner.walk()
