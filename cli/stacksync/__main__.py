"""Run the command as `python -m stacksync`."""

from stacksync.main import main

if __name__ == "__main__":
    main()
