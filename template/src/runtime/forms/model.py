"""A form as its schema describes it: values that never change, with every alias already read as what it means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any

from .values import key_of
from .vocabulary import ANY, Note, Path


@dataclass(frozen=True)
class FieldChoice:
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
class RootConnections:
    """The connection that a form asks for above its fields, delivered beside the form's values.

    Args:
        source: where it stands in the schema.
    """

    required: bool = False
    app_types: tuple[str, ...] = ()
    management_types: tuple[str, ...] = ()
    source: Path = ("connections",)


@dataclass(frozen=True)
class Condition:
    """What a rule asks of one value."""

    id: str
    operator: str
    value: Any = None
    source: Path = ()


@dataclass(frozen=True)
class Change:
    """What a rule does to one field: merges the partial field into it, or puts it in its place."""

    field: Field
    replaces: bool = False

    @property
    def sets_widget(self) -> bool:
        """Say whether it decides if the field is hidden."""
        return self.replaces or "widget" in self.field.given


@dataclass(frozen=True)
class Rule:
    """Changes to fields that hold while every one of `all` and at least one of `any` is true."""

    all: tuple[Condition, ...] = ()
    any: tuple[Condition, ...] = ()
    changes: tuple[Change, ...] = ()
    source: Path = ()


@dataclass(frozen=True)
class Field:
    """One field of a form.

    Args:
        source: where it stands in the schema.
        default: None when there is none.
        fields: the fields of an object; None when it has none of its own (free JSON, or a choice).
        order: the order its fields are shown in.
        items: what an array holds; its `id` is "items", and choices of the array are those of its items.
        each: in an effective form, the items by position, where rules made them differ from `items`.
        disable_replacement: whether a template may not stand in it.
        reload_content_objects: the content objects to ask for again after a change, where `load_content` is set.
        hidden_by: in an effective form, the rule that hid the field.
        secret: whether its value must never be shown: a connection, or a password, whatever else a rule makes of it.
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
    choices: tuple[FieldChoice, ...] = ()
    content: Content | None = None
    widget: str | None = None
    language: str | None = None
    layout: Layout | None = None
    item_label: str = ""
    disable_replacement: bool | None = None
    load_schema: bool = False
    load_content: bool = False
    reload_content_objects: tuple[str, ...] = ()
    app_types: tuple[str, ...] = ()
    management_types: tuple[str, ...] = ()
    fields: tuple[Field, ...] | None = None
    order: tuple[str, ...] = ()
    items: Field | None = None
    each: tuple[Field, ...] = ()
    rules: tuple[Rule, ...] = ()
    hidden_by: Rule | None = None
    secret: bool = False
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
    def is_dropdown(self) -> bool:
        """Say whether its value is chosen: from choices in the schema, or from those of a content object."""
        return bool(self.choices or self.content)

    @property
    def is_enum(self) -> bool:
        """Say whether only its choices will do.

        Decision 14 of the form specification: a pattern on a text accepts whatever fits it beside the choices. Those
        of content are never an enum (decision 2).
        """
        free = self.type in ("string", ANY) and self.validation.pattern is not None
        return bool(self.choices) and self.content is None and not free

    @property
    def takes_choice_objects(self) -> bool:
        """Say whether a choice may be sent as an object with its `id`: one of content, or one that is an object."""
        return self.content is not None or any(choice.is_object for choice in self.choices)

    @cached_property
    def every_item(self) -> Field | None:
        """Return what an array holds: choices of the array are those of its items that have none of their own."""
        if self.items is None and not self.is_dropdown:
            return None

        return self._with_choices(self.items or Field("items"))

    def item(self, index: int) -> Field | None:
        """Return the field of one item of an array."""
        return self._items_by_position[index] if index < len(self.each) else self.every_item

    @cached_property
    def _items_by_position(self) -> tuple[Field, ...]:
        distinct = {id(item): self._with_choices(item) for item in self.each}  # long lists share a few
        return tuple(distinct[id(item)] for item in self.each)

    def _with_choices(self, item: Field) -> Field:
        if item.is_dropdown or not self.is_dropdown:
            return item

        return replace(item, choices=self.choices, content=self.content)

    def ordered(self) -> tuple[Field, ...]:
        """Return its fields as they are shown: those `ui_order` names first."""
        return in_order(self.fields or (), self.order)

    def walk(self) -> Iterator[Field]:
        """Yield the field and every field within it, in the order of the document."""
        yield self
        for inner in (*(self.fields or ()), *((self.items,) if self.items else ())):
            yield from inner.walk()


@dataclass(frozen=True)
class Form:
    """A form: its fields, their order, and the rules between them.

    Args:
        connections: the connection it asks for above its fields; None when it asks for none there.
        reading: what there is to say about how the schema is written.
    """

    fields: tuple[Field, ...] = ()
    rules: tuple[Rule, ...] = ()
    order: tuple[str, ...] = ()
    layout: Layout | None = None
    version: str | None = None
    connections: RootConnections | None = None
    reading: tuple[Note, ...] = ()

    def walk(self) -> Iterator[Field]:
        """Yield every field, at any depth, in the order of the document."""
        for each in self.fields:
            yield from each.walk()

    def ordered(self) -> tuple[Field, ...]:
        """Return the fields as they are shown: those `ui_order` names first."""
        return in_order(self.fields, self.order)

    def content_objects(self) -> tuple[ContentObject, ...]:
        """Return the content objects asked for, each once, with all it depends on."""
        found: dict[str, ContentObject] = {}
        for each in self.walk():
            for wanted in each.content.objects if each.content else ():
                known = found.get(wanted.id, ContentObject(wanted.id)).depends_on
                found[wanted.id] = ContentObject(wanted.id, tuple(dict.fromkeys((*known, *wanted.depends_on))))
        return tuple(found.values())


def in_order(fields: tuple[Field, ...], order: tuple[str, ...]) -> tuple[Field, ...]:
    """Return fields as an order names them, those it leaves out last."""
    rank = {name: place for place, name in reversed(list(enumerate(order)))}
    return tuple(sorted(fields, key=lambda each: rank.get(each.id, len(rank))))
