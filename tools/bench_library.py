"""The library beside TensorFlow on the same cores: times of layers and of training steps, memory, accuracy on MNIST."""

import time
import tracemalloc
from functools import partial
from statistics import quantiles

import numpy as np

from course_lib.datasets import MNIST_MEAN, MNIST_STD, load_mnist

ROUNDS, SECONDS = 30, 4  # of each comparison, whichever is reached first

# batch, height, width, channels, filters, kernel, stride, padding
CONVOLUTIONS = [
    # those that convolutions are usually timed with
    (64, 28, 28, 1, 32, 5, 1, "same"),
    (64, 14, 14, 32, 64, 5, 1, "same"),
    (128, 32, 32, 64, 64, 3, 1, "same"),
    (64, 32, 32, 3, 32, 3, 1, "same"),
    (64, 14, 14, 64, 64, 1, 1, "same"),
    # the layers of the networks in the course
    (64, 28, 28, 1, 1, 3, 1, "same"),
    (64, 14, 14, 1, 1, 3, 1, "same"),
    (64, 28, 28, 1, 8, 3, 1, "same"),
    (64, 14, 14, 8, 16, 3, 1, "same"),
    (64, 28, 28, 1, 16, 3, 1, "same"),
    (64, 14, 14, 16, 32, 3, 1, "same"),
    # without padding, and with strides
    (64, 28, 28, 1, 32, 5, 1, "valid"),
    (64, 12, 12, 32, 64, 5, 1, "valid"),
    (64, 28, 28, 1, 32, 5, 2, "same"),
    (64, 28, 28, 16, 32, 3, 2, "same"),
    (32, 56, 56, 32, 32, 3, 2, "valid"),
]
OTHERS = [
    # small images with many channels
    (64, 7, 7, 64, 128, 3, 1, "same"),
    (64, 10, 10, 48, 96, 3, 1, "same"),
    (64, 4, 4, 128, 128, 3, 1, "same"),
    (32, 7, 7, 256, 64, 3, 1, "same"),
    # large ones, with as many filters as channels and with large kernels
    (16, 56, 56, 16, 16, 3, 1, "same"),
    (32, 14, 14, 32, 64, 5, 1, "same"),
    # strides
    (64, 14, 14, 32, 64, 3, 2, "same"),
    (64, 8, 8, 64, 128, 3, 2, "same"),
    (32, 32, 32, 3, 64, 7, 2, "same"),
    # few channels
    (32, 28, 28, 3, 16, 5, 2, "same"),
    (32, 32, 32, 2, 8, 3, 1, "valid"),
    (32, 28, 28, 4, 4, 3, 1, "same"),
]
DENSE = [(64, 784, 300), (64, 300, 100), (512, 1024, 1024)]
IMAGES = [(64, 28, 28, 32), (64, 14, 14, 64), (64, 28, 28, 1)]


def in_turn(*functions):
    """Time functions in turn, in rounds; return the milliseconds as an array (rounds, functions)."""
    for function in functions * 2:
        function()
    times, start = [], time.perf_counter()
    while len(times) < 5 or (len(times) < ROUNDS and time.perf_counter() - start < SECONDS):
        times.append([_once(function) for function in functions])
    return np.array(times)


def paired(ours, theirs):
    """Time two functions in turn and return the medians in milliseconds and the quartiles and median of the ratio."""
    times = in_turn(ours, theirs)
    low, middle, high = quantiles(times[:, 0] / times[:, 1], n=4)
    return *np.median(times, axis=0), middle, low, high


def _once(function):
    time.sleep(0.03)  # threads that wait for more work from another side go to sleep
    start = time.perf_counter()
    while time.perf_counter() - start < 0.01:  # caches are filled, and cores awake
        function()
    start = time.perf_counter()
    function()
    return 1e3 * (time.perf_counter() - start)


def row(name, result):
    """Return a table's row: both times, and the ratio with its quartiles."""
    mine, other, middle, low, high = result
    return f"| {name} | {mine:.2f} ms | {other:.2f} ms | {middle:.2f} | {low:.2f} to {high:.2f} |"


def draw(*shape):
    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)


