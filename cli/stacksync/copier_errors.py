"""What Copier raises, said as every other error is: one line each, and what to do."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import jinja2
import plumbum
from copier.errors import CopierError, InteractiveSessionError, UnsafeTemplateError

from stacksync.answers import Given
from stacksync.errors import StacksyncError, UsageError
from stacksync.git.addresses import without_secrets
from stacksync.git.command import advice_in, reason_in
from stacksync.source import TemplateSource

_REQUIRED = re.compile(r'Question "(\w+)" is required')
_NO_CHOICE = re.compile(r"Invalid choice for '(\w+)': (.*)", re.DOTALL)
_INVALID = re.compile(r"Validation error for question '(\w+)': (.*)", re.DOTALL)


@contextmanager
def plain_errors(source: TemplateSource, given: Mapping[str, Given], recorded: str = "") -> Iterator[None]:
    """Turn what Copier raises into one line each; bad answers are plain ValueErrors there.

    Args:
        source: The template.
        given: Answers by the name of the question.
        recorded: The answers file that holds the others.
    """
    _refuse_missing(source)
    try:
        yield
    except KeyboardInterrupt:  # Copier's own kind, at a question, is a CopierError too
        raise
    except InteractiveSessionError as error:
        raise UsageError("The questions were not answered.", "--defaults takes the default answers") from error
    except UnsafeTemplateError as error:
        raise StacksyncError("The template runs code on this machine, which stacksync does not allow.") from error
    except plumbum.ProcessExecutionError as error:
        said = without_secrets(str(error.stderr))
        fault = f"git failed for {source.src_path}: {reason_in(said) or error.retcode}"
        raise StacksyncError(fault, advice_in(said)) from error
    except jinja2.TemplateError as error:
        raise StacksyncError(f"The template has a mistake: {error}") from error
    except (CopierError, ValueError) as error:
        raise _bad_answer(error, given, f"{recorded}: {source.ref}" if recorded else "") from error


def _refuse_missing(source: TemplateSource) -> None:
    """Refuse a template that was a folder of this machine, or is one of another."""
    path = Path(str(source.src_path)).expanduser()
    if source.root is None and path.is_absolute() and not path.exists():
        raise StacksyncError(f"The template is not at {path} any more.", "put it back there")


def _bad_answer(error: Exception, given: Mapping[str, Given], asker: str) -> StacksyncError:
    required = _REQUIRED.fullmatch(str(error))
    if required:
        name = required[1]
        return UsageError(f"{name} has no answer, and the template has no default for it.", f"--data {name}=VALUE")

    name, rule = refused_answer(error)
    if not name:
        return UsageError(f"{rule}.")
    if asker and name not in given:
        return outdated(asker, name, rule)
    return given[name].refused(name, rule) if name in given else UsageError(f"{name} {rule}.")


def refused_answer(error: Exception) -> tuple[str, str]:
    """Return which question's answer Copier refuses, and why; an empty name where it speaks of something else."""
    match = _INVALID.fullmatch(str(error)) or _NO_CHOICE.fullmatch(str(error))
    name, rule = (match[1], match[2]) if match else ("", str(error))
    return name, " ".join(rule.split())


def outdated(asker: str, name: str, rule: str) -> StacksyncError:
    """Return that a release takes a recorded answer no longer."""
    fault = f"{asker} does not take the answer to {name} any more: it {rule}."
    return StacksyncError(fault, f"stacksync update --data {name}=VALUE")
