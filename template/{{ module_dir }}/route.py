"""An action with one handler and one list of choices: begin here.

1. Describe the form in schema.json: what a user fills in, and what is required.
2. Do the work in `execute`. Its `request.data` fits the form by the time it runs.
3. Answer the choices that the form asks for, each under its own name.
"""

from src.runtime import Choice, ManagedError, Module, Request, Response

module = Module(__name__)

GREETINGS = {"en": "Hello", "es": "Hola", "fr": "Bonjour"}


@module.execute
def execute(request: Request) -> Response:
    """Greet someone; replace this with the work of your action."""
    # A value of an earlier step, which a template brings, may be anything: a number, an object.
    language = str(request.data["language"])
    if language not in GREETINGS:
        raise ManagedError.not_found("Language", language)

    return Response(data={"message": f"{GREETINGS[language]} {request.data['name']}"})


@module.content("languages")
def languages(request: Request) -> list[Choice]:
    """List the languages; a real list comes from the API, by the connection: `api_client(request.connection())`."""
    return [Choice("en", "English"), Choice("es", "Español"), Choice("fr", "Français")]
