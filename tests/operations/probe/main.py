"""The connector under test."""

from src.runtime import create_app, run

app = create_app()

if __name__ == "__main__":
    run(app)
