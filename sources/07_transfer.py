# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 07 · Transfer learning without magic
#
# Five images of each digit are all you have, and a network learns them badly. Another network has seen 4,000 images of *other* digits. Its first layers know what strokes look like. How do you take them over, train only what is new, and prove that nothing else has moved? Without a high-level API, so that you see what really happens.
#
# Afterwards you can
#
# - retrain the last one or two layers of a network with variables and a gradient tape alone, in four ways, and say what each costs,
# - copy layers, freeze them, cache what they give, and bring weights from another framework,
# - say when reuse pays and when training anew does as well,
# - find the classic bug: a frozen layer that moves.
#
# You need notebook 01; 04 helps with batch norm, 06 with dropout. {{measured}}

# %% [markdown]
# ## Five images of each digit
#
# The set-up: processor or graphics card, one seed for everything random, and helpers of the course that the exercises below build on. This notebook is about TensorFlow from its first cell on.

# %%
import keras
import numpy as np
import tensorflow as tf

from course_lib.backend import release_memory, seed_everything, use_backend
from course_lib.claims import claim
from course_lib.contracts import refuse_misfits
from course_lib.exercises import check, hint, predict, progress, quiz, use
from course_lib.transfer import named_variables, refuse_changing, statistics_kept

use_backend()
seed = seed_everything()

# %% [markdown]
# The digits 5 to 9 are the new task, five images of each, 25 in all. A convolutional network of 3.3 million weights is to learn them from nothing. How many of the images that it hasn't seen will it get right? Guessing gives 20%.

# %%
guess_few = predict("few-images", "Share of new images right, after 25:", low=0, high=100, unit="%")
guess_few

# %% [markdown]
# MNIST in two halves: the digits 0 to 4, of which 4,000 images will do, and 5 to 9, which get the labels 0 to 4. 1,000 validation images of either half will judge the networks.

# %%
from course_lib.datasets import load_mnist, per_class

data = load_mnist()

def among(x, y, low, high, most):
    there = np.flatnonzero((y >= low) & (y <= high))[:most]
    return x[there, :, :, None].astype(np.float32) / 255, (y[there] - low).astype(np.int32)

known, rest = among(data.x_train, data.y_train, 0, 4, 4000), among(data.x_train, data.y_train, 5, 9, 2000)
x_old, y_old = among(data.x_valid, data.y_valid, 0, 4, 1000)
x_new, y_new = among(data.x_valid, data.y_valid, 5, 9, 1000)

# %% [markdown]
# The network is nothing but variables and two functions. Its variables: 32 filters of 5 × 5, 64 filters on those, a dense layer of 1,024 units, and five outputs, drawn by He (notebook 02). They are made once; whatever network is wanted below, its numbers are put into them.

# %%
from course_lib.initializers import he_normal

SHAPES = {"conv1/w": (5, 5, 1, 32), "conv1/b": (32,), "conv2/w": (5, 5, 32, 64), "conv2/b": (64,),
          "dense/w": (3136, 1024), "dense/b": (1024,), "out/w": (1024, 5), "out/b": (5,)}

def draw(rng):
    return {name: he_normal(s, rng) if len(s) > 1 else np.zeros(s, np.float32) for name, s in SHAPES.items()}

v = {name: tf.Variable(array, name=name) for name, array in draw(np.random.default_rng(seed)).items()}

def put(arrays):
    for name, array in arrays.items():
        v[name].assign(array)

# %% [markdown]
# The *body*: twice a convolution, ReLU and a pool that halves both sides, from 28 × 28 to 7 × 7 pixels with 64 channels, which are made a row of 3,136 numbers.

# %%
def body(x):
    for name in ("conv1", "conv2"):
        x = tf.nn.relu(tf.nn.conv2d(x, v[f"{name}/w"], 1, "SAME") + v[f"{name}/b"])
        x = tf.nn.max_pool2d(x, 2, 2, "VALID")
    return tf.reshape(x, (-1, 3136))

# %% [markdown]
# The *head*: two dense layers with dropout between them in training (notebook 06). Its masks come from a generator of its own, so that two networks can be given the same masks.

# %%
def make_head(mask_seed):
    masks = tf.random.Generator.from_seed(mask_seed)
    def head(h, training=False):
        h = tf.nn.relu(h @ v["dense/w"] + v["dense/b"])
        if training:
            h = tf.nn.experimental.general_dropout(h, 0.5, uniform_sampler=masks.uniform)
        return h @ v["out/w"] + v["out/b"]
    return head

# %% [markdown]
# Body and head together are the network: a function of images that is also told whether it is being trained. Nothing else is needed to have a network; layers and models are ways to keep order.

# %%
def make_network(mask_seed):
    head = make_head(mask_seed)
    return lambda x, training=False: head(body(x), training)

# %% [markdown]
# Training in its plainest form: run the model and its loss under a gradient tape, ask the tape for the gradients, hand them to an optimizer. `tf.function` makes a graph of the step, which runs faster.

# %%
def loss(y, logits):
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(tf.cast(y, tf.int32), logits))

def plain_step(model, variables, optimizer):
    def step(x, y):
        with tf.GradientTape() as tape:
            value = loss(y, model(x, training=True))
        optimizer.apply(tape.gradient(value, variables), variables)
        return value
    return tf.function(step)

# %% [markdown]
# `learn` draws a batch of at most 50 images at random for each step. `right` asks for the share of right answers, 50 images at a time, since all at once would need much memory.

# %%
def learn(step, x, y, steps, rng, size=50):
    for _ in range(steps):
        rows = rng.permutation(len(x))[:size]
        step(tf.constant(x[rows]), tf.constant(y[rows]))

def right(model, x, y):
    parts = [model(x[i : i + 50]).numpy().argmax(axis=1) for i in range(0, len(x), 50)]
    return np.mean(np.concatenate(parts) == y)

# %% [markdown]
# Six networks learn, each from weights of its own and another 25 images, forty steps each by momentum (notebook 05). That is enough to know the images by heart (notebook 06). Momentum remembers its steps, so it has to forget before the next network begins.

