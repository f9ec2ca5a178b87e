"""What this module does; `module` is the client of the module that this file lies in."""

from src.runtime.testing import ModuleClient


def test_greets_in_the_chosen_language(module: ModuleClient) -> None:
    reply = module.execute({"name": "Ada", "language": "es"})

    assert reply.status_code == 200
    assert reply.json == {"data": {"message": "Hola Ada"}}


def test_says_what_is_missing(module: ModuleClient) -> None:
    reply = module.execute({"language": "en"})

    assert reply.status_code == 400
    assert reply.json is not None
    assert reply.json["data"]["errors"] == [
        {"field": "name", "message": "Say who is to be greeted.", "rule": "required"}
    ]


def test_does_not_invent_languages(module: ModuleClient) -> None:
    reply = module.execute({"name": "Ada", "language": "tlh"})

    assert reply.status_code == 404
    assert reply.json is not None
    assert reply.json["error"] == "Language not found: tlh"