def compiled(function, *arrays):
    """Return a call of a TensorFlow function, compiled to a graph, on arrays that it already holds."""
    import tensorflow as tf

    graph, tensors = tf.function(function), [tf.constant(array) for array in arrays]
    return lambda: [result.numpy() for result in graph(*tensors)]


def with_gradients(function):
    """Return a TensorFlow function (dy, *arrays) -> y and its gradient with respect to each of the arrays."""
    import tensorflow as tf

    def both(dy, *arrays):
        with tf.GradientTape() as tape:
            tape.watch(arrays)
            y = function(*arrays)
        return y, *tape.gradient(y, arrays, dy)

    return both


def convolution(case):
    """Time one convolution, forward and backward, its floor and TensorFlow's: y, gradients of images, filters, biases.

    The floor is what im2col can't do without: three products with the matrix of all windows, one thread a core.
    """
    import tensorflow as tf

    from course_lib.fast_conv import conv2d, conv2d_backward
    from course_lib.threads import CORES, in_blocks, one_thread

    n, height, width, channels, filters, kernel, stride, padding = case
    x, w, b = draw(n, height, width, channels), draw(kernel, kernel, channels, filters), draw(filters)
    dy = draw(*conv2d(x, w, b, stride=stride, padding=padding)[0].shape)
    windows, errors, flat = draw(dy[..., 0].size, w[..., 0].size), dy.reshape(-1, filters), w.reshape(-1, filters)

    def ours():
        return conv2d_backward(dy, conv2d(x, w, b, stride=stride, padding=padding)[1])

    def products(block):
        return windows[block] @ flat, windows[block].T @ errors[block], errors[block] @ flat.T

    def floor():
        return in_blocks(products, len(windows), -(-len(windows) // CORES))

    theirs = with_gradients(lambda x, w, b: tf.nn.conv2d(x, w, stride, padding.upper()) + b)
    name = f"{n}×{height}×{width}×{channels} → {filters}, {kernel}×{kernel}, stride {stride}, {padding}"
    with one_thread():  # as in fit: threads of OpenBLAS's own would wait for more work on a core that we need
        times = in_turn(ours, floor, compiled(theirs, dy, x, w, b))
    return name, times, peak(ours) / windows.nbytes


def peak(function):
    """Return the most bytes that a call has in use at once, its results included."""
    tracemalloc.start()
    function()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def report_convolutions():
    rows, means = [], []
    for kind, cases in [("these sixteen shapes", CONVOLUTIONS), ("the others", OTHERS)]:
        ratios = []
        for name, times, memory in map(convolution, cases):
            mine, floor, theirs = np.median(times, axis=0)
            ratios.append(np.median(times[:, :1] / times[:, 1:], axis=0))
            low, _, high = quantiles(times[:, 0] / times[:, 2], n=4)
            over, ratio = ratios[-1]
            rows.append(f"| {name} | {mine:.2f} ms | {floor:.2f} ms | {over:.2f} | {theirs:.2f} ms | {ratio:.2f} | "
                        f"{low:.2f} to {high:.2f} | {memory:.1f} |")
        over, ratio = np.exp(np.log(ratios).mean(axis=0))
        means += ["", f"Geometric means of {kind}: {over:.2f} times the floor, {ratio:.2f} times TensorFlow's time."]
    return ["| convolution, forward and backward | NumPy | floor | ratio | TensorFlow | ratio | half of the rounds | "
            "memory / im2col |", "|---|--:|--:|--:|--:|--:|--:|--:|", *rows, "",
            "The floor: three matrix products of the size of the im2col matrix, alone, shared among the cores.", *means]


def layers():
    """Yield (name, ours, theirs) for pooling, batch normalization and dense layers, forward and backward."""
    import tensorflow as tf

    from course_lib import conv, normalization
    from course_lib.layers import dense, dense_backward

    def pair(forward, backward, *arrays):
        dy = draw(*forward(*arrays)[0].shape)
        return dy, lambda: backward(dy, forward(*arrays)[1])

    def batch_norm(x, gamma, beta):
        mean, variance = tf.nn.moments(x, [0, 1, 2])
        return tf.nn.batch_normalization(x, mean, variance, beta, gamma, 1e-3)

    for shape in IMAGES:
        x, gamma, beta, name = draw(*shape), draw(shape[-1]), draw(shape[-1]), "×".join(map(str, shape))
        dy, ours = pair(conv.max_pool2d, conv.max_pool2d_backward, x)
        theirs = with_gradients(lambda x: tf.nn.max_pool2d(x, 2, 2, "VALID"))
        yield f"max pooling 2×2, {name}", ours, compiled(theirs, dy, x)
        dy, ours = pair(conv.avg_pool2d, conv.avg_pool2d_backward, x)
        theirs = with_gradients(lambda x: tf.nn.avg_pool2d(x, 2, 2, "VALID"))
        yield f"average pooling 2×2, {name}", ours, compiled(theirs, dy, x)
        dy, ours = pair(normalization.batch_norm, normalization.batch_norm_backward, x, gamma, beta)
        yield f"batch norm, {name}", ours, compiled(with_gradients(batch_norm), dy, x, gamma, beta)
    for n, fan_in, fan_out in DENSE:
        x, w, b = draw(n, fan_in), draw(fan_in, fan_out), draw(fan_out)
        dy, ours = pair(dense, dense_backward, x, w, b)
        theirs = with_gradients(lambda x, w, b: x @ w + b)
        yield f"dense, {n}×{fan_in} → {fan_out}", ours, compiled(theirs, dy, x, w, b)


def report_layers():
    return ["| layer, forward and backward | NumPy | TensorFlow | ratio | half of the rounds |",
            "|---|--:|--:|--:|--:|", *(row(name, paired(ours, theirs)) for name, ours, theirs in layers())]


def networks():
    """Yield (name, network, TensorFlow's forward pass, Keras's layers) for notebook 08's network and a dense one."""
    import keras
    import tensorflow as tf

    from course_lib.models import conv_network, dense_network

    def small(h, w1, b1, w2, b2, *top):
        h = tf.nn.max_pool2d(tf.nn.relu(tf.nn.conv2d(h, w1, 1, "SAME") + b1), 2, 2, "VALID")
        h = tf.nn.max_pool2d(tf.nn.relu(tf.nn.conv2d(h, w2, 1, "SAME") + b2), 2, 2, "VALID")
        return dense(h, *top)

    def dense(h, *params):
        h = tf.reshape(h, (len(h), -1))
        *hidden, (w, b) = zip(params[::2], params[1::2], strict=True)
        for v, c in hidden:
            h = tf.nn.relu(h @ v + c)
        return h @ w + b

    def convolution():
        return keras.layers.Conv2D(1, 3, padding="same", activation="relu"), keras.layers.MaxPool2D()

    def top(*widths):
        return keras.layers.Flatten(), *(keras.layers.Dense(n, "relu") for n in widths), keras.layers.Dense(10)

    rng = np.random.default_rng(0)
    yield ("28×28 → [conv 3×3, 1 filter, ReLU, pool] × 2 → 49 → 49 → 10", conv_network([1, 1], [49], rng=rng), small,
           [*convolution(), *convolution(), *top(49)])
    yield "784-300-100-10", dense_network([300, 100], rng=rng), dense, top(300, 100)


def tensorflow_step(forward, network, x, y, **options):
    """Return one step of training in TensorFlow, compiled, on a batch that it already holds."""
    import tensorflow as tf

    variables = [tf.Variable(value) for value in network.params.values()]
    x, y = tf.constant(x), tf.constant(y.astype(np.int32))

    @tf.function(**options)
    def step(x, y):
        with tf.GradientTape() as tape:
            logits = forward((tf.cast(x, tf.float32)[..., None] - MNIST_MEAN) / MNIST_STD, *variables)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits))
        for variable, gradient in zip(variables, tape.gradient(loss, variables), strict=True):
            variable.assign_sub(0.01 * gradient)
        return loss

    return lambda: float(step(x, y))


