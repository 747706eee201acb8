"""Estimators, their YAML specification and their storage."""
