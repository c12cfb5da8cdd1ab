"""Measures what a cache saves when the last layers of a convolutional network are retrained; `make bench` calls it."""

import sys
from pathlib import Path
from statistics import median

import keras
import numpy as np
import tensorflow as tf

sys.path.insert(0, str(Path(__file__).parents[1]))

from course_lib.backend import use_backend  # noqa: E402
from course_lib.datasets import load_mnist  # noqa: E402
from course_lib.measuring import nanoseconds  # noqa: E402
from course_lib.transfer import cached_outputs, train_step  # noqa: E402

BATCH, ROUNDS = 50, 40


def layers():
    """Return the network of notebook 07: two convolutions with pools, dense layers of 1,024 and 10 units."""
    convolution = {"padding": "same", "activation": "relu"}
    return [keras.layers.Conv2D(32, 5, **convolution), keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(64, 5, **convolution), keras.layers.MaxPooling2D(), keras.layers.Flatten(),
            keras.layers.Dense(1024, "relu"), keras.layers.Dense(10)]


def run(part, x):
    """Run an input through layers."""
    for layer in part:
        x = layer(x)
    return x


def loss(y, logits):
    """Return the mean cross-entropy."""
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits))


def step_of(part, variables, x, y):
    """Return a function that takes one step which trains the variables, as a graph."""
    sgd = keras.optimizers.SGD(0.0)
    step = tf.function(lambda x, y: train_step(lambda x, training: run(part, x), loss, x, y, sgd, variables))
    step(x, y)
    return lambda _: step(x, y)


def calls(network, x, y):
    """Return {name: function} of the frozen layers' forward pass, and of steps without and with a cache."""
    found = {}
    for name, cut in (("two layers", 5), ("one layer", 6)):
        frozen, trained = network[:cut], network[cut:]
        variables = [v for layer in trained for v in layer.variables]
        cache = tf.constant(cached_outputs(frozen, x))
        below = tf.function(lambda x, frozen=frozen: run(frozen, x))
        below(x)
        found |= {f"{name}, frozen": lambda _, below=below: below(x),
                  f"{name}, uncached": step_of(network, variables, x, y),
                  f"{name}, cached": step_of(trained, variables, cache, y)}
    return found


def main():
    use_backend()
    data = load_mnist()
    x = tf.constant(data.x_train[:BATCH, :, :, None].astype(np.float32) / 255)
    y = tf.constant(data.y_train[:BATCH].astype(np.int32))
    network = layers()
    run(network, x)
    times = nanoseconds(calls(network, x, y), np.zeros(1), rounds=ROUNDS)
    ms = {name: median(found) / 1e6 for name, found in times.items()}
    parts = ("frozen", "uncached", "cached")
    two, one = ([ms[f"{name}, {part}"] for part in parts] for name in ("two layers", "one layer"))
    print(f"- Notebook 07's network, steps of {BATCH} images, the quickest of {ROUNDS} in turn:\n"
          f"  - its two last layers retrained: {two[2]:.1f} ms from a cache; without one {two[1]:.1f} ms, of which the "
          f"frozen layers alone take {two[0]:.1f} ms: {two[2] / (two[1] - two[0]):.2f} times the rest;\n"
          f"  - its last layer alone: {one[2]:.1f} ms from a cache, {one[1]:.1f} ms without: {one[1] / one[2]:.0f} "
          "times as fast.")


if __name__ == "__main__":
    main()