def keras_step(layers, x, y):
    """Return one step of training by Keras's train_on_batch."""
    import keras

    scale = keras.layers.Rescaling(1 / MNIST_STD, -MNIST_MEAN / MNIST_STD)
    model = keras.Sequential([keras.Input((28, 28, 1)), scale, *layers])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.01), loss)
    x = x[..., None]
    return lambda: model.train_on_batch(x, y)


def report_steps():
    from course_lib.optimizers import sgd
    from course_lib.threads import one_thread
    from course_lib.training import History, Step

    data, rows = load_mnist(), []
    x, y = data.x_train[:64], data.y_train[:64]
    for name, network, forward, layers in networks():
        step, history = Step(network, sgd, 0.01), History()

        def ours(step=step, history=history):
            with one_thread():  # as in fit
                step(x, y, history)

        others = {"compiled `tf.function`": tensorflow_step(forward, network, x, y),
                  "`tf.function`, jit_compile": tensorflow_step(forward, network, x, y, jit_compile=True),
                  "Keras `train_on_batch`": keras_step(layers, x, y)}
        rows += [row(f"{name} | {other}", paired(ours, theirs)) for other, theirs in others.items()]
    return ["| training step, batch of 64, SGD | against | NumPy | TensorFlow | ratio | half of the rounds |",
            "|---|---|--:|--:|--:|--:|", *rows]


