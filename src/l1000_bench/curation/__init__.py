"""Pure functions that turn raw samples into labelled, split datasets."""
