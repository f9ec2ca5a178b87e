"""An action with one handler and one list of choices: begin here.

1. Describe the form in schema.json: what a user fills in, and what is required.
2. Do the work in `execute`.
3. Answer the choices that the form asks for, each under its own name, in `content`.
"""

from flask import request as flask_request
from main import router

from workflows_cdk import ManagedError, Request, Response

GREETINGS = {"en": "Hello", "es": "Hola", "fr": "Bonjour"}
LANGUAGES = [
    {"value": "en", "label": "English"},
    {"value": "es", "label": "Español"},
    {"value": "fr", "label": "Français"},
]


@router.route("/execute", methods=["POST"])
def execute() -> Response:
    """Greet someone; replace this with the work of your action."""
    data = Request(flask_request).data
    # A value of an earlier step, which a template brings, may be anything: a number, an object.
    name, language = data.get("name"), str(data.get("language"))
    if not name:
        raise ManagedError("Say who is to be greeted.")
    if language not in GREETINGS:
        raise ManagedError(f"Language not found: {language}")

    return Response(data={"message": f"{GREETINGS[language]} {name}"})


@router.route("/content", methods=["POST"])
def content() -> Response:
    """Answer the lists of choices that the form asks for."""
    wanted = Request(flask_request).data.get("content_object_names") or []
    names = [each["id"] if isinstance(each, dict) else each for each in wanted]
    lists = {"languages": LANGUAGES}

    # The platform looks for a list under one name when it opens a form, and under the other when it refreshes one.
    answers = [{"id": name, "content_object_name": name, "data": lists.get(name, [])} for name in names]
    return Response(data={"content_objects": answers})
