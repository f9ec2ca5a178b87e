"""The child process: a language and a text a line, as JSON; the spans of each are the answer, in one line.

Its argument is how many seconds a text may take.
"""

import faulthandler
import json
import sys

from stacksync.studio.colours.spans import spans


def main() -> None:
    """Answer until there is nothing more to read."""
    longest = float(sys.argv[1])
    for line in sys.stdin:
        language, text = json.loads(line)
        # Ends this process from a thread that needs no interpreter: a regular expression holds that until it is done.
        faulthandler.dump_traceback_later(longest, exit=True)
        answer = spans(language, text)
        faulthandler.cancel_dump_traceback_later()
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
