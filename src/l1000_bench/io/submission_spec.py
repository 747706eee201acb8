"""What a user hands in, and for which benchmark; checked before anything runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from l1000_bench.configured import check_field_types, make_from
from l1000_bench.errors import InputError, require
from l1000_bench.io.submission_file import check_name

HOW = "hand in with --params=submission.file=PATH,submission.name=NAME,submission.dataset=DATASET,submission.task=TASK"


@dataclass(frozen=True)
class Submission:
    """The predictions of a method that is not of the grid (`parameters/submission.yml`).

    Attributes:
        file: Where they are, from the folder of the command; Parquet or CSV.
        name: What the method is called.
        dataset: Of the benchmark that they are made for.
        task: Of that benchmark.

    Raises:
        InputError: If one of them is no text, or the name cannot be one.
    """

    file: str
    name: str
    dataset: str
    task: str

    def __post_init__(self) -> None:
        check_field_types(self)
        check_name(self.name, "submission.name")

    def __str__(self) -> str:
        return f"{self.dataset}.{self.task}.{self.name}"

    @classmethod
    def read(
        cls, entry: Mapping[str, Any], tasks: Mapping[str, Collection[str]], classifiers: Collection[str]
    ) -> Submission | None:
        """Read the parameter `submission`.

        Args:
            entry: Its keys and values, all None where nothing is handed in.
            tasks: Those of every dataset of the grid.
            classifiers: Those of the grid, whose names are taken.

        Raises:
            InputError: If a key is unknown, a value is missing, or the benchmark or the name does not fit the grid.
        """
        if all(value is None for value in entry.values()):
            return None
        try:
            submission = make_from(cls, entry, "submission")
        except InputError as error:
            raise InputError(f"{error} {HOW[0].upper()}{HOW[1:]}.") from error
        dataset, task = submission.dataset, submission.task
        there = ", ".join(f"{name}.{of}" for name, tasks_of in tasks.items() for of in tasks_of)
        require(
            task in tasks.get(dataset, ()),
            f"submission is for {dataset}.{task}, which is no benchmark of this environment; there are {there}.",
        )
        require(
            submission.name not in classifiers,
            f"submission.name is {submission.name!r}, which is a classifier of the grid; give the method another name.",
        )
        require(Path(submission.file).is_file(), f"submission.file is {submission.file}, which is no file; {HOW}.")
        return submission
