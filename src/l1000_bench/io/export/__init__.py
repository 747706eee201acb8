"""A benchmark as a folder for people who use other tools."""
