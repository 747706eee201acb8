"""Fetching public files: resumed, checked against their published sums, and never in place before they are right."""
