"""Kedro with a last line of JSON, seconds and peak memory: `python -m scale_workers.kedro_process run …`."""

from __future__ import annotations

import json
import sys
import time

from ingestion_workers.worker import peak_mib


def main() -> None:
    """Run Kedro's command line in this process."""
    started = time.perf_counter()
    from kedro.framework.cli import main as kedro  # noqa: PLC0415  # its import is part of what a user waits for

    try:
        kedro()
    finally:
        print(json.dumps([time.perf_counter() - started, peak_mib()]))


if __name__ == "__main__":
    sys.argv[0] = "kedro"
    main()
