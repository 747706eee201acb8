"""What the configuration says of fetching a file: the key `download` of a corpus or a graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from l1000_bench.configured import check_field_types, make_from
from l1000_bench.errors import InputError


@dataclass(frozen=True)
class Wanted:
    """A file to be fetched.

    Attributes:
        url: Where it is published.
        path: Where it is put. It is compressed on the way where `path` ends in `.gz` and the published name does not.
        sha512: Its published sum, if there is one.
        member: The file's name in the zip that is published.
    """

    url: str
    path: Path
    sha512: str | None = None
    member: str | None = None

    @property
    def published(self) -> Path:
        """The published file's name, in the folder where the file is put."""
        return self.path if self.is_kept else self.path.with_name(Path(urlsplit(self.url).path).name)

    @property
    def is_kept(self) -> bool:
        """Whether the published file is the one that is wanted, byte for byte."""
        return self.member is None and (self.path.suffix != ".gz" or urlsplit(self.url).path.endswith(".gz"))

    @property
    def checks(self) -> str:
        """What can be checked of it without a sum."""
        packed = self.published.suffix.removeprefix(".")
        return f"its length and the sums in the {packed}" if packed in ("gz", "zip") else "its length"

    @property
    def is_checked(self) -> bool:
        """Whether a mixed or cut off file would be noticed when all of it has come."""
        return self.sha512 is not None or self.published.suffix in (".gz", ".zip")


class _Download:
    """What both kinds share."""

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> Self:
        """Read the value of the key `download`.

        Raises:
            InputError: If a key is unknown or missing, or a value is impossible.
        """
        return make_from(cls, entry, "download")


@dataclass(frozen=True)
class CorpusDownload(_Download):
    """How a corpus's public files are fetched.

    Attributes:
        address: Under which the files lie by their names in `files`; ends in a slash.
        roles: The files that lie there.
        sums: Name of the list of their SHA-512 sums, if one is published there.
        also: Names of further files that lie there, put beside the others for whoever adds them to `files`.
    """

    address: str
    roles: list[str]
    sums: str | None = None
    also: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        check_field_types(self)
        _check_url("address", self.address)
        if not self.address.endswith("/"):
            raise InputError(f"address is {self.address!r}; it takes a folder's address, which ends in a slash.")
        if not self.roles:
            raise InputError("roles is empty; name the files that lie at the address, or leave out download.")

    def wanted(self, folder: Path, files: Mapping[str, str]) -> list[Wanted]:
        """Return the files of the roles and the further ones, without their sums.

        Raises:
            InputError: If a role has no file.
        """
        odd = [role for role in self.roles if role not in files]
        if odd:
            raise InputError(f"download: roles names {odd[0]!r}; the corpus's files are {', '.join(files)}.")
        named = [Wanted(self.address + Path(files[role]).name, folder / files[role]) for role in self.roles]
        return [*named, *(Wanted(self.address + name, folder / name) for name in self.also)]


@dataclass(frozen=True)
class FileDownload(_Download):
    """How a graph's link file is fetched.

    Attributes:
        url: The published file.
        member: The name of the wanted file in it, if it is a zip.
    """

    url: str
    member: str | None = None

    def __post_init__(self) -> None:
        check_field_types(self)
        _check_url("url", self.url)
        if self.member is not None and not urlsplit(self.url).path.endswith(".zip"):
            raise InputError(f"member names a file of a zip, but url is {self.url}; leave out one, correct the other.")

    def wanted(self, path: Path) -> Wanted:
        """Return the file that is put at `path`."""
        return Wanted(self.url, path, member=self.member)


def _check_url(key: str, value: str) -> None:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise InputError(f"{key} is {value!r}; it takes an address that begins with https:// or http://.")
