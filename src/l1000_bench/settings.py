"""Kedro project settings."""

from l1000_bench.config import BenchConfigLoader
from l1000_bench.hooks import ProjectHooks

HOOKS = (ProjectHooks(),)
DISABLE_HOOKS_FOR_PLUGINS = ("kedro-viz",)  # see `l1000_bench.run_statistics`
CONFIG_LOADER_CLASS = BenchConfigLoader
CONFIG_LOADER_ARGS = {
    "base_env": "base",
    "default_run_env": "local",
    "config_patterns": {"experiments": ["experiments*"]},
    "merge_strategy": {"parameters": "soft"},
}
