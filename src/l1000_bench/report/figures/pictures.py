"""Pictures of gene graphs in the page's style."""

from __future__ import annotations

import plotly.graph_objects as go

from l1000_bench.report.figures.style import bare

_HEIGHT = 620
_LEGEND_PX = 80


def plain_picture(picture: go.Figure) -> go.Figure:
    """Return a picture (see `graphs.picture`) without its title, its legend below the drawing."""
    figure = bare(_HEIGHT, left=8, bottom=_LEGEND_PX, top=8)
    figure.add_traces(picture.data)
    hidden = {"visible": False}
    figure.update_layout(
        xaxis=hidden,
        yaxis={**hidden, "scaleanchor": "x"},
        showlegend=True,
        legend={
            **{"orientation": "h", "itemsizing": "constant", "itemclick": False, "itemdoubleclick": False},
            **{"x": 0, "y": 0, "yref": "container", "yanchor": "bottom"},
        },
    )
    return figure
