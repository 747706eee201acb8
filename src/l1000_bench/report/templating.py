"""How templates are read and filled."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined


def html_templates() -> Environment:
    """Return the templates of pages; what is filled in is escaped, and what is lacking is an error."""
    return Environment(
        loader=PackageLoader("l1000_bench.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )


def tex_templates() -> Environment:
    """Return the templates of LaTeX, with marks that mean nothing to LaTeX: `<% … %>`, `<< … >>` and `<# … #>`."""
    return html_templates().overlay(
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        autoescape=False,
    )
