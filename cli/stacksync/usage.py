"""Wrong command lines: what Typer found, said as every other error is, with what to type instead."""

import re
from difflib import get_close_matches
from typing import Any

import typer

from stacksync.errors import UsageError

# Typer exports this base of its errors under no name of its own.
UsageFault: type[Exception] = typer.BadParameter.__mro__[1]

# What other tools call what a command does.
_CALLED = {
    "new": "init create make generate scaffold start-project startproject",
    "add-module": "add create-module new-module module-add generate-module",
    "add-version": "copy bump new-version copy-module",
    "import": "openapi swagger from-openapi",
    "remove-module": "rm del delete remove delete-module uninstall",
    "list": "ls modules show routes",
    "check": "lint validate verify",
    "invoke": "call execute",
    "connect": "connection connections login",
    "dev": "serve start up watch develop",
    "test": "tests pytest unittest",
    "run": "exec shell x",
    "update": "upgrade pull sync",
    "doctor": "diagnose info env status",
    "--help": "help h ?",
    "--version": "version",
}
_COMMANDS = {word: command for command, words in _CALLED.items() for word in words.split()}
# https://docs.stacksync.com/: the commands of Stacksync's own command line, which has the same name.
_VENDORS = {"workflow-connector", "workflow-module"}
# Answers that somebody may take for options of `new`.
_QUESTIONS = re.compile(r"--(app[-_]type|app[-_]name|app[-_]description|app[-_]icon[-_]svg[-_]url|port|ci|deployment)")


def explain(fault: Any, arguments: list[str]) -> UsageError:
    """Turn what Typer raises about a command line into an error of ours."""
    context = fault.ctx
    command = context.command_path if context else f"stacksync {arguments[0]}"
    message = fault.format_message()
    if message.startswith("No such command"):
        return _no_command(message, context)
    if message.startswith("No such option"):
        return _no_option(fault, command)
    if message.startswith("Got unexpected extra argument"):
        return _too_much(message, context, command)

    option: Any = getattr(fault, "param", None)
    limits: Any = getattr(option, "type", None)
    if message.startswith("Invalid value") and hasattr(limits, "max"):
        message = f"{option.opts[0]} must be a whole number from {limits.min} to {limits.max}."
    return UsageError(message, _example(context) or f"{command} --help")


def _no_command(message: str, context: Any) -> UsageError:
    name = message.split("'")[1]
    if name in _VENDORS:
        tip = "start that one by its path: stacksync doctor says where it is"
        return UsageError(f"{name} is a command of Stacksync's own `stacksync`, which is another program.", tip)

    known = context.command.commands
    meant = _COMMANDS.get(name, "")
    close = get_close_matches(name, known, n=2)
    if meant in known or meant.startswith("-"):
        return UsageError(f"No such command '{name}'.", f"did you mean this? stacksync {meant}")
    if close:
        return UsageError(message, "stacksync --help lists the commands")
    return UsageError(f"No such command '{name}'.", f"the commands are {', '.join(known)}")


def _no_option(fault: Any, command: str) -> UsageError:
    name = fault.option_name
    if command == "stacksync" and name.lower() == "-v":
        return UsageError(f"No such option: {name}", "did you mean this? stacksync --version")

    question = _QUESTIONS.fullmatch(name) if command == "stacksync new" else None
    if question:
        answer = question[1].replace("-", "_")
        return UsageError(f"No such option: {name}", f"answer a question of the template: --data {answer}=VALUE")
    tip = f"did you mean {' or '.join(sorted(fault.possibilities))}?" if fault.possibilities else ""
    return UsageError(f"No such option: {name}", tip or f"{command} --help lists the options")


def _too_much(message: str, context: Any, command: str) -> UsageError:
    extra = message.partition(") (")[2].removesuffix(")")
    taken = [each.metavar or each.name.upper() for each in context.command.params if each.param_type_name == "argument"]
    takes = f"takes one {taken[0]}" if taken else "takes options only"
    tip = f"a {taken[0]} with spaces is put in quotes; {_example(context)}" if taken else _example(context)
    return UsageError(f"{command} {takes}: {extra!r} is too much.", tip)


def _example(context: Any) -> str:
    return str(context.command.epilog or "").replace("Example: ", "for example: ") if context else ""