# %%
few = [per_class(*rest, 5, np.random.default_rng(6 * seed + i)) for i in range(6)]
network, momentum = make_network(mask_seed=seed), keras.optimizers.SGD(0.02, momentum=0.9)
momentum.build(list(v.values()))
train_all = plain_step(network, list(v.values()), momentum)

def learn_anew(arrays, step, optimizer, x, y, steps, rng):
    put(arrays)
    for velocity in optimizer.momentums:
        velocity.assign(tf.zeros_like(velocity))
    learn(step, x, y, steps, rng)

# %% [markdown]
# The 1,000 images of the digits 5 to 9 that judge are new to all six networks. What share does each of them get right, and do the six agree?

# %%
def from_scratch(i):
    rng = np.random.default_rng(6 * seed + i)
    learn_anew(draw(rng), train_all, momentum, *few[i], 40, rng)
    return right(network, x_new, y_new)

scratch = [from_scratch(i) for i in range(6)]

# %% [markdown]
# Millions of functions fit 25 images, and most of them say nonsense about the next image. About every fifth is wrong here, where the same network with all images makes hardly any error.

# %%
guess_few.against(100 * np.mean(scratch))

# %% [markdown]
# Now the same network on the digits that there are plenty of, 0 to 4, 120 steps of 50 images. It never sees any other digit. `trained` keeps its weights as plain arrays. What training has freed is handed back to the system: a small machine may need it.

# %%
rng = np.random.default_rng(seed)
learn_anew(draw(rng), train_all, momentum, *known, 120, rng)
trained = {name: variable.numpy() for name, variable in v.items()}
known_right = right(network, x_old, y_old)
release_memory()

# %% [markdown]
# Half a minute ago these were random numbers. They know nothing of the digits 5 to 9, and their five outputs stand for others. The rest of this notebook is about what can be made of them all the same.

# %%
claim("The network gets more than 96% of the digits 0 to 4 right", known_right > 0.96, f"{known_right:.1%}")

# %% [markdown]
# ## Only these variables
#
# A question that people really ask: *I have a trained network of plain variables. How do I retrain only its last one or two layers?* The whole answer is in one function: which variables the tape is asked about, and which the optimizer is given.
#
# **Exercise `train_step`** (3 points). Run `model(x, training=True)` and `loss(y, outputs)` under a tape, compute the gradients of the given variables, let `optimizer.apply(gradients, variables)` move them, and return the loss before the step. Nothing but the given variables may change.
#
# The course's own function does two things more, which aren't asked here: it adds the penalties of Keras's layers (the bug of notebook 06), and keeps the statistics of batch norm from moving (the bug at the end of this one).
#
# Worked example: a model $wx + b$ with $w = 2$, $b = 1$, loss $\frac12(\text{output} - y)^2$, $x = 3$, $y = 5$: output 7, gradients 6 and 2. With a rate of 0.1 and only $b$ given: $b = 0.8$, $w$ stays 2, and 2 is returned.

# %% tags=["exercise"]
train_step

# %% [markdown]
# Four ways to retrain the last two layers, all of which are in use. Here they are set up to learn from the same batches with the same dropout masks. First, the clumsiest: train everything, and after each step **put back** what should have stayed.

# %%
HEAD = ["dense/w", "dense/b", "out/w", "out/b"]
BODY = [name for name in SHAPES if name not in HEAD]

def put_back(mask_seed, optimizer):
    step = plain_step(make_network(mask_seed), list(v.values()), optimizer)
    def restoring(x, y):
        saved = {name: v[name].numpy() for name in BODY}
        step(x, y)
        put(saved)
    return restoring

# %% [markdown]
# Second: hand **only the chosen variables** to the tape and the optimizer, with your function, so that nothing need be put back. `graph_step` makes a graph of it, as above; the list of variables is all that it takes.

# %%
def graph_step(model, optimizer, variables):
    return tf.function(lambda x, y: train_step(model, loss, x, y, optimizer, variables))

def chosen_only(mask_seed, optimizer):
    return graph_step(make_network(mask_seed), optimizer, [v[name] for name in HEAD])

# %% [markdown]
# Third: **stop the gradient** between body and head. `tf.stop_gradient` hands numbers through and errors not. Then even a tape that is asked about everything finds nothing below: `None` is what it answers there.

# %%
def stopped(mask_seed, optimizer):
    head, variables = make_head(mask_seed), [v[name] for name in HEAD]
    model = lambda x, training=False: head(tf.stop_gradient(body(x)), training)
    return plain_step(model, variables, optimizer)

# %% [markdown]
# Fourth: what the body makes of an image never changes, so compute it once and **cache** it.
#
# **Exercise `cached_outputs`** (2 points). Given a list of layers (functions or Keras layers, from the lowest up), inputs and a batch size, return the outputs of the last as one NumPy array, computed batch by batch. A layer that does something else in training than in use, as dropout does, can't be cached: call `refuse_changing(layers, x[:32])` first, which raises a ValueError for those.
#
# Worked example: layers $x \mapsto x + 1$ and $x \mapsto 2x$, inputs (1, 2, 3), batch size 2: the batches (1, 2) and (3) give (4, 6) and (8), together (4, 6, 8).

# %% tags=["exercise"]
cached_outputs

# %% [markdown]
# With a cache the network that learns is the head alone: its step gets cached rows of 3,136 numbers in place of images. Everything else is as in the second way.

# %%
def on_cache(mask_seed, optimizer):
    return graph_step(make_head(mask_seed), optimizer, [v[name] for name in HEAD])

ways = {"put back": put_back, "chosen only": chosen_only, "stop gradient": stopped, "cache": on_cache}

# %% [markdown]
# Twenty steps each, from the same weights, on 200 new images, by plain gradient descent. Before you run it: do all four end with the same head, and with the old body?

# %%
x, y = per_class(*rest, 40, np.random.default_rng(seed))
cache = cached_outputs([body], x, 50)
steps = {way: make(mask_seed=7, optimizer=keras.optimizers.SGD(0.01)) for way, make in ways.items()}

def retrained(way):
    put(trained)
    learn(steps[way], cache if way == "cache" else x, y, 20, np.random.default_rng(seed))
    same = all(np.array_equal(v[name], trained[name]) for name in BODY)
    return {name: v[name].numpy() for name in HEAD}, same

