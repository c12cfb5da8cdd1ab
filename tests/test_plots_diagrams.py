"""Drawn computations: every box and arrow is there, within the picture, and told in words."""

import pytest

from course_lib.plots import BATCH_NORM, CONV_NETWORK, Node, graph

NODES = {
    "a": Node((0, 0), "a", "da = 2 db"),
    "b": Node((1, 0), "b = 2a", "db"),
    "c": Node((1, 1), "c"),
}


@pytest.fixture(scope="module", params=["small", "batch norm", "conv network"])
def drawn(request):
    small = NODES, [("a", "b"), ("c", "b")]
    nodes, edges = {"small": small, "batch norm": BATCH_NORM, "conv network": CONV_NETWORK}[request.param]
    figure = graph(nodes, edges, title="A finding")
    figure.draw_without_rendering()
    return nodes, edges, figure


def test_boxes_gradients_and_arrows_are_drawn(drawn):
    nodes, edges, figure = drawn
    drawn_texts = figure.axes[0].texts
    texts = [text.get_text() for text in drawn_texts]
    assert all(node.formula in texts and node.gradient in texts for node in nodes.values())
    assert sum(getattr(text, "arrow_patch", None) is not None for text in drawn_texts) == len(edges)


def test_everything_is_within_the_picture_and_nothing_overlaps(drawn):
    _, _, figure = drawn
    boxes = [text.get_window_extent() for text in figure.axes[0].texts if text.get_text()]
    for box in boxes:
        assert figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1
        assert figure.bbox.y0 <= box.y0 and box.y1 <= figure.bbox.y1
    assert not [1 for i, box in enumerate(boxes) for other in boxes[:i] if box.overlaps(other)]


def test_text_alternative_says_what_is_computed_from_what():
    alt = graph(NODES, [("a", "b"), ("c", "b")], title="A finding").alt
    assert alt == "Graph of a computation. A finding. a, gradient da = 2 db; b = 2a from a, c, gradient db; c."
