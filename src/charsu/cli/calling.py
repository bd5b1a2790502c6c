"""How this program was called, for those who are to call it again."""

import shlex
import shutil
import sys
from pathlib import Path


def called() -> str:
    """What to type for this program: its name where the shell finds it by that, else its path."""
    program = Path(sys.argv[0])
    if program.name == "__main__.py":
        return f"{shlex.quote(sys.executable)} -m charsu.cli"
    found = shutil.which(program.name)
    is_found = found is not None and program.exists() and Path(found).samefile(program)
    return program.name if is_found else shlex.quote(str(program))
