"""Keras and TensorFlow, imported when first needed: no other command pays their seconds."""

from __future__ import annotations

import importlib
import logging
import os
import sys
import tempfile
import warnings
from types import ModuleType

from joblib import effective_n_jobs

logger = logging.getLogger(__name__)


def load(name: str, n_jobs: int | None = None) -> ModuleType:
    """Import a module of `models` that imports Keras; make TensorFlow deterministic and set its threads.

    Args:
        name: The module, such as `training`.
        n_jobs: Threads of one operation, -1 for all cores, None for what there is. TensorFlow fixes them with its
            first operation: a later wish is logged and not fulfilled.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # of its C++ side; errors reach us as exceptions
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the packages that TensorFlow imports
        tensorflow = _tensorflow()
        module = importlib.import_module(f"l1000_bench.models.{name}")
    if tensorflow.config.list_physical_devices("GPU"):
        tensorflow.config.experimental.enable_op_determinism()  # a CPU needs none of it
    threading = tensorflow.config.threading
    try:
        if n_jobs is not None:
            threading.set_intra_op_parallelism_threads(effective_n_jobs(n_jobs))
    except RuntimeError:
        running = threading.get_intra_op_parallelism_threads()
        logger.warning("TensorFlow keeps its %d threads (0: all) in this process; n_jobs is %d.", running, n_jobs)
    return module


def _tensorflow() -> ModuleType:
    """Import TensorFlow; what its C++ side says of the machine while it loads is shown if that fails."""
    if "tensorflow" in sys.modules:
        return sys.modules["tensorflow"]
    sys.stderr.flush()
    told, stderr = tempfile.TemporaryFile(), os.dup(2)
    try:
        os.dup2(told.fileno(), 2)  # it heeds no environment variable before its logging is set up
        return importlib.import_module("tensorflow")
    except ImportError:
        told.seek(0)
        os.write(stderr, told.read())
        raise
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        told.close()
