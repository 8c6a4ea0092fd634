"""What the services declare, read in a child process: importing them changes the interpreter's blocking calls."""

import json
import subprocess
import sys
from functools import cache

_PROGRAM = """
import json
from kontor.settings import SERVICES
from kontor_launcher.installation import service_class
print(json.dumps({name: service_class(name).handlers() for name in SERVICES}))
"""


@cache
def declared_handlers() -> dict[str, dict[str, list[str]]]:
    """Handler names by service and event type."""
    answer = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, timeout=120, check=True)
    found: dict[str, dict[str, list[str]]] = json.loads(answer.stdout)
    return found
