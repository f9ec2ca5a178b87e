"""An operation becomes a form as it is written, and the plan of a request. All of it depends on its input alone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from stacksync.openapi.api_wide import usage_of, version_headers_of
from stacksync.openapi.depths import Depths
from stacksync.openapi.description import Description
from stacksync.openapi.fields import Fields
from stacksync.openapi.members import Json
from stacksync.openapi.operation_form import OperationForm
from stacksync.openapi.operations import Operation, read_operations
from stacksync.openapi.shapes import Shapes
from stacksync.openapi.wording import first_paragraph
from stacksync.runtime.forms import form

# Which rules made what is stored. A change that gives another form or plan for the same description is a new number.
MAPPER = 1


@dataclass(frozen=True)
class Mapped:
    """What an operation becomes.

    Args:
        operation: The operation.
        form: The form, in the format of schema.json, without a connection.
        plan: How a request is made of the form's data.
        losses: What the form cannot say as the API means it.
        refused: Why it cannot be called; "" where it can.
    """

    operation: Operation
    form: Json
    plan: Json
    losses: tuple[str, ...] = ()
    refused: str = ""

    @property
    def stored(self) -> Json:
        """What is stored of it: identity, form as written, plan, and the rules that made them."""
        operation = self.operation
        identity: Json = {"method": operation.method, "path": operation.path, "operation_id": operation.id}
        identity |= {"tags": list(operation.tags), "summary": first_paragraph(operation.summary)}
        identity |= {"deprecated": True} if operation.deprecated else {}
        return {
            "form": self.form,
            "identity": identity,
            "losses": list(self.losses),
            "mapper": MAPPER,
            "plan": self.plan,
        }

    @property
    def field_count(self) -> int:
        """How many fields the form has at its top."""
        return len(self.form["fields"])


@dataclass
class Mapper:
    """Maps the operations of one description.

    Args:
        description: The description.
        operations: Its operations; read when none are given.
        known_headers: Headers that an import took for the API's: they stay that, however many operations come.
    """

    description: Description
    operations: Sequence[Operation] = ()
    known_headers: Collection[str] = ()
    shapes: Shapes = field(init=False)
    depths: Depths = field(init=False)
    used: Mapping[str, int] = field(init=False)
    version_headers: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.operations = self.operations or read_operations(self.description)
        self.shapes, self.depths = Shapes(self.description), Depths(self.description)
        self.used = usage_of(self.operations)
        self.version_headers = version_headers_of(self.operations, self.shapes, self.known_headers)

    def map(self, operation: Operation) -> Mapped:
        """Return what an operation becomes."""
        updates = is_update(operation)
        fields = Fields(self.shapes, updates, operation.method == "PATCH", self.used)
        try:
            made = OperationForm(fields, operation, dict(self.version_headers)).made()
            return Mapped(operation, made.form, made.plan, made.losses, made.refused)
        except RecursionError:
            return Mapped(operation, form(), {}, (), "its schemas are nested too deep")

    def all(self) -> list[Mapped]:
        """Return what every operation becomes, in the order of the description."""
        return [self.map(each) for each in self.operations]


def is_update(operation: Operation) -> bool:
    """Say whether an operation changes a record: PATCH and PUT do, and a POST whose description says so."""
    if operation.method in ("PATCH", "PUT"):
        return True

    told = f"{operation.id} {operation.summary}".lower()
    on_item = operation.path.rstrip("/").endswith("}")
    return (
        operation.method == "POST" and on_item and any(word in told for word in ("update", "modify", "edit", "change"))
    )
