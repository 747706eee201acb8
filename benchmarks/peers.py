"""Environments of the peers, made in `.venv-bench` where they are not yet."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ENVIRONMENTS = Path(__file__).parent.parent / ".venv-bench"


def environment(requirements: Path, name: str) -> Path:
    """Return the Python of a peer's environment, installed if it is missing or was made from another text.

    Args:
        requirements: The pinned packages.
        name: Of the environment's folder.

    Raises:
        SystemExit: If the installation fails.
    """
    folder = ENVIRONMENTS / name
    python, ready = folder / "bin" / "python", folder / ".ready"
    if ready.is_file() and ready.read_text() == requirements.read_text():
        return python
    print(f"installing {requirements.name} into {folder} …", flush=True)
    _run(name, [sys.executable, "-m", "venv", "--clear", str(folder)])
    _run(name, [str(python), "-m", "pip", "install", "--quiet", "--requirement", str(requirements)])
    ready.write_text(requirements.read_text())
    return python


def _run(name: str, command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = last_line(done.stderr + done.stdout)
        raise SystemExit(f"the environment {name} could not be installed: {reason}")


def last_line(text: str) -> str:
    """Return the last line that is an error, or else the last."""
    lines = text.strip().splitlines() or ["it said nothing"]
    return next((line for line in reversed(lines) if "error" in line.lower()), lines[-1])