def bare(function):
    """Return what a function does without its checks."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function


def report_checks():
    """Time `fit` with the library's functions beside the same ones without their checks."""
    from course_lib import activations, layers, models, optimizers, training

    data, loss = load_mnist().first(2560, valid=64), training.softmax_cross_entropy

    def train(depth, pick):
        rng, pair = np.random.default_rng(0), (pick(activations.relu), pick(activations.relu_derivative))
        network = models.deep_network(depth, 100, pair, rng=rng, dense=pick(layers.dense))
        for layer in network.layers:
            layer.backward = pick(layer.backward)
        training.softmax_cross_entropy = pick(loss)
        pick(training.fit)(network, data, pick(optimizers.sgd), lr=0.01, rng=rng, progress=False)

    def same(function):
        return function

    rows = []
    for depth in (10, 50):
        times = in_turn(partial(train, depth, same), partial(train, depth, bare))
        checked, plain = np.sort(times, axis=0)[: len(times) // 3 + 1].mean(axis=0)
        rows.append(f"| {depth} × 100 | {checked:.0f} ms | {plain:.0f} ms | {checked / plain:.2f} |")
    training.softmax_cross_entropy = loss
    return ["| `fit`, 40 steps of 64, the quickest third | with checks | without | ratio |", "|---|--:|--:|--:|", *rows]


def report_mnist():
    """Train on MNIST, NumPy alone, and say how long it takes and how good it gets."""
    from course_lib.initializers import he_normal
    from course_lib.models import conv_network, dense_network
    from course_lib.optimizers import adam
    from course_lib.schedules import one_cycle
    from course_lib.training import accuracy, fit

    data, rows = load_mnist(), []
    for name, make, epochs in [
        ("784-300-100-10", partial(dense_network, [300, 100], initializer=he_normal), 10),
        ("28×28 → [conv 3×3, ReLU, pool] with 16, 32 filters → 64 → 10", partial(conv_network, [16, 32], [64]), 4),
    ]:
        rng, start = np.random.default_rng(0), time.perf_counter()
        network = make(rng=rng)
        schedule = partial(one_cycle, lr=0.003, steps=epochs * -(-len(data.x_train) // 64))
        fit(network, data, adam, lr=schedule, rng=rng, epochs=epochs, progress=False)
        seconds = time.perf_counter() - start
        rows.append(f"| {name} | {epochs} | {seconds:.0f} s | {accuracy(network, data.x_test, data.y_test):.2%} |")
    return ["| MNIST with `fit`, Adam, one cycle, batches of 64 | epochs | time | test accuracy |", "|---|--:|--:|--:|",
            *rows]


def report():
    """Return all tables, as lines of Markdown."""
    note = "Median of at least 5 rounds, in each of which both are run in turn, on the same arrays in float32."
    lines = ["## The library beside TensorFlow, on the same cores", "", note]
    for part in (report_convolutions, report_layers, report_steps, report_checks, report_mnist):
        lines += ["", *part()]
    return lines


if __name__ == "__main__":
    print("\n".join(report()))
