"""Drawn computations: boxes for what is computed, arrows for what it is computed from, gradients beneath."""

from typing import NamedTuple

from course_lib.plots.figure import COLOURS, new_figure


class Node(NamedTuple):
    """A box: where it stands (column from the left, row from the top), its formula, and its gradient beside it."""

    place: tuple
    formula: str
    gradient: str = ""


BATCH_NORM = (
    {
        "x": Node((0, 0), "x", "dx = dcentred + dmean / n"),
        "centred": Node((1.4, 0), "centred = x − mean", "dcentred = dx̂ / std\n+ 2 · centred · dvariance / n"),
        "x̂": Node((2.8, 0), "x̂ = centred / std", "dx̂ = γ · dy"),
        "y": Node((4, 0), "y = γ · x̂ + β", "dy arrives"),
        "mean": Node((0, 1), "mean of x", "dmean = − Σ dcentred"),
        "variance": Node((1.4, 1), "variance = mean of centred²", "dvariance = dstd / (2 std)"),
        "std": Node((2.8, 1), "std = √(variance + ε)", "dstd = − Σ dx̂ · x̂ / std"),
        "γ, β": Node((4, 1), "γ, β", "dγ = Σ dy · x̂,  dβ = Σ dy"),
    },
    [("x", "centred"), ("centred", "x̂"), ("x̂", "y"), ("x", "mean"), ("mean", "centred"), ("centred", "variance"),
     ("variance", "std"), ("std", "x̂"), ("γ, β", "y")],
)

CONV_NETWORK = (
    {
        "image": Node((0, 0), "image\n28 × 28 × 1"),
        "z1": Node((1, 0), "convolution\n28 × 28 × f", "filters: 3 × 3 × 1 × f"),
        "p1": Node((2, 0), "ReLU, pool\n14 × 14 × f", "one of four gets it"),
        "z2": Node((3, 0), "convolution\n14 × 14 × f", "filters: 3 × 3 × f × f"),
        "p2": Node((4, 0), "ReLU, pool\n7 × 7 × f", "one of four gets it"),
        "row": Node((4, 1), "row\n49 f", "each back to its place"),
        "dense": Node((3, 1), "dense, ReLU\n49", "kernel: 49 f × 49"),
        "logits": Node((2, 1), "dense\n10 logits", "kernel: 49 × 10"),
        "loss": Node((1, 1), "loss\n1", "1"),
    },
    [("image", "z1"), ("z1", "p1"), ("p1", "z2"), ("z2", "p2"), ("p2", "row"), ("row", "dense"), ("dense", "logits"),
     ("logits", "loss")],
)


def graph(nodes, edges, *, title):
    """Draw a computation as a graph.

    Parameters
    ----------
    nodes : dict of name -> Node
    edges : list of (name, name)
        From what is used to what uses it: forwards. Gradients go the other way.
    title : str

    Returns
    -------
    CourseFigure
    """
    columns = 1 + max(node.place[0] for node in nodes.values())
    rows = 1 + max(node.place[1] for node in nodes.values())
    figure = new_figure(max(1.0 + 1.75 * columns, 8.0), 0.6 + 1.05 * rows)  # the legend needs eight
    axes = figure.add_subplot()
    box, patches = {"boxstyle": "round,pad=0.35", "facecolor": "#EAF3FA", "edgecolor": COLOURS[0]}, {}
    for name, node in nodes.items():
        x, y = node.place
        text = axes.text(x, -y, node.formula, ha="center", va="center", fontsize=10, bbox=box)
        patches[name] = text.get_bbox_patch()
        away = 0.24 + 0.05 * node.formula.count("\n")
        beside, side = (away, "bottom") if y == 0 else (-away, "top")  # where no arrow passes
        axes.text(x, -y + beside, node.gradient, ha="center", va=side, fontsize=9, color=COLOURS[1])
    for start, end in edges:
        between = {"patchA": patches[start], "patchB": patches[end], "shrinkA": 0, "shrinkB": 1}
        (x, y), (to_x, to_y) = nodes[start].place, nodes[end].place
        axes.annotate("", (to_x, -to_y), (x, -y), arrowprops={"arrowstyle": "-|>", "color": COLOURS[0], **between})
    axes.plot([], [], color=COLOURS[0], label="arrows: what is computed from what")
    axes.plot([], [], "s", color=COLOURS[1], label="gradients: each is collected from the arrows that leave its box")
    axes.legend(frameon=False, fontsize=9, ncols=2, loc="upper left", bbox_to_anchor=(0, 0))
    axes.set(xlim=(-0.55, columns - 0.45), ylim=(-rows + 0.4, 0.65))
    axes.axis("off")
    figure.suptitle(title, x=0.02, ha="left", fontsize=11)
    used = {name: [start for start, end in edges if end == name] for name in nodes}
    told = [f"{node.formula}{' from ' + ', '.join(used[name]) if used[name] else ''}"
            f"{', gradient ' + node.gradient if node.gradient else ''}" for name, node in nodes.items()]
    figure.alt = f"Graph of a computation. {title}. {'; '.join(told)}.".replace("\n", ", ").replace("$", "")
    return figure
