from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
KEDRO = [sys.executable, "-m", "kedro"]


WHOLE_RUNS = {"mini", "finished", "project"}  # fixtures


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no process is left with a run when the others have ended."""
    runs = {item.path for item in items if WHOLE_RUNS & set(getattr(item, "fixturenames", ()))}
    items.sort(key=lambda item: item.path not in runs)


class Project:
    """A copy of the project's configuration in a folder of its own, run as a user would run it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(ROOT / "conf", folder / "conf", ignore=shutil.ignore_patterns("local"))
        (folder / "conf" / "local").mkdir()
        for name in ("pyproject.toml", ".telemetry"):
            shutil.copy(ROOT / name, folder / name)
        (folder / "src").mkdir()  # Kedro looks for it; the package itself is the installed one

    @classmethod
    def existing(cls, folder: Path) -> Project:
        """A copy that was made before."""
        project = cls.__new__(cls)
        project.folder = folder
        return project

    def kedro(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "KEDRO_ENV": "test", "PYTHONWARNINGS": "ignore", "COLUMNS": "200"}
        return subprocess.run(
            [*KEDRO, *arguments], cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )

    def run(self, *arguments: str) -> str:
        done = self.kedro("run", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def refusal(self, *arguments: str) -> str:
        """Run what must be refused and return its one message."""
        done = self.kedro("run", *arguments)
        assert done.returncode == 1, done.stdout + done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        return done.stderr.partition("\nError: ")[2].strip()

    def data(self, layer: str, *parts: str) -> Path:
        return self.folder / "data" / layer / "test" / Path(*parts)

    def replace(self, path: str, old: str, new: str) -> None:
        """Change the text of a configuration file."""
        file = self.folder / "conf" / path
        text = file.read_text()
        assert old in text, f"{old!r} is not in {path}"
        file.write_text(text.replace(old, new))


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Project:
    """A project whose whole run in the environment `test` came to its end; tests of all processes only read it."""
    own = tmp_path_factory.getbasetemp()
    shared = own if worker_id == "master" else own.parent
    with (shared / "finished.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the first process runs it, and the others wait
        if (shared / "finished.done").exists():
            return Project.existing(shared / "finished")
        project = Project(shared / "finished")
        project.run()
        (shared / "finished.done").touch()
    return project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project that has not run yet."""
    return Project(tmp_path / "project")


@pytest.fixture
def copied(finished: Project, tmp_path: Path) -> Project:
    """A copy of the finished project that a test may change."""
    project = Project(tmp_path / "project")
    shutil.copytree(finished.folder / "data", project.folder / "data")
    return project
