"""L1000 Bench: curated datasets, frozen folds and fairly compared classifiers for L1000 gene expression."""

__version__ = "0.1.0"
