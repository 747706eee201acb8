from __future__ import annotations

from pathlib import Path

import pytest

from l1000_bench.errors import InputError
from l1000_bench.io.download.spec import CorpusDownload, FileDownload


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({"address": "https://a.b/c", "roles": ["gctx"]}, "takes a folder's address, which ends in a slash"),
        ({"address": "ftp://a.b/c/", "roles": ["gctx"]}, "begins with https:// or http://"),
        ({"address": "https://a.b/c/", "roles": []}, "roles is empty"),
        ({"address": "https://a.b/c/"}, "'roles' is missing; its keys are address, roles"),
        ({"address": "https://a.b/c/", "roles": "gctx"}, "roles is 'gctx'; it takes a list"),
        ({"address": "https://a.b/c/", "roles": ["sig_info"]}, "roles names 'sig_info'; the corpus's files are gctx"),
    ],
)
def test_an_impossible_download_of_a_corpus_is_refused(entry: dict[str, object], sentence: str) -> None:
    with pytest.raises(InputError, match=f"^download: .*{sentence}"):
        CorpusDownload.read(entry).wanted(Path(), {"gctx": "m.gctx.gz"})


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({"url": "data.zip"}, "begins with https:// or http://"),
        ({"url": "https://a.b/HuRI.tsv", "member": "HuRI.tsv"}, "member names a file of a zip, but url is"),
        ({"url": "https://a.b/c.zip", "name": "d"}, "'name' is not known here; its keys are url, member"),
    ],
)
def test_an_impossible_download_of_a_file_is_refused(entry: dict[str, object], sentence: str) -> None:
    with pytest.raises(InputError, match=f"^download: .*{sentence}"):
        FileDownload.read(entry)
