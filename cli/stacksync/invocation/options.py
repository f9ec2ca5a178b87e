"""The options of `stacksync invoke`, read and held against each other before anything is started."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from stacksync.errors import UsageError
from stacksync.invocation.call import Given
from stacksync.invocation.credentials import refuse_values, refuse_values_in_body
from stacksync.invocation.given import read_input, read_setting, read_variables, reads_stdin

INPUT = "--input"


@dataclass(frozen=True)
class Options:
    """The options as they were typed."""

    endpoint: str | None = None
    content_objects: tuple[str, ...] = ()
    data: str | None = None
    envelope: bool = False
    settings: tuple[str, ...] = ()
    json_settings: tuple[str, ...] = ()
    example: str | None = None
    connection: str | None = None
    variables: str | None = None
    save_example: str | None = None
    stand_in: bool = False
    record: str | None = None
    replay: str | None = None
    yes: bool = False

    @classmethod
    def typed(cls, parameters: Mapping[str, Any]) -> "Options":
        """Return them as the command takes them, by the same names; what may be repeated and was not given is None."""
        given = {each.name: parameters[each.name] for each in fields(cls)}
        repeated = {each.name: tuple(given[each.name] or ()) for each in fields(cls) if isinstance(each.default, tuple)}
        return cls(**{**given, **repeated})

    @property
    def uses_stand_in(self) -> bool:
        """Whether a stand-in is to answer for the API; an example brings its own."""
        return self.stand_in and self.example is None

    @property
    def makes_up_connections(self) -> bool:
        """Whether no connection of this machine is needed: something else answers in the place of the API."""
        return self.uses_stand_in or self.replay is not None

    @property
    def reads_stdin(self) -> bool:
        """Whether the input comes from standard input, so that nobody can be asked there."""
        return reads_stdin(self.data) or any(text.endswith("=@-") for text in self.json_settings)

    def read(self) -> Given:
        """Return what they say.

        Raises:
            UsageError: They cannot be used together, or cannot be read.
        """
        self.refuse_combinations()
        settings = [read_setting(text) for text in self.settings]
        settings += [read_setting(text, as_json=True) for text in self.json_settings]
        return Given(
            endpoint=self.endpoint or ("content" if self.content_objects else "execute"),
            names=self.content_objects,
            input=self._input(),
            settings=tuple(settings),
            connection=self.connection,
            values=read_variables(self.variables) if self.variables is not None else {},
            save_as=self.save_example,
            is_taped=self.record is not None or self.replay is not None,
        )

    def _input(self) -> Any:
        if self.data is None:
            return None

        found = read_input(self.data, INPUT)
        if not isinstance(found, dict):
            raise UsageError(f"{INPUT} must be a JSON object.", f'{INPUT} \'{{"name": "Ada"}}\'')
        refuse = refuse_values_in_body if self.envelope else refuse_values
        refuse(found, INPUT)
        return found

    def refuse_combinations(self) -> None:
        """Refuse options that cannot be used together.

        Raises:
            UsageError: Some are.
        """
        filling = {INPUT: self.data, "--set": self.settings, "--set-json": self.json_settings}
        filling |= {"--content-object": self.content_objects, "--endpoint": self.endpoint}
        keeping = {"--connection": self.connection, "--variables": self.variables, "--save-example": self.save_example}
        if self.example is not None:
            # Recorded, an example is sent with a connection of this machine.
            barred = {name: value for name, value in keeping.items() if name != "--connection" or not self.record}
            self._refuse("--example", {**filling, "--envelope": self.envelope, **barred, "--replay": self.replay})
        if self.replay is not None:
            real = {"--record": self.record, "--connection": self.connection}
            self._refuse("--replay", {**real, "--stand-in": self.stand_in})
        if self.yes and self.record is None:
            raise UsageError("--yes agrees to what --record writes, and there is no --record.")
        if self.envelope and self.data is None:
            raise UsageError(f"--envelope says that {INPUT} is the whole body, and there is no {INPUT}.")
        if self.envelope:
            del keeping["--connection"]
            self._refuse("--envelope", {"--content-object": self.content_objects, **keeping})
        if self.content_objects and self.endpoint not in (None, "content"):
            raise UsageError("--content-object is for --endpoint content.", "leave out --endpoint")

    @staticmethod
    def _refuse(option: str, others: dict[str, object]) -> None:
        given = next((name for name, value in others.items() if value not in (None, (), False)), None)
        if given:
            raise UsageError(f"{option} and {given} cannot be used together.", "use one of them")
