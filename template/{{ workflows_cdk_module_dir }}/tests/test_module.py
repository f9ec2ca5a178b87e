"""What this module does, asked of the whole connector; run `python -m pytest` in the connector's folder."""

from pathlib import Path

from main import app

MODULE, VERSION = Path(__file__).parts[-4:-2]


def post(endpoint, data):
    return app.test_client().post(f"/{MODULE}/{VERSION}/{endpoint}", json={"data": data}).get_json()


def test_greets_in_the_chosen_language():
    assert post("execute", {"name": "Ada", "language": "es"})["data"] == {"message": "Hola Ada"}


def test_says_what_is_missing():
    assert post("execute", {"language": "en"})["error"] == "Say who is to be greeted."


def test_lists_the_languages():
    reply = post("content", {"form_data": {}, "content_object_names": [{"id": "languages"}]})

    assert [choice["value"] for choice in reply["data"]["content_objects"][0]["data"]] == ["en", "es", "fr"]