ends = {way: retrained(way) for way in ways}

# %% [markdown]
# So backpropagation isn't different when it stops early: the gradients of the upper layers need the body's outputs, not its gradients. What differs is only how much is computed in vain.

# %%
first, _ = ends["put back"]
far = max(np.abs(head[name] - first[name]).max() for head, _ in ends.values() for name in HEAD)
moved = np.abs(first["out/w"] - trained["out/w"]).max()
claim("All four ways end with the same head within 1e-5, which has moved, and with the old body bit for bit",
      far < 1e-5 and all(same for _, same in ends.values()) and moved > 1e-3,
      f"{far:.0e} apart, moved by up to {moved:.3f}")
del ends  # three million numbers each
release_memory()

# %% [markdown]
# ### What each costs
#
# Count before you measure. A convolution of a $5 \times 5$ kernel takes $25 \cdot c_{in} \cdot c_{out}$ multiply-adds for each pixel, a dense layer inputs times units. Backwards each layer that is trained takes as much again for the gradient of its weights, and as much again for the error that it passes down, except the lowest, which passes nothing.

# %%
forwards = {"conv1": 28 * 28 * 25 * 32, "conv2": 14 * 14 * 25 * 32 * 64, "dense": 3136 * 1024, "out": 1024 * 5}
bottom, top = forwards["conv1"] + forwards["conv2"], forwards["dense"] + forwards["out"]
millions = {"put back": (3 * (bottom + top) - forwards["conv1"]) / 1e6,
            "chosen only": (bottom + 3 * top - forwards["dense"]) / 1e6,
            "stop gradient": (bottom + 3 * top - forwards["dense"]) / 1e6,
            "cache": (3 * top - forwards["dense"]) / 1e6}

# %% [markdown]
# And memory: what must be kept until the gradients are computed. For whoever goes down to the bottom that is what every layer gave, 32 channels of 28 × 28 and so on; the others keep only what the head needs. Putting back holds copies of the body's weights as well.

# %%
kept_head = 3136 + 2 * 1024
kept_all = 28 * 28 * 33 + 14 * 14 * (32 + 64) + 7 * 7 * 64 + kept_head
copies = sum(trained[name].size for name in BODY)
megabytes = {"put back": 4 * (50 * kept_all + copies) / 1e6, "chosen only": 4 * 50 * kept_head / 1e6,
             "stop gradient": 4 * 50 * kept_head / 1e6, "cache": 4 * 50 * kept_head / 1e6}

# %% [markdown]
# Now the clock. Each way takes a step in turn, so that whatever else this machine does disturbs them alike; the three quickest of nine rounds are shown.

# %%
from course_lib.measuring import nanoseconds

x50, cache50, y50 = (tf.constant(part[:50]) for part in (x, cache, y))

def timed(way):
    return lambda _: steps[way](cache50 if way == "cache" else x50, y50)

times = nanoseconds({way: timed(way) for way in ways}, np.zeros(1), rounds=9)

# %% [markdown]
# From left to right: milliseconds for a step of 50 images, measured; millions of multiply-adds for an image, and megabytes for a batch, counted. Do time and work go together?

# %%
from course_lib import plots

plots.table_chart({"ms a step": {way: t / 1e6 for way, t in times.items()}, "M multiply-adds": millions,
                   "MB kept": megabytes}, title="Putting back computes much in vain, a cache nothing")

# %% [markdown]
# The second and third way compute the same. Stopping early saves the two thirds that go backwards through the body; a cache saves the last third as well, and is paid for with memory of another kind: 3,136 numbers for each image, which is four times the image itself. Did we count right? TensorFlow can count the operations of a graph, too (a multiply-add is two).

# %%
tf.get_logger().setLevel("ERROR")  # the counter says of itself that it is old

def counted(way):
    graph = steps[way].get_concrete_function(cache50 if way == "cache" else x50, y50).graph
    options = tf.compat.v1.profiler.ProfileOptionBuilder.float_operation() | {"output": "none"}
    return tf.compat.v1.profiler.profile(graph, options=options).total_float_ops / 2 / 50 / 1e6

theirs = {way: counted(way) for way in ("chosen only", "stop gradient", "cache")}

# %% [markdown]
# It counts a few things more than the products: sums, ReLU, the masks, the loss. So the two counts agree but for a few percent, and the factors between the ways are the same.

# %%
off = max(abs(n / millions[way] - 1) for way, n in theirs.items())
claim("TensorFlow's own count agrees within 5%, and a cache saves more than half of the work",
      off < 0.05 and theirs["cache"] < theirs["chosen only"] / 2,
      ", ".join(f"{way} {n:.1f} and {millions[way]:.1f} M" for way, n in theirs.items()))

# %% [markdown]
# Does the cache save just what the frozen layers' forward pass costs? Compare the step on the cache with the step without, minus the body alone. And how much faster can it get, if only the very last layer is trained and everything below it is cached?

# %%
below = lambda x: tf.nn.relu(body(x) @ v["dense/w"] + v["dense/b"])
top_layer = lambda h, training=False: h @ v["out/w"] + v["out/b"]
whole = lambda x, training=False: top_layer(below(x))
uncached, cached = (graph_step(model, keras.optimizers.SGD(0.01), [v["out/w"], v["out/b"]])
                    for model in (whole, top_layer))
hidden50 = below(x50)

# %% [markdown]
# These are times of this machine at this moment. Where a step is as small as the last one, what counts is no longer arithmetic but the calls around it.

# %%
run_body = tf.function(body)
calls = {"body": lambda _: run_body(x50), "last, uncached": lambda _: uncached(x50, y50),
         "last, cached": lambda _: cached(hidden50, y50)}
calls |= {way: timed(way) for way in ("chosen only", "cache")}
for call in calls.values():
    call(None)
quickest = {name: t[0] / 1e6 for name, t in nanoseconds(calls, np.zeros(1), rounds=15).items()}
print(f"last two layers: {quickest['cache'] / (quickest['chosen only'] - quickest['body']):.2f} of what is expected")
print(f"last layer: {quickest['last, uncached'] / quickest['last, cached']:.0f} times faster with a cache")

