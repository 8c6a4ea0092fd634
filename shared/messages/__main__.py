"""``python -m kontor_messages ARCHITECTURE.md`` writes the table of events into the file."""

import re
import sys
from pathlib import Path

from kontor_messages import catalogue

BEGIN, END = "<!-- events: begin -->", "<!-- events: end -->"


def table() -> str:
    rows = ["| event | producer | consumers | meaning |", "|---|---|---|---|"]
    for type, route in catalogue().items():
        rows.append(f"| `{type}` | {route.producer} | {', '.join(route.consumers)} | {route.meaning} |")
    return "\n".join(rows)


def main() -> None:
    path = Path(sys.argv[1])
    pattern = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    text, count = pattern.subn(lambda _: f"{BEGIN}\n{table()}\n{END}", path.read_text(encoding="utf-8"))
    if count != 1:
        sys.exit(f"{path} must contain {BEGIN} … {END} once")
    path.write_text(text, encoding="utf-8")


main()