# %% [markdown]
# ## Lower layers of one network in another
#
# Now with Keras's layers, and a smaller network, of which some layers are locked and others go on learning. Its inputs are the 500 pixels that vary most among the digits 0 to 4, standardized; hidden layers of 300, 100 and 50 units; five outputs. It learns 6,000 images of the digits 0 to 4 first.

# %%
from course_lib.studies.thawing import digits, standardized

def dense_model():
    sizes = {"hidden1": 300, "hidden2": 100, "hidden3": 50}
    layers = [keras.layers.Dense(n, "relu", kernel_initializer="he_normal", name=name) for name, n in sizes.items()]
    return keras.Sequential([keras.Input((500,)), *layers, keras.layers.Dense(5, name="output")])

source = dense_model()
source.compile(keras.optimizers.Adam(0.001), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
x_source, y_source, *_ = digits(0, 4).first(6000)
_ = source.fit(standardized(x_source), y_source, batch_size=100, epochs=3, verbose=0)

# %% [markdown]
# A new network for the digits 5 to 9. Layers are copied by name; two of them are frozen, the third is copied and goes on learning, the output layer is new. `freeze` returns the variables that are left to train.

# %%
from course_lib.transfer import assert_only_changed, copy_layers, freeze

target = dense_model()
copied = copy_layers(source, target, "hidden*")
left = freeze(target, ["hidden1", "hidden2"])
print("copied:", ", ".join(copied))
print("left to train:", ", ".join(variable.path for variable in left))

# %% [markdown]
# Names can be wrong, and a wrong name must not pass in silence: a layer that was to be frozen and wasn't is found weeks later. So a pattern that matches nothing is an error, which tells what there is; and nothing has been changed.

# %%
try:
    freeze(target, ["hidden1", "hiden2"])
except ValueError as error:
    print(error)

# %% [markdown]
# Train a hundred steps, with a guard around it: `assert_only_changed` compares all weights and statistics before and after, bit for bit, and raises an error if anything moved that no pattern names.

# %%
new_digits = digits(5, 9)
xd, yd = per_class(new_digits.x_train, new_digits.y_train, 100, np.random.default_rng(seed))
xd = standardized(xd)
before = {name: variable.numpy() for name, variable in named_variables(target).items()}
whole_step = graph_step(target, keras.optimizers.SGD(0.05), left)
with assert_only_changed(target, ["hidden3", "output"]):
    learn(whole_step, xd, yd, 100, np.random.default_rng(seed))

# %% [markdown]
# The same with the second hidden layer's outputs cached: the upper half of the network as a model of its own, with the weights that it had before, and the same batches.

# %%
upper = keras.Sequential([keras.Input((100,)), keras.layers.Dense(50, "relu", name="hidden3"),
                          keras.layers.Dense(5, name="output")])
for name, variable in named_variables(upper).items():
    variable.assign(before[name])
cached = cached_outputs(target.layers[:2], xd, 100)
upper_step = graph_step(upper, keras.optimizers.SGD(0.05), upper.trainable_variables)
learn(upper_step, cached, yd, 100, np.random.default_rng(seed))

# %% [markdown]
# Equal, up to rounding, for a small part of the work: of the 185,250 multiply-adds of a forward pass 180,000 are made once for each image instead of once for each image and epoch.

# %%
ends = named_variables(target)
far = max(np.abs(w.numpy() - ends[name].numpy()).max() for name, w in named_variables(upper).items())
moved = np.abs(before["hidden3/kernel"] - ends["hidden3/kernel"].numpy()).max()
saved = (500 * 300 + 300 * 100) / (500 * 300 + 300 * 100 + 100 * 50 + 50 * 5)
claim("On cached outputs the same weights are learned within 1e-5, and 97% of the forward multiply-adds are saved",
      far < 1e-5 and moved > 1e-3 and round(saved, 2) == 0.97, f"{far:.0e} apart, {saved:.1%} saved")

# %% [markdown]
# Forwards only a thirty-fifth of the work is left. Is a step 35 times as fast, then? Guess, before you read what this machine says: the weights move on a little in it, which no longer matters.

# %%
x_part, cached_part, y_part = (tf.constant(part[:50]) for part in (xd, cached, yd))
both = {"whole": lambda _: whole_step(x_part, y_part), "cached": lambda _: upper_step(cached_part, y_part)}
quickest = {name: t[0] / 1e6 for name, t in nanoseconds(both, np.zeros(1), rounds=30).items()}
print(f"{quickest['whole']:.2f} and {quickest['cached']:.2f} ms, {quickest['whole'] / quickest['cached']:.1f} times as fast")

# %% [markdown]
# Far from it. In steps as small as these most of the time goes into calling them, not into arithmetic. What a cache saves is the work; whether that is time depends on how large the frozen part is: with the convolutions above it was.
#
# ### Part of a network, on disk
#
# What is copied by name can be saved by name: the hidden layers of this network, without its output layer, as arrays in an .npz file. No framework is needed to read it, and no code is in it that could run.

# %%
from pathlib import Path
from tempfile import TemporaryDirectory
from course_lib.transfer import matching

home = TemporaryDirectory()
path, names = Path(home.name) / "hidden.npz", matching(named_variables(target), "hidden*")
np.savez(path, **{name: named_variables(target)[name].numpy() for name in names})
other = dense_model()
with np.load(path, allow_pickle=False) as file:
    for name in file.files:
        named_variables(other)[name].assign(file[name])

# %% [markdown]
# Are all hidden layers there again, to the last bit, and has the new network kept its own output layer? The order of the names is that of the layers.

# %%
pairs = [(named_variables(other)[name].numpy(), named_variables(target)[name].numpy()) for name in ends]
equal = [np.array_equal(a, b) for a, b in pairs]
claim("The six arrays that were saved are restored bit for bit, the output kernel isn't touched",
      names == list(ends)[:6] and all(equal[:6]) and not equal[6], f"{sum(equal[:6])} of 6 equal")

# %% [markdown]
# ### Weights from another framework
#
# Arrays travel, layouts differ. PyTorch, among others, keeps what goes out first and channels before pixels: dense kernels are (outputs, inputs), filters (outputs, channels, height, width). Here are the weights of our convolutional network as they would come from there. (We make the file ourselves, so that nothing need be downloaded.)

# %%
turn = {4: lambda w: w.transpose(3, 2, 0, 1), 2: lambda w: w.T, 1: lambda b: b}
foreign_path = Path(home.name) / "foreign.npz"

def elsewhere():
    for name, array in trained.items():
        layer, kind = name.split("/")
        if name == "dense/w":
            array = array.reshape(7, 7, 64, 1024).transpose(2, 0, 1, 3).reshape(3136, 1024)
        yield f"{layer}.{'weight' if kind == 'w' else 'bias'}", turn[array.ndim](array)

np.savez(foreign_path, **dict(elsewhere()))

# %% [markdown]
# What is in the file? An .npz is a box of named arrays; `allow_pickle=False` says that nothing but arrays is to be read. Compare the shapes with `SHAPES` above: which axes have changed places?

# %%
with np.load(foreign_path, allow_pickle=False) as file:
    print({name: file[name].shape for name in file.files})

# %% [markdown]
# The third trap isn't seen in any shape: where an image is flattened, its rows come pixel by pixel here and channel by channel there. So the rows of the first dense kernel stand in another order.
#
# **Exercise `import_weights`** (3 points). Given variables by name ("conv/kernel", "conv/bias"), arrays by name ("conv.weight", "conv.bias") and, for dense layers behind a flattened image, its (height, width, channels), assign all arrays in our layout. If any is missing, unexpected or of another shape, raise a ValueError that names them all, before anything is assigned; `refuse_misfits(who, found, wanted)` does that for two dictionaries.
#
# Worked example: "fc.weight" of shape (3, 2), $\begin{pmatrix}1&2\\3&4\\5&6\end{pmatrix}$, becomes "fc/kernel" $\begin{pmatrix}1&3&5\\2&4&6\end{pmatrix}$. Filters (4, 2, 3, 3) become (3, 3, 2, 4).

# %% tags=["exercise"]
import_weights

# %% [markdown]
# Import them over new numbers, once with the size of the flattened image and once without. Both go through without an error: the shapes are the same. How many of the digits 0 to 4 does each get right?

# %%
def adopt(flattened):
    put(draw(np.random.default_rng(seed)))
    ours = {name.replace("/w", "/kernel").replace("/b", "/bias"): variable for name, variable in v.items()}
    with np.load(foreign_path, allow_pickle=False) as file:
        import_weights(ours, dict(file), flattened)
    return right(network, x_old, y_old)

with_sizes, without = adopt({"dense": (7, 7, 64)}), adopt({})

# %% [markdown]
# A network whose first dense layer reads its inputs in another order is a network with a shuffled layer. Nothing complains; only the answers are wrong. So after every import, compare outputs with the original.

# %%
claim("Imported in the right order it answers as before; with rows in the wrong order at least 20 points worse",
      abs(with_sizes - known_right) < 1e-3 and without < known_right - 0.2, f"{with_sizes:.1%} and {without:.1%}")

# %% [markdown]
# ## How many layers?
#
# Freeze all, thaw some, drop the upper ones, or begin anew? The dense network of above was tried in nineteen ways with 2 to 100 images of each new digit: three seeds, 400 steps of 20 images for each, the better of two learning rates by validation. These are 570 runs of a second, so they are stored. Which way will win with two images of each digit?

# %%
guess_way = predict("two-images", "With 2 images of each digit the best share of right answers has…",
                    options=["all layers frozen", "all thawed", "the lowest thawed, others dropped", "a new network"])
guess_way

# %% [markdown]
# A column for each way: its letters stand for the three hidden layers, from the lowest up: **F**rozen copy, **T**hawed copy, **N**ew, **D**ropped. NNN is a new network. A row for each number of images; the best of each row has a frame.

# %%
from course_lib.studies import load
from course_lib.studies.thawing import IMAGES, STUDY, accuracies, retrain

shown = ("FFF", "FFT", "FTT", "TTT", "FFN", "FNN", "FFD", "FDD", "TDD", "NDD", "NNN")
stored = accuracies(load(STUDY))
table = {f"{n} images": {way: stored[way, n] for way in shown} for n in IMAGES}
plots.rate_map(table, title="The more is kept frozen, the sooner it ends", label="test accuracy", xlabel="way")

# %% [markdown]
# Frozen to the top, the network is worst in every row: its upper layers have learned to tell apart 0 to 4, and have thrown away what tells 5 from 6. The best with few images keeps the lowest layer only, lets it go on learning, and drops the rest. But that changes two things at once, since a network without upper layers is smaller, too. NDD is the control: the same shape, all new. What was copied is worth the difference between TDD and NDD.

# %%
mean = {key: 100 * np.mean(values) for key, values in stored.items()}
worth = {n: mean["TDD", n] - mean["NDD", n] for n in IMAGES}
claim("Frozen to the top it is the worst of all ways, whatever the number of images",
      all(mean["FFF", n] == min(mean[way, n] for way in shown) for n in IMAGES),
      ", ".join(f"{n} images {mean['FFF', n]:.1f}%" for n in IMAGES))
claim("The lowest layer, copied, is worth more than 1 point with 2 to 12 images of each digit, less with 40 or 100",
      min(worth[n] for n in (2, 4, 12)) > 1 > max(worth[40], worth[100]),
      ", ".join(f"{n} images {points:+.1f}" for n, points in worth.items()))
guess_way.against("the lowest thawed, others dropped")

# %% [markdown]
# Stored numbers are to be believed only if they can be made again. One of the runs, here and now: everything thawed, 40 images of each digit, the seed of this notebook.

# %%
from course_lib.training import accuracy

again = accuracy(retrain("TTT", 40, 0.001, seed), standardized(new_digits.x_test), new_digits.y_test)
claim("The live run is within 4 points of the stored mean", abs(100 * again - mean["TTT", 40]) < 4,
      f"{again:.1%}, stored {mean['TTT', 40]:.1f}%")

# %% [markdown]
# So reuse pays a little here, as long as images are few. A dense network's layers know where in the image a stroke is; convolutional layers know what a stroke looks like, wherever it is. That is why transfer is told of in stories about images, and those stories are about convolutions. The end of this notebook tries it.
#
# ## Explore it yourself
#
# The same study with your hands: each hidden layer frozen, thawed or dropped. Three parts: the layers as blocks, as long as their work, forwards and backwards; the share of test images that are right, beside a new network; and the time of a step, measured on this machine, beside what the work alone would take. First a picture that stands still.

# %%
from course_lib.widgets.freezer import freezer, freezer_explorer

freezer("frozen", "frozen", "thawed").figure()

# %% [markdown]
# The same with controls. The network is drawn as it stands: the highest hidden layer on top. **Try this:**
#
# 1. Freeze all three layers, then thaw them one by one from the top. How do work and accuracy change with 100 images of each digit?
# 2. Freeze all and switch the cache on. By what factor does the work fall, and by what factor the time?
# 3. Thaw only the lowest layer. What does the error have to pass through, and what does that cost?
#
# <details><summary>What we found</summary>1. Accuracy rises with every layer that is thawed, most with the first (from 76% over 87% and 92% to 94%), and work grows to a bit more than double. 2. The work falls to less than a hundredth, the time to about a third: what is left is the calls themselves. 3. Through both frozen layers: no gradient of their weights is computed, but the error passes down, so the step takes about three quarters of the time of one with all three thawed: the lowest layer is by far the largest.</details>

# %%
explorer = freezer_explorer()
explorer

# %% [markdown]
# ## Only the biases
#
# Another question that was really asked: *a network was made small by replacing each matrix by one of low rank. It got worse. Can training only the biases repair it?* A matrix of rank $r$ is the product of two narrow ones, $n \times r$ and $r \times m$, so it takes $r (n + m)$ numbers instead of $n m$.
#
# $$w = \sum_i s_i \, u_i v_i^{\mathsf T}, \qquad s_1 \ge s_2 \ge \dots \ge 0$$
#
# is its *singular value decomposition*: a sum of matrices of rank 1, of which the first $r$ are the best that rank $r$ can do (Eckart and Young, 1936): no other matrix of that rank has a smaller sum of squared differences.
#
# **Exercise `low_rank`** (2 points). Return the nearest matrix of rank `rank`, in `w`'s shape and dtype; filters (height, width, channels, filters) are taken as a matrix whose columns are the filters. `np.linalg.svd(matrix, full_matrices=False)` returns $u$, $s$ and $v^{\mathsf T}$. Worked example: $\begin{pmatrix}2&0\\0&1\end{pmatrix}$ at rank 1 is $\begin{pmatrix}2&0\\0&0\end{pmatrix}$.

# %% tags=["exercise"]
low_rank

# %% [markdown]
# **Exercise `bias_variables`** (1 point). Return the list of a Keras model's trainable variables that are added and never multiplied: those named `bias`, and batch norm's `beta`. Each variable has a `name`, and a mark `trainable`.
#
# Worked example: of a dense layer and a batch norm, with the variables kernel, bias, gamma, beta, moving_mean and moving_variance, it returns bias and beta.

# %% tags=["exercise"]
bias_variables

# %% [markdown]
# Now the experiment. A dense network for all ten digits, 784 → 300 → 100 → 10, and 5,000 images of MNIST to train it on. All that differs between the runs below is numbers in its weights, so it is made once.

# %%
x_train, y_train = data.x_train[:5000].reshape(-1, 784).astype(np.float32) / 255, data.y_train[:5000]
x_valid, y_valid = data.x_valid[:2500].reshape(-1, 784).astype(np.float32) / 255, data.y_valid[:2500]

def dense_network(inputs, hidden, outputs):
    layers = [keras.layers.Dense(n, "relu") for n in hidden]
    return keras.Sequential([keras.Input((inputs,)), *layers, keras.layers.Dense(outputs)])

patient = dense_network(784, (300, 100), 10)

# %% [markdown]
# One of two steps moves the weights; they differ in nothing but their list of variables. Plain gradient descent has no memory, so nothing is left in it from one run to the next. Its rate is the same for both.

# %%
lists = {"biases trained": bias_variables(patient), "all trained": patient.trainable_variables}
steps_of = {name: graph_step(patient, keras.optimizers.SGD(0.3), chosen) for name, chosen in lists.items()}

def moved_on(weights, name, steps, s):
    patient.set_weights(weights)
    learn(steps_of[name], x_train, y_train, steps, np.random.default_rng(s), size=100)
    return patient.get_weights()

# %% [markdown]
# Three networks from three draws, 300 steps of 100 images each with everything trained. Their weights are kept as lists of arrays, a kernel and a bias in turn. How often is each right on the validation images, before anything is compressed?

# %%
def drawn(model, rng):
    return [he_normal(w.shape, rng) if w.ndim > 1 else np.zeros_like(w) for w in model.get_weights()]

def share(weights):
    patient.set_weights(weights)
    return right(patient, x_valid, y_valid)

draws = [drawn(patient, np.random.default_rng(5 * seed + i)) for i in range(3)]
networks = [moved_on(weights, "all trained", 300, i) for i, weights in enumerate(draws)]
full = [share(weights) for weights in networks]

# %% [markdown]
# At rank 8 the first two kernels take 11,872 numbers instead of 265,200: $8 \cdot (784 + 300)$ and $8 \cdot (300 + 100)$. Accuracy will fall. How much of what is lost do the 410 biases bring back?

# %%
guess_biases = predict("biases", "At rank 8, of the accuracy that is lost the biases bring back:",
                       low=0, high=100, unit="%")
guess_biases

# %% [markdown]
# Compress: the lowest kernels are replaced by their nearest of a lower rank. Here these are two of three, since the last one has ten columns only and is small as it is. Biases have one axis and are left as they are.

# %%
def squeezed(weights, rank, kernels):
    return [low_rank(w, rank) if w.ndim == 2 and i < 2 * kernels else w for i, w in enumerate(weights)]

# %% [markdown]
# For each seed and rank: the compressed network, the same with its biases trained for 150 steps more, and for comparison the same with everything trained, on the same batches. The kernels are compared before and after, bit for bit.

# %%
def three(weights, rank, s):
    small = squeezed(weights, rank, kernels=2)
    biased, whole = (moved_on(small, name, 150, s) for name in steps_of)
    kernels_equal.extend(np.array_equal(a, b) for a, b in zip(small[::2], biased[::2], strict=True))
    return [share(weights) for weights in (small, biased, whole)]

RANKS, kernels_equal = (4, 8, 16), []
shares = np.array([[three(weights, rank, s) for rank in RANKS] for s, weights in enumerate(networks)])

# %% [markdown]
# The share of validation images that are right, over the rank; bands reach from the lowest of three seeds to the highest. The dotted line is the network before it was compressed. Where do the biases help most?

# %%
series = dict(zip(("compressed", "biases trained", "all trained"), shares.transpose(2, 0, 1), strict=True))
plots.lines(series, x=np.array(RANKS), xlabel="rank of the first two kernels", ylabel="share right",
            reference=(np.mean(full), "before"), title="410 biases bring back much of what is lost")

# %% [markdown]
# Training everything ends higher, of course: but then the kernels are no longer of low rank, and nothing is saved. With the biases alone the kernels stay what they were, bit for bit, and the network stays small. How far they get depends on the rank: what no direction of the kernel sees, no bias can tell apart.

# %%
small, biased, _ = shares.mean(axis=0).T  # by rank
lost, back = np.mean(full) - small, biased - small
parts = zip(RANKS, back, lost, strict=True)
claim("At every rank the biases bring back more than a third of what is lost, and no kernel moves by a bit",
      np.all(back > lost / 3) and all(kernels_equal),
      ", ".join(f"rank {rank}: {100 * gain:.1f} of {100 * loss:.1f} points" for rank, gain, loss in parts))
guess_biases.against(100 * back[1] / lost[1])

# %% [markdown]
# ### Iris
#
# The question came with a smaller network: four dense layers, three of them with eight units, for the three species of iris, and 90 flowers to learn from. Its kernels have three to eight rows or columns, so there are few ranks to choose from. Rank 1 is the hardest case.

# %%
from course_lib.datasets import load_iris

iris = load_iris()
mean_x, std_x = iris.x_train.mean(axis=0), iris.x_train.std(axis=0)
x_iris, x_flowers = ((x - mean_x) / std_x for x in (iris.x_train, np.concatenate([iris.x_valid, iris.x_test])))
y_iris, y_flowers = iris.y_train, np.concatenate([iris.y_valid, iris.y_test])
garden = dense_network(4, (8, 8, 8), 3)
grow, mend = (graph_step(garden, keras.optimizers.SGD(lr), chosen) for lr, chosen in
              ((0.1, garden.trainable_variables), (0.3, bias_variables(garden))))

# %% [markdown]
# Three ways for each network, 150 steps on all 90 flowers each: everything trained; all four kernels then made rank 1, and the biases trained; and as a control the biases alone over kernels as they were *drawn*, at random and of full rank, which have never learned anything.

# %%
def put_and_learn(weights, step):
    garden.set_weights(weights)
    learn(step, x_iris, y_iris, 150, np.random.default_rng(0), size=90)
    return garden.get_weights(), right(garden, x_flowers, y_flowers)

def iris_run(rng):
    start = drawn(garden, rng)
    whole, before = put_and_learn(start, grow)
    return [before, *(put_and_learn(weights, mend)[1] for weights in (squeezed(whole, 1, kernels=4), start))]

# %% [markdown]
# The share that is right of sixty flowers that no network has learned from; each dot is a network, ten from ten draws. Which will do better over its trained biases: what was learned and squeezed to rank 1, or what was never trained?

# %%
iris_runs = np.array([iris_run(np.random.default_rng(10 * seed + i)) for i in range(10)])
ways_of_iris = ("everything trained", "rank 1, biases trained", "random kernels, biases trained")
plots.dots(dict(zip(ways_of_iris, iris_runs.T, strict=True)), xlabel="share of new flowers that are right",
           title="At rank 1 the biases can't be relied on")

# %% [markdown]
# A matrix of rank 1 sees its inputs along one direction only; what three species need more than one for is gone, and no bias brings it back. Some networks are lucky, others are not. Random kernels keep many directions, and biases choose among them: they do better than what was learned and squeezed. The larger networks above had ranks to spare.

# %%
whole, rank_1, random_kernels = iris_runs.mean(axis=0)
claim("Everything trained, iris networks get more than 85% right in the mean; over kernels of rank 1 the biases reach "
      "less than over random ones, and both less than that",
      whole > 0.85 and rank_1 < random_kernels < whole,
      f"means {whole:.0%}, {rank_1:.0%} and {random_kernels:.0%}, the worst of rank 1 {iris_runs[:, 1].min():.0%}")

# %% [markdown]
# ## The same with a model from a zoo
#
# `keras.applications` offers dozens of networks that others have trained on a million photographs. With `weights="imagenet"` their weights are downloaded; here nothing is, so this one is as new as its initializer made it. All that follows is the same for either: take the body without its head, freeze it, put a head of your own on it.

# %%
keras.utils.set_random_seed(seed)
zoo = keras.applications.MobileNetV2(input_shape=(32, 32, 3), alpha=0.35, include_top=False, weights=None,
                                     pooling="avg")
model = keras.Sequential([zoo, keras.layers.Dense(5, name="head")])
images = np.repeat(np.pad(x[:20], ((0, 0), (2, 2), (2, 2), (0, 0))), 3, axis=3)
model(images[:1])
left = freeze(model, zoo.name)

# %% [markdown]
# One step on twenty digits, with the guard around it: of 262 arrays, many of them moving statistics of batch norm, only the two of the head may move. If one of the others did, an AssertionError would name it.

# %%
total = len(named_variables(model))
with assert_only_changed(model, "head"):
    first_loss = train_step(model, loss, tf.constant(images), tf.constant(y[:20]), keras.optimizers.SGD(0.1), left)
claim("Of all arrays of the zoo's model two are left to train, and the guard has let the step pass",
      len(left) == 2 and total > 200 and float(first_loss) > 0, f"{len(left)} of {total}")

# %% [markdown]
# ## Debug lab
#
# A colleague has a trunk with batch norm and wants to train a new head on it. They hand the optimizer the head's two variables, so the trunk can't move. (Theirs is new, for simplicity: what was learned in it plays no part in the bug.) Here is what they wrote:

# %%
def with_trunk():
    keras.utils.set_random_seed(seed)
    norm = keras.layers.BatchNormalization()
    trunk = keras.Sequential([keras.Input((500,)), keras.layers.Dense(100, "relu"), norm], name="trunk")
    model = keras.Sequential([trunk, keras.layers.Dense(5, name="head")])
    model(xd[:1])
    return model, trunk

# %% [markdown]
# Their training, and what they look at: the trunk's outputs for 200 images before and after, and the farthest that one of them has moved. A trunk that can't move would give 0. The argument `frozen` is for later.

# %%
def colleague(steps, frozen=()):
    model, trunk = with_trunk()
    if frozen:
        freeze(model, frozen)
    step = plain_step(model, model.get_layer("head").trainable_variables, keras.optimizers.SGD(0.05))
    seen = standardized(new_digits.x_valid[:200])
    start = trunk(seen).numpy()
    learn(step, xd, yd, steps, np.random.default_rng(seed))
    return np.abs(trunk(seen).numpy() - start).max()

# %% [markdown]
# After 1, 20 and 100 steps, each from the same start. Handed over were the head's variables, and nothing else; the trunk's kernel and biases are the same numbers as before, as everyone who looks at them can see.

# %%
moved = {n: colleague(n) for n in (1, 20, 100)}
print({n: round(float(far), 2) for n, far in moved.items()})

# %% [markdown]
# A frozen trunk whose outputs move isn't frozen: what was cached from it is no longer true, and an old head on it doesn't work any more. Name the bug before you read on.

# %%
quiz("patient-07")

# %% [markdown]
# Two calls mend it: `freeze`, which makes batch norm use the statistics that it has and leave them alone, and the guard around a step, which would have told on the first day. Here both are tried.

# %%
model, trunk = with_trunk()
step = plain_step(model, model.get_layer("head").trainable_variables, keras.optimizers.SGD(0.05))
try:
    with assert_only_changed(model, "head"):
        step(xd[:50], yd[:50])
except AssertionError as error:
    print(error)
still = colleague(100, frozen="trunk")

# %% [markdown]
# The error names the two arrays that moved without a gradient, and without being in any list. With the trunk frozen its outputs stay what they were, to the last bit, however long the head learns.

# %%
claim("Not frozen, the trunk's outputs move by more than 0.1, and farther with more steps; frozen they don't at all",
      0.1 < moved[100] and moved[1] < moved[100] and still == 0, f"{moved[1]:.2f}, {moved[100]:.2f}, frozen {still}")

# %% [markdown]
# ## Five images, once more
#
# Back to the beginning: 25 images of the digits 5 to 9. The body that has seen 0 to 4 is frozen and its outputs are cached, the dense layer is copied and goes on learning, the output layer is new. The same images, the same number of steps, the same rate.

# %%
release_memory()
put(trained)
head = make_head(mask_seed=seed)
train_head = graph_step(head, momentum, [v[name] for name in HEAD])

# %% [markdown]
# Each time the old weights are put in with a new output layer, and the head learns from 25 cached rows of 3,136 numbers. The body is never run in training.

# %%
def with_old_body(i):
    rng = np.random.default_rng(6 * seed + i)
    start = trained | {"out/w": he_normal((1024, 5), rng), "out/b": np.zeros(5, np.float32)}
    learn_anew(start, train_head, momentum, cached_outputs([body], few[i][0], 25), few[i][1], 40, rng)
    return right(lambda x: head(body(x)), x_new, y_new)

reused = [with_old_body(i) for i in range(6)]

# %% [markdown]
# Each dot is another draw of 25 images, the same six in both rows, and both rows had forty steps. Is what the body learned of other digits worth anything here?

# %%
plots.dots({"from nothing": scratch, "with the old body": reused}, xlabel="share of new images that are right",
           title="Filters that know other digits help with these")

# %% [markdown]
# Here reuse pays, in most draws if not in each, and a step takes a fraction of the time. With more images it pays less, as the study has shown for the dense network: what a network can learn by itself it needn't be given.

# %%
gain = 100 * (np.array(reused) - scratch)
claim("With five images of each digit the old body gains in the mean of the six draws", gain.mean() > 0,
      ", ".join(f"{points:+.1f}" for points in gain) + " points")

# %% [markdown]
# ## What to remember
#
# 1. What is trained is decided by two lists: the variables that the tape is asked about, and those that the optimizer is given.
# 2. Backpropagation that stops early is the same, only shorter. What is frozen can be computed once, as long as it does the same in training and in use.
# 3. Statistics move without gradients: freeze them too, and prove it with a guard.
# 4. Reuse pays with few images and layers that know something general. Measure against a new network.
# 5. Layouts: transpose dense kernels, turn filters, reorder the rows behind a flattened image, and compare outputs.
#
# **Today.** Nearly everything begins with a network that others have trained. Large ones are no longer retrained as a whole: LoRA adds matrices of low rank beside the frozen ones, BitFit trains the biases, adapters add small layers. For a small data set a linear layer on cached outputs is the first thing to try.
#
# **To read.** J. Yosinski et al., *How transferable are features in deep neural networks?*, 2014. S. Kornblith et al., *Do better ImageNet models transfer better?*, 2019. E. Ben Zaken et al., *BitFit*, 2022. E. Hu et al., *LoRA*, 2021. J. Frankle et al., *Training BatchNorm and only BatchNorm*, 2020.

# %% [markdown]
# ### In your own words
#
# You get a network that was trained on photographs of street signs, and 300 X-ray images in two classes. Which layers would you keep, which freeze, what would you cache, and against what would you compare? (2 points, marked by a person.)

# %% [markdown] tags=["answer"] grade_id="which-layers" points=2
# *Double-click here and write your answer in place of this line.*

# %% [markdown]
# ### Four questions
#
# Each answers at once, whichever option you choose, and says why; your answers are kept with your progress, and you can change them.

# %%
quiz("stops-early")

# %%
quiz("put-back")

# %%
quiz("cache-and-augment")

# %%
quiz("which-layout")

# %% [markdown]
# That was notebook 07. The panel shows what you have done; whatever is open you can come back to. Next, in notebook 08, a convolution and its gradient by hand.

# %%
progress()
