# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 06 · Regularization
#
# A network that gets every one of its 1,000 training images right, and one in ten of all others wrong. It would get them right with any labels, even with nonsense. You will watch it learn by heart, write five remedies, and find out by measurement which of them helps here, and which only looks as if it did.
#
# Afterwards you can
#
# - read from a learning curve whether a network learns or memorizes,
# - write dropout, max-norm, l1, l2 and early stopping so that training and use are both right,
# - say what each costs, and choose among them by measurement,
# - find the classic bug: a penalty that is printed and never felt.
#
# You need notebook 01; 05 helps. {{measured}}

# %% [markdown]
# ## All by heart
#
# The set-up: processor or graphics card, one seed for everything random, and the data. All networks here learn from the same 1,000 images of MNIST, unless it is said otherwise. 2,000 validation images serve to compare them.

# %%
import numpy as np

from course_lib import plots
from course_lib.backend import seed_everything, use_backend
from course_lib.claims import claim
from course_lib.datasets import load_mnist
from course_lib.exercises import check, hint, predict, progress, quiz, use
from course_lib.regularizers import Stopping

use_backend()
seed = seed_everything()
data = load_mnist().first(1000, valid=2000)

# %% [markdown]
# The network: hidden layers of 300 and 100 ReLU units with He's weights, 266,610 numbers to learn, and 1,000 images to learn them from. It goes through them 30 times in batches of 50, with Adam (notebook 05) at its usual rate. On the training images it will be right every time. And on new ones?

# %%
guess_new = predict("new-images", "Share of new images that it gets right:", low=0, high=100, unit="%")
guess_new

# %% [markdown]
# Three networks from three seeds, so that we see what is chance. `repeat` trains them one after the other and returns the record of each: among others the training loss and the validation loss after every epoch.

# %%
from functools import partial
from course_lib.initializers import he_normal
from course_lib.models import dense_network
from course_lib.optimizers import adam
from course_lib.training import accuracy, fit, repeat

seeds = range(5 * seed, 5 * seed + 5)
plain = partial(dense_network, [300, 100], "ReLU", he_normal)
options = {"lr": 0.001, "epochs": 30, "batch_size": 50}
memorized = repeat(plain, data, adam, seeds[:3], **options)

# %% [markdown]
# Two losses of the same networks, on images that they learn from and on images that they don't. The line is the mean of three runs, the band reaches from the lowest to the highest; the first epoch is left out, where everything is still large.

# %%
curves = {"training": [run.loss for run in memorized], "validation": [run.valid_loss for run in memorized]}
plots.lines({name: np.array(losses)[:, 1:] for name, losses in curves.items()}, x=np.arange(2, options["epochs"] + 1),
            xlabel="epoch", ylabel="loss", title="The training loss falls to 0, the validation loss rises again")

# %% [markdown]
# Up to about the sixth epoch both fall: what is learned there holds for new images, too. Then they part. The validation loss rises again, while the training loss goes on falling, to a thousandth of where it began. That gap is **overfitting**: the network gets surer and surer, of its right answers and of its wrong ones.

# %%
lowest = np.array([min(run.valid_loss) for run in memorized])
last = np.array([run.valid_loss[-1] for run in memorized])
reached = np.array([run.valid_accuracy[-1] for run in memorized])
claim("In every run the validation loss ends at least 5% above its lowest, and the training loss below 0.005",
      np.all(last > 1.05 * lowest) and max(run.loss[-1] for run in memorized) < 0.005,
      f"{(last / lowest).min():.2f} to {(last / lowest).max():.2f} times the lowest")
guess_new.against(100 * reached.mean())

# %% [markdown]
# Is this learning at all? Give the same images labels that mean nothing: shuffle them. Whoever learns what digits look like can't get these right. (Zhang et al., 2017, did it with a million photographs.)

# %%
rng = np.random.default_rng(seed)
shuffled = data._replace(y_train=rng.permutation(data.y_train))
network = plain(rng=rng)
fit(network, shuffled, adam, rng=rng, **options)
known, new = accuracy(network, data.x_train, shuffled.y_train), accuracy(network, data.x_valid, data.y_valid)

# %% [markdown]
# It does get them right. So a training accuracy of 100% says nothing about what was learned: the network has room for a thousand images and any labels. What keeps it from using that room, or makes the room smaller, is called **regularization**.

# %%
claim("1,000 images with shuffled labels: more than 95% right in training, less than 25% on new images",
      known > 0.95 and new < 0.25, f"{known:.0%} and {new:.0%}")

# %% [markdown]
# ## Stop in time
#
# The plainest remedy: stop where the validation loss is lowest, and use the weights of that epoch. But curves are noisy; whoever stops at the first rise stops at a wiggle. So wait for a few epochs, the *patience*, and remember the best weights meanwhile. Here is the curve of one run that is watched on 200 images only, at a smaller rate.

# %%
few = data.first(1000, valid=200)
rng = np.random.default_rng(seed)
noisy = fit(plain(rng=rng), few, adam, rng=rng, lr=0.0003, epochs=40, batch_size=50)

# %% [markdown]
# Where would you stop? And where, if you saw the curve only up to the epoch you are in, as a program does that has to decide now? Each rise looks like the beginning of overfitting.

# %%
plots.lines({"validation": noisy.valid_loss[5:]}, x=np.arange(6, 41), xlabel="epoch", ylabel="loss on 200 images",
            title="A noisy curve has many small minima")

# %% [markdown]
# **Exercise `early_stopping`** (3 points). It is called after each epoch with what it remembered, the new validation loss and the network's weights, a dictionary of arrays. It returns what is to be remembered now, `Stopping(best_loss, best_weights, waited)`, and whether to stop. A loss is an improvement if it is the first (`state` is `None`), or if loss + `min_delta` is below the best: then `waited` is 0. Otherwise `waited` grows by 1, and it is time to stop when it has reached `patience`.
#
# Worked example: patience 2, losses 3, 2, 2.5, 1, 1.5, 1.5. After the sixth `waited` is 2: stop, and use the weights of the fourth.

# %% tags=["exercise"]
early_stopping

# %% [markdown]
# Ask your function about the curve above, with a patience of 1, 3 and 10 epochs. For each: the epoch at which it stops, and the epoch whose weights it keeps. (The epoch's number stands in for the weights here.)

# %%
def stops(losses, patience):
    state = None
    for epoch, loss in enumerate(losses, 1):
        state, stop = early_stopping(state, loss, {"epoch": epoch}, patience=patience)
        if stop:
            break
    return epoch, state.best_weights["epoch"]

found = {patience: stops(noisy.valid_loss, patience) for patience in (1, 3, 10)}

# %% [markdown]
# More patience can only find a lower loss, never a higher one, since it looks at all that less patience saw and then at more. What it costs is epochs.

# %%
kept = [noisy.valid_loss[best - 1] for _, best in found.values()]
claim("With more patience the loss that is kept is never higher", kept[0] >= kept[1] >= kept[2],
      "; ".join(f"patience {p}: stops at {end}, keeps {best}" for p, (end, best) in found.items()))

# %% [markdown]
# `EarlyStopping` is the same as a callback for `fit`, which puts the best weights back at the end. Three runs, at most 30 epochs as before, with a patience of 5. Do they get more images right than those that memorized?

# %%
guess_stop = predict("stop-early", "Stopped early instead of after 30 epochs, the share of right answers is…",
                     options=["higher by 2 points or more", "the same within 2 points", "lower by 2 points or more"])
guess_stop

# %% [markdown]
# `fit` asks its callbacks after every epoch, and stops if one says so. The seeds are those from above, and so the weights to begin with and the order of the images: up to the last epoch that both make, two runs of one seed are equal.

# %%
from course_lib.regularizers import EarlyStopping

def stopped_early(s):
    rng = np.random.default_rng(s)
    network = plain(rng=rng)
    stopping = EarlyStopping(patience=5)
    record = fit(network, data, adam, rng=rng, callbacks=[stopping], **options)
    return network, record, stopping.state

early = [stopped_early(s) for s in seeds[:3]]

# %% [markdown]
# On the left the share of validation images that are right, on the right the loss on them: two ways to judge the same answers. Each dot is a run; the same seeds in both rows.

# %%
losses = {"30 epochs": last, "stopped early": [state.best_loss for *_, state in early]}
stopped = [accuracy(network, data.x_valid, data.y_valid) for network, *_ in early]
shares = {"30 epochs": reached, "stopped early": stopped}
plots.table_chart({"share right": shares, "loss": losses},
                  title="Stopped early: a lower loss, and no more images right")

# %% [markdown]
# The loss is better: the network is less sure where it is wrong. The number of right answers is not: whoever needs probabilities gains, whoever counts errors doesn't. And what is gained in any case is time, since most of the epochs were for nothing. The weights at the end are those of the best epoch, to the last bit.

# %%
gap = 100 * np.abs(np.mean(stopped) - reached.mean())
same = all(np.array_equal(network.weights[key], state.best_weights[key]) for network, _, state in early
           for key in network.weights)
claim("Stopped early: the loss is lower in every run, the mean accuracy within 2 points, the best weights put back",
      np.all(np.array(losses["stopped early"]) < last) and gap < 2 and same, f"{gap:.1f} points, all arrays equal")
guess_stop.against("the same within 2 points")

# %% [markdown]
# ### A run that was killed
#
# Long runs die: the power fails, a machine is taken back. Keeping the best weights in memory doesn't help then. A **checkpoint** is all that a run needs to go on, on disk: weights, the generator of random numbers (which decides the order of the images), and with Adam its averages too. Here plain gradient descent, which remembers nothing. The program below runs on its own and writes a checkpoint after every epoch.

# %%
program = """
import sys, numpy as np
from course_lib import checkpoints, datasets, models, optimizers, training
rng, data = np.random.default_rng(7), datasets.load_mnist().first(1000, valid=200)
network = models.dense_network([300, 100], rng=rng)
save = lambda network, history: checkpoints.save_checkpoint(f"{sys.argv[1]}/{len(history.loss)}.npz", network, rng)
training.fit(network, data, optimizers.sgd, lr=0.05, rng=rng, epochs=1000, progress=False, callbacks=[save])
"""

# %% [markdown]
# Start it in a process of its own, with a new folder for its checkpoints, which are numbered by epochs. Its order is to go on for a thousand of them.

# %%
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

home = TemporaryDirectory()
folder = Path(home.name)
child = subprocess.Popen([sys.executable, "-c", program, folder])

# %% [markdown]
# Wait for its third checkpoint, and kill it, without a warning, in the middle of whatever it is doing. It is not asked to finish its epoch, and nothing of it is left but what is on disk.

# %%
from time import sleep

while not (folder / "3.npz").exists() and child.poll() is None:
    sleep(0.05)
child.kill()
died = child.wait()

# %% [markdown]
# A new network, with other weights and another generator (seed 8), takes over from the third checkpoint and goes on to the sixth epoch. Beside it a run of six epochs from the program's own seed, which nobody interrupts.

# %%
from course_lib.checkpoints import load_checkpoint
from course_lib.optimizers import sgd

heirs = []
for start, epochs, s in ((folder / "3.npz", 3, 8), (None, 6, 7)):
    rng = np.random.default_rng(s)
    network = dense_network([300, 100], rng=rng)
    if start:
        load_checkpoint(start, network, rng)
    fit(network, data.first(1000, valid=200), sgd, lr=0.05, rng=rng, epochs=epochs)
    heirs.append(network.weights)

# %% [markdown]
# If anything had been forgotten, the state of the generator say, the images would come in another order, and the two would differ from the first step on. `kill` gave the program no chance to tidy up; that a half-written file can't take the place of a whole one is the checkpoint's own care.

# %%
claim("The run was killed, and the one that took over ends with the weights of an uninterrupted run, bit for bit",
      died != 0 and all(np.array_equal(heirs[0][name], heirs[1][name]) for name in heirs[1]), "all arrays equal")

# %% [markdown]
# ## A penalty on weights
#
# A function that bends sharply between two images needs large weights. So make large weights expensive: add to the loss a **penalty** that grows with them. With $w$ running over all weights of all kernels (biases are left alone: they shift, they don't bend),
#
# $$L_{\text{total}} = L + l_1 \sum |w| + l_2 \sum w^2 .$$
#
# The second sum pulls a weight the harder the larger it is: its slope is $2 l_2 w$. The first pulls all equally hard, with $\pm l_1$, so small ones are driven all the way to 0.
#
# **Exercise `l1_l2`** (2 points). Return the penalty of one kernel, a number, and its gradient, an array of `w`'s shape; the slope of $|w|$ at 0 counts as 0. Worked example: $w = (1, -2)$, $l_1 = 0.5$, $l_2 = 0.1$: penalty $0.5 \cdot 3 + 0.1 \cdot 5 = 2$, gradient $(0.5 + 0.2,\ -0.5 - 0.4) = (0.7, -0.9)$.

# %% tags=["exercise"]
l1_l2

# %% [markdown]
# Finite differences (notebook 01) know whether a gradient is right: move one weight a little up and down, and see how the penalty changes. We stay away from 0, since at a corner there is no slope to be measured.

# %%
rng = np.random.default_rng(seed)
w, step = rng.choice([-1, 1], (4, 3)) * rng.uniform(0.1, 2, (4, 3)), 1e-6
_, slope = l1_l2(w, l1=0.3, l2=0.2)
moved = lambda i, h: l1_l2(w + h * (np.arange(12).reshape(4, 3) == i), l1=0.3, l2=0.2)[0]
measured = np.array([(moved(i, step) - moved(i, -step)) / (2 * step) for i in range(12)]).reshape(4, 3)
claim("The gradient of the penalty agrees with finite differences within 1e-6", np.abs(slope - measured).max() < 1e-6,
      f"{np.abs(slope - measured).max():.0e}")

# %% [markdown]
# Train with each, at strengths that made a visible difference in a first try. `fit` takes the penalty as a function of one kernel, and adds it to loss and gradient of every kernel.

# %%
def penalized(strengths):
    rng = np.random.default_rng(seed)
    network = plain(rng=rng)
    fit(network, data, adam, rng=rng, penalty=partial(l1_l2, **strengths), **options)
    return network

nets = {"no penalty": penalized({"l1": 0, "l2": 0}), "l1, 0.0003": penalized({"l1": 0.0003, "l2": 0}),
        "l2, 0.003": penalized({"l1": 0, "l2": 0.003})}

# %% [markdown]
# Where did the weights go? For each layer of each network a column: the darker, the more of the layer's weights have that size. A uniform grey is a layer whose weights are spread wide.

# %%
kernels = lambda network: [w.ravel() for name, w in network.params.items() if name.endswith("/w")]
plots.histograms({name: kernels(network) for name, network in nets.items()}, low=-0.2, high=0.2, xlabel="weight",
                 title="Penalties gather the weights around 0")

# %% [markdown]
# Both penalties make the weights smaller. How differently they do it shows in what is left: the share of weights that are practically 0, smaller than a thousandth.

# %%
weights = [np.concatenate(kernels(network)) for network in nets.values()]  # without, with l1, with l2
norm, tiny = [np.linalg.norm(w) for w in weights], [np.mean(np.abs(w) < 0.001) for w in weights]
claim("Each penalty at least halves the norm of all weights", 2 * max(norm[1:]) < norm[0],
      "without {:.1f}, l1 {:.1f}, l2 {:.1f}".format(*norm))
claim("l1 leaves at least twice as many tiny weights as l2, and l2 more than none",
      tiny[1] > 2 * tiny[2] > 2 * tiny[0], "without {:.0%}, l1 {:.0%}, l2 {:.0%}".format(*tiny))

# %% [markdown]
# ## Dropout
#
# Hinton's idea (2012): in every step of training, throw a coin for every hidden unit, and leave half of them out. No unit can rely on a certain other one being there, so each must be useful by itself. In use all units are there. The plainest code for a batch of activations, an array of 64 rows and 300 columns:

# %%
rng = np.random.default_rng(seed)
activations = rng.exponential(1.0, (64, 300))
dropped = activations.copy()
for row in range(64):
    for unit in range(300):
        if rng.random() < 0.5:
            dropped[row, unit] = 0

# %% [markdown]
# There is a catch. The next layer sums over all units, and in training only half of them are there: its sums are half as large as in use. So whatever is kept is enlarged, by the share that is kept:
#
# $$y = x \cdot \text{mask}, \qquad \text{mask} = \begin{cases} 0 & \text{with probability } p, \text{ the } \textit{rate}\\ 1/(1-p) & \text{else.} \end{cases}$$
#
# The mean of mask is $(1 - p) \cdot 1/(1 - p) = 1$, so the mean of $y$ is $x$. In use nothing is done at all.
#
# **Exercise `dropout`** (3 points). Return `y` and `mask`, both of `x`'s shape and dtype; draw from the generator `rng`. Worked example: $x = (1, 2, 3, 4)$, rate 0.5, the second and third are dropped: mask $(2, 0, 0, 2)$, $y = (2, 0, 0, 8)$. Which are dropped is for the generator to say; what is checked is how many, by how much the others grow, and that no row or column is dropped as a whole.

# %% tags=["exercise"]
dropout

# %% [markdown]
# **Exercise `dropout_backward`** (1 point). Each number was multiplied by its mask, so that is its slope. Return a tuple of one array. Worked example: $dy = (1, 1, 1, 1)$ and the mask from above give $dx = (2, 0, 0, 2)$.

# %% tags=["exercise"]
dropout_backward

# %% [markdown]
# Is the mean kept? Drop 400 times from the same activations and average: each number should come back, within what 400 draws can say. At a rate of 0.5 each draw gives 0 or 2x, so it is off by x, and the mean of 400 by about x/20.

# %%
rng = np.random.default_rng(seed)
average = np.mean([dropout(activations, 0.5, rng)[0] for _ in range(400)], axis=0)
off = np.abs(average - activations) / activations  # in shares of x; one mask is off by 1, 400 by 1/20
claim("The mean over 400 masks is x: off by less than 6% on average over all numbers, and their sum by less than 1%",
      off.mean() < 0.06 and abs(average.sum() / activations.sum() - 1) < 0.01,
      f"{off.mean():.1%}; sum {average.sum() / activations.sum() - 1:+.2%}")

# %% [markdown]
# Now in the network: after both hidden layers, rate 0.5, on your own functions. `dropout_layer` makes the layer; `inference`, the way through the network in use, passes it by.

# %%
from course_lib.models import dropout_layer
from course_lib.network import Network

def with_dropout(rng, rate=0.5):
    drop = partial(dropout_layer, rate, rng, dropout=dropout, dropout_backward=dropout_backward)
    layers = plain(rng=rng).layers
    return Network([new for layer in layers for new in ([layer, drop()] if layer.name == "activation" else [layer])])

# %% [markdown]
# Three runs, with the seeds from above. The training loss that `fit` records is that of the network with holes, so it is larger than it would be without, and can't be compared with that of a network without dropout.

# %%
networks = []
for s in seeds[:3]:
    rng = np.random.default_rng(s)
    networks.append(with_dropout(rng))
    fit(networks[-1], data, adam, rng=rng, **options)

# %% [markdown]
# A classic error: dropout stays on in use. `forward` is the way that training takes, `inference` the right one. How many of the 2,000 images does each get right, and does it give the same answer when asked twice?

# %%
x, y = data.x_valid, data.y_valid
right = [accuracy(network, x, y) for network in networks]
left_on = [np.mean(network.forward(x)[0].argmax(axis=1) == y) for network in networks]

# %% [markdown]
# Beside them the three networks from the beginning, which began with the same weights and learned from the same images, without dropout. What does dropout gain, and what does it cost to forget that it is on?

# %%
plots.dots({"no dropout": reached, "dropout, in use": right, "dropout, left on in use": left_on},
           xlabel="share of validation images that are right", title="Left on in use, dropout costs several points")

# %% [markdown]
# Left on, it looks like a somewhat worse network; no error message tells. What gives it away: ask about the same images twice, and some get another answer.

# %%
ask = lambda network: network.forward(x)[0].argmax(axis=1)
twice = [np.mean(ask(network) != ask(network)) for network in networks]
claim("Left on in use: fewer images right in every run, and at least 2% get another answer when asked twice",
      np.all(np.array(left_on) < right) and min(twice) > 0.02, f"{min(twice):.0%} to {max(twice):.0%} change")

# %% [markdown]
# ### A crowd in one network
#
# Why should it help? With 400 hidden units there are $2^{400}$ networks, one for each choice of units, and they share their weights; each step trains another of them. The whole network in use stands in for their average. Does it? Average the probabilities of more and more sampled networks, and compare.

# %%
from course_lib.activations import softmax

network = networks[0]
samples = np.array([softmax(network.forward(x)[0]) for _ in range(64)])

# %% [markdown]
# The share of images that the average of 1 to 64 sampled networks gets right, and the line that the whole network reaches in one go. Does the crowd rise to the line, or above it?

# %%
crowd = np.cumsum(samples, axis=0) / np.arange(1, 65)[:, None, None]
crowd_right = (crowd.argmax(axis=2) == y).mean(axis=1)
plots.lines({"average of sampled networks": crowd_right}, x=np.arange(1, 65), xlabel="networks in the average",
            ylabel="share right", reference=(accuracy(network, x, y), "whole network, once"),
            title="The whole network is as good as a crowd of its parts")

# %% [markdown]
# One sampled network is worse, since half of it is missing. The crowd comes up to the whole network, for 64 times the price. For layers in a row the whole network's output isn't exactly the crowd's mean, but near enough that nobody computes the crowd to be right more often.

# %%
gap = 100 * abs(crowd_right[-1] - accuracy(network, x, y))
claim("64 sampled networks together come within 1.5 points of the whole network, and beat one of them",
      gap < 1.5 and crowd_right[-1] > crowd_right[0], f"{gap:.1f} points; one alone {crowd_right[0]:.1%}")

# %% [markdown]
# ### When the network isn't sure
#
# The crowd is good for something else: where its members disagree, the network doesn't know. Gal and Ghahramani (2016) called that **Monte Carlo dropout**. For each image, how much do the 64 probabilities of the most probable digit spread?

# %%
mean, best = crowd[-1], crowd[-1].argmax(axis=1)
spread = samples[:, np.arange(len(x)), best].std(axis=0)
unsure = np.argsort(-spread)[:8]

# %% [markdown]
# These are the eight images with the largest spread: with each the answer, its probability (the mean of the crowd) and the spread. Some are written so that a person would hesitate. Would you be sure?

# %%
plots.digits(x[unsure], [f"{best[i]}: {mean[i, best[i]]:.2f}\n± {spread[i]:.2f}" for i in unsure],
             title="The digits of which the network is least sure")

# %% [markdown]
# Is the spread worth anything? Sort all 2,000 images by it, and count the errors in the surest half and in the least sure tenth. If they differ enough, a service could send that tenth to a person, and answer the rest by itself.

# %%
order = np.argsort(spread)
sure, doubtful = (np.mean(best[group] != y[group]) for group in (order[:1000], order[-200:]))
claim("The least sure tenth is wrong at least five times as often as the surest half", doubtful > 5 * sure,
      f"{doubtful:.1%} and {sure:.1%}")

# %% [markdown]
# ### What it costs, and its relatives
#
# A step draws and multiplies masks; in use nothing is left of that. Measured side by side, the three quickest of seven rounds each:

# %%
from course_lib.measuring import nanoseconds
from course_lib.training import History, Step

bare = plain(rng=np.random.default_rng(seed))
steps = {"no dropout": Step(bare, adam, 0.001), "dropout": Step(network, adam, 0.0)}
train = {name: lambda x, step=step: step(x, data.y_train[:50], History()) for name, step in steps.items()}
infer = {"no dropout": bare.inference, "dropout": network.inference}

# %% [markdown]
# Times are shown, never claimed. What can be claimed: in use the two networks do the same operations, since inference doesn't call the layer's function at all.

# %%
ms = lambda calls, images: {name: times * images.size / 1e6 for name, times in nanoseconds(calls, images).items()}
plots.table_chart({"ms a step of 50": ms(train, data.x_train[:50]), "ms for 1,000 images": ms(infer, x[:1000])},
                  title="Dropout costs a little in training and nothing in use")

# %% [markdown]
# **DropConnect** (Wan et al., 2013) drops weights instead of units; our `drop_connect` draws one mask of the kernel for a batch. **Alpha dropout** (Klambauer et al., 2017) belongs to SELU, whose activations keep mean 0 and variance 1 by themselves (notebook 03): ordinary dropout would change the variance, so dropped units get SELU's lowest value instead of 0, and all are rescaled.

# %%
from course_lib.layers import alpha_dropout

rng = np.random.default_rng(seed)
kept = rng.standard_normal((1000, 300))
after = {"dropout": dropout(kept, 0.2, rng)[0], "alpha dropout": alpha_dropout(kept, 0.2, rng)[0]}
found = {name: (values.mean(), values.var()) for name, values in after.items()}
claim("Of mean 0 and variance 1, dropout at 0.2 makes variance 1.25, alpha dropout keeps both, within 0.02",
      abs(found["dropout"][1] - 1.25) < 0.02 and np.allclose(found["alpha dropout"], (0, 1), atol=0.02),
      ", ".join(f"{name} {mean:+.3f}, {variance:.3f}" for name, (mean, variance) in found.items()))

# %% [markdown]
# ## A limit for each unit
#
# Instead of a price, a limit: after every step, each unit whose vector of incoming weights has become longer than some number is shortened to it. A unit's incoming weights are the *column* of the kernel, one number for each input. Short columns stay as they are.
#
# **Exercise `max_norm`** (2 points). For kernels of shape (inputs, units), or (height, width, channels, filters) of a convolution, where the norm goes over every axis but the last. Multiply by min(norm, limit) / (norm + 1e-7): the small number is for units whose weights are all 0. An array of one axis, such as biases, is refused with a `ValueError`. Worked example, limit 1: the columns (3, 4) and (0.3, 0.4) have norms 5 and 0.5; they become (0.6, 0.8) and stay (0.3, 0.4).

# %% tags=["exercise"]
max_norm

# %% [markdown]
# The well-known error is the other axis: the norm along the *rows*, the outgoing weights of each input. Nothing breaks, shapes fit. What does either do to a kernel of 784 inputs and 300 units, drawn by He?

# %%
w = he_normal((784, 300), np.random.default_rng(seed)).astype(np.float64)
wrong = max_norm(w.T, 1.0).T
norms = {"before": np.linalg.norm(w, axis=0), "max-norm 1": np.linalg.norm(max_norm(w, 1.0), axis=0),
         "the wrong axis": np.linalg.norm(wrong, axis=0)}
plots.clouds(norms, xlabel="300 units", ylabel="norm of incoming weights", reference=(1, "limit"),
             title="On the wrong axis no unit is limited")

# %% [markdown]
# The columns have norm $\sqrt 2$, the rows $\sqrt{600/784} = 0.87$: below the limit, so on the wrong axis nothing at all happens. The limit looks harmless, and is absent.

# %%
claim("On the right axis every norm is at most 1; on the wrong one every unit keeps more than 1.2",
      norms["max-norm 1"].max() <= 1 and norms["the wrong axis"].min() > 1.2,
      f"at most {norms['max-norm 1'].max():.4f}; at least {norms['the wrong axis'].min():.2f}")

# %% [markdown]
# ## More images from few
#
# What would really help is more images. Make them: a digit that is shifted by a pixel, turned by ten degrees or enlarged a little is another image with the same label. `augment` changes each image at random within the limits it is given, anew in every epoch. Look at them before using them:

# %%
from course_lib.augmentation import augment, transform

rng = np.random.default_rng(seed)
one = np.repeat(data.x_train[:1], 8, axis=0)
plots.digits(augment(one, rng, shift=2, rotate=10, zoom=0.1), [str(data.y_train[0])] * 8,
             title="One image, shifted, turned and zoomed eight times, under its label")

# %% [markdown]
# Which changes keep a label is knowledge about the world, which no formula gives. For digits a turn by 180 degrees doesn't: here are four images of a 9, and what a turn makes of them, still under the label that they came with. For photographs of flowers seen from above it might be right.

# %%
nines = data.x_train[data.y_train == 9][1:5]
turned = transform(nines, shifts=np.zeros((4, 2)), angles=np.full(4, 180.0), zooms=np.ones(4))
plots.digits(np.concatenate([nines, turned]), ["9"] * 4 + ["9, turned"] * 4,
             title="Not every change keeps the label: four of these are called 9 and look like 6")

# %% [markdown]
# Three runs with shifts of up to 2 pixels, turns of up to 10 degrees and zooms of up to a tenth; seeds and budget as before. How many points will that gain? Dropout has given you a first idea of what is to be had.

# %%
guess_more = predict("more-images", "Percentage points gained on new images by shifts, turns and zooms:",
                     low=-5, high=15)
guess_more

# %% [markdown]
# `fit` takes a function that changes each batch of images before it is learned from; in use nothing is changed. The function has a generator, so that no two epochs see the same images.

# %%
def augmented(s, **changes):
    rng = np.random.default_rng(s)
    run = fit(plain(rng=rng), data, adam, rng=rng, augment=partial(augment, rng=rng, **changes), **options)
    return run.valid_accuracy[-1]

# %% [markdown]
# The same three seeds as at the beginning, so each run began with the same weights as its partner. It takes longer, since every batch is made anew.

# %%
larger = np.array([augmented(s, shift=2, rotate=10, zoom=0.1) for s in seeds[:3]])
plots.dots({"nothing": reached, "shift, turn, zoom": larger}, xlabel="share of validation images that are right",
           title="What helps is knowing what may change")

# %% [markdown]
# Compare pair by pair. A point is one image in a hundred, of those that the network has never seen; about nine in a hundred were wrong before.

# %%
gain = 100 * (larger - reached)
claim("Shifts, turns and zooms gain in every run, and more than 1.5 points in the mean",
      gain.min() > 0 and gain.mean() > 1.5, ", ".join(f"{points:+.1f}" for points in gain) + " points")
guess_more.against(gain.mean())

# %% [markdown]
# And white noise, the change that needs no knowledge at all: add a random number to each pixel. It is often recommended. Here is the same image with noise of 32 grey levels of 255. Does that make digits that somebody might have written? What it gains stands in the chart of the next section, beside all others.

# %%
plots.digits(augment(one, rng, noise=32), [str(data.y_train[0])] * 8, title="White noise: eight times the same digit")

# %% [markdown]
# ## All of them, on one stage
#
# One network, 1,000 images, 60 epochs, three seeds: every method of this notebook, each at three strengths. The strength was chosen on the validation images, and what is shown was measured on the 10,000 test images. 150 runs take about ten minutes, so they are stored; one of them is run again here.

# %%
from course_lib.studies import load
from course_lib.studies.regularized import SETTINGS, STUDY, best_settings, train

best = best_settings(load(STUDY))
test = {method: 100 * np.mean([row["test_accuracy"] for row in rows]) for method, rows in best.items()}
chosen = best["l2"][0]["setting"]
network, _ = train(*SETTINGS[chosen], seed)
live = accuracy(network, data.x_test, data.y_test)

# %% [markdown]
# From the best to the worst, each at its best strength: the share of test images that are right, and the loss on them. The diamond is the run that was made just now, with the seed of this notebook.

# %%
ranked = [best[method] for method in sorted(test, key=test.get, reverse=True)]
columns = {name: {rows[0]["setting"]: [row[key] for row in rows] for rows in ranked}
           for name, key in (("test accuracy", "test_accuracy"), ("test loss", "test_loss"))}
plots.table_chart(columns, title="Images made from images help most", live=(chosen, live))

# %% [markdown]
# Whatever moves the digits stands above everything else, and the three changes together on top. White noise and paler images gain nothing: they make other arrays, but no other digits, since nobody writes snow. (Where inputs really are noisy, as in sound or measurements, noise may help.) Penalties, limits and dropout stay within a point or so of doing nothing, on this data, with this network and budget. They aren't useless: look at the losses. But nobody who measures would begin with them here.

# %%
gains = {method: points - test["nothing"] for method, points in test.items()}
quiet = {method: gains[method] for method in ("early stopping", "l1", "l2", "max-norm", "dropout")}
claim("Shifts, turns and zooms together gain more than 3 points of test accuracy", gains["shift, rotate, zoom"] > 3,
      f"{gains['shift, rotate, zoom']:+.1f}")
claim("Early stopping, l1, l2, max-norm and dropout are within 1.5 points of nothing",
      max(map(abs, quiet.values())) < 1.5, ", ".join(f"{method} {points:+.1f}" for method, points in quiet.items()))
claim("White noise gains less than 0.5 points, at the best of three strengths", gains["white noise"] < 0.5,
      f"{gains['white noise']:+.1f}")
claim("The live run is within 2 points of the stored mean", abs(100 * live - test["l2"]) < 2, f"{live:.1%}")

# %% [markdown]
# ## The same in TensorFlow
#
# A network with all of it: a penalty, dropout, and a limit to each unit's weights. Keras hands the penalty over in `model.losses`, a list with a number for each layer that has one. `fit` adds them to the loss, and applies limits that a layer was given (`kernel_constraint`). In a loop of your own, **you** must.

# %%
import keras
import tensorflow as tf

limit = keras.constraints.MaxNorm(1.0, axis=0)

def keras_model():
    dense = keras.layers.Dense(100, "relu", kernel_regularizer=keras.regularizers.L1L2(0.001, 0.01))
    return keras.Sequential([keras.Input((784,)), dense, keras.layers.Dropout(0.5), keras.layers.Dense(10)])

# %% [markdown]
# Penalty and limit are those of your functions. `model.losses` is no record of the past: it is computed anew from the weights whenever it is asked for, so it has to stand inside the tape.

# %%
model = keras_model()
w = model.layers[0].kernel.numpy()
gaps = [abs(float(model.losses[0]) / l1_l2(w, l1=0.001, l2=0.01)[0] - 1),
        np.abs(limit(w).numpy() - max_norm(w, 1.0)).max()]
claim("Penalty and limit equal Keras's within 1e-5", max(gaps) < 1e-5, "{:.0e} and {:.0e}".format(*gaps))

# %% [markdown]
# Keras's dropout draws other masks than ours, so only what doesn't depend on the draw can be compared: what is kept is multiplied by 2, and about half is.

# %%
ones = np.ones((400, 100), np.float32)
both = keras.layers.Dropout(0.5, seed=seed)(ones, training=True).numpy(), dropout(ones, 0.5, rng)[0]
claim("Both dropouts make of ones only 0 and 2, and drop 50% within 1.5 points",
      all(set(np.unique(y)) == {0, 2} and abs(np.mean(y == 0) - 0.5) < 0.015 for y in both),
      " and ".join(f"{np.mean(y == 0):.1%}" for y in both))

# %% [markdown]
# One step of a loop by hand. The line that is so easily forgotten is the one with `model.losses`. The limit comes last, after the step: the gradients know nothing of it. `tf.function` makes one graph of all this, which runs faster.

# %%
def step(model, optimizer, x, y, penalties=True):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, model(x, training=True)))
        total = loss + tf.add_n(model.losses) if penalties else loss
    grads = tape.gradient(total, model.trainable_variables)
    optimizer.apply_gradients(zip(grads, model.trainable_variables, strict=True))
    kernel = model.layers[0].kernel
    kernel.assign(limit(kernel))

# %% [markdown]
# A hundred steps with that line, and a hundred without it; the same weights to begin with, the same images, the same masks, since both begin with the same seed. Only one thing differs.

# %%
inputs = tf.constant((data.x_train.reshape(-1, 784) / 255).astype(np.float32))
labels = tf.constant(data.y_train.astype(np.int32))

def hundred(penalties):
    keras.utils.set_random_seed(seed)
    model, optimizer, graph = keras_model(), keras.optimizers.SGD(0.1), tf.function(step)
    optimizer.build(model.trainable_variables)
    for i in range(100):
        graph(model, optimizer, inputs[i % 20 * 50:][:50], labels[i % 20 * 50:][:50], penalties)
    return model.layers[0].kernel.numpy()

# %% [markdown]
# The limit holds in both, since it was applied by hand. The penalty is felt only by the first: nothing fails without it, the weights just stay larger.

# %%
kernel = hundred(True), hundred(False)
longest, squares = max(np.linalg.norm(w, axis=0).max() for w in kernel), [np.sum(w**2) for w in kernel]
claim("No unit's weights are longer than 1; with the penalty forgotten their squares sum to over 1.5 times as much",
      longest < 1 + 1e-5 and squares[1] > 1.5 * squares[0], f"{longest:.4f}; {squares[0]:.1f} and {squares[1]:.1f}")

# %% [markdown]
# ## Explore it yourself
#
# Sixty points from two half moons that reach into each other, with noise, and a network of two hidden layers of 32 units that could draw any border between them. Four parts: what it says where, the sharper the change of grey the surer it is; its weights; the losses while it learned; and, for all strengths from nothing to the strongest, the share of points that are right. First a picture that stands still, without any regularization.

# %%
from course_lib.widgets.regularizer import regularizer, regularizer_explorer

regularizer("l2", level=0).figure()

# %% [markdown]
# The same with controls: the method, and a level from 0, nothing, to 12, the strongest. The numbers above the picture say what strength that is. **Try this:**
#
# 1. With l2, move *Level* up from 0. When does the border let go of single points? At which level are most new points right?
# 2. Compare l1 and l2 at the level that is best: how many weights are tiny?
# 3. Dropout at level 6: the weights are nearly as large as without it. What has it changed all the same?
#
# <details><summary>What we found</summary>1. From level 6 on; level 8 is best, with 87% instead of 85%. At 12 the border is nearly straight, and 80% are right. 2. With l1 98% of the weights are below 0.01, with l2 about half. 3. The border, which is smoother, and the share of new points, 88%: no unit can count on a certain other one, so no pair of them draws a bulge around one point.</details>

# %%
explorer = regularizer_explorer()
explorer

# %% [markdown]
# ## Debug lab
#
# Two colleagues compare l2 = 0 and l2 = 0.1, sixty steps each on the first fifty images. Their loop prints the loss with the penalty, as it should. Here is what they wrote:

# %%
def colleagues(l2):
    network, history, printed = plain(rng=np.random.default_rng(seed)), History(), []
    take_step = Step(network, adam, 0.001)
    for _ in range(60):
        take_step(data.x_train[:50], data.y_train[:50], history)
        printed.append(history.step_loss[-1] + sum(l1_l2(w, l1=0, l2=l2)[0] for w in kernels(network)))
    return printed, np.linalg.norm(np.concatenate(kernels(network)))

# %% [markdown]
# And what it prints, with the norm of all weights at the end beside it. Compare the two curves, and the two norms. If a strong penalty pulls at every weight, what should the norms say?

# %%
runs = {l2: colleagues(l2) for l2 in (0.0, 0.1)}
plots.lines({f"l2 = {l2}, norm {norm:.3f}": printed for l2, (printed, norm) in runs.items()}, xlabel="step",
            ylabel="loss that is printed", title="Two losses, and the same weights")

# %% [markdown]
# Name the bug before you mend it: follow the penalty through the loop. Which line makes use of it, which line changes the weights, and what is it that no line does?

# %%
quiz("patient-06")

# %% [markdown]
# **Exercise `regularize`** (2 points). Write what was forgotten: given the data's loss, the gradients and the parameters, both dictionaries of arrays by the same names, and a penalty, a function of one kernel that returns its amount and its gradient, return the total loss and the gradients that belong to it. Kernels are the arrays whose names end in `"/w"`; all others stay as they are, and so do the arrays that came in.
#
# Worked example: loss 1.5, one kernel with gradient 0.2 and a penalty that returns (0.3, 0.1): the total is 1.8, the gradient 0.3.

# %% tags=["exercise"]
regularize

# %% [markdown]
# The colleagues' loop with your function: total and gradients come from one place, so they can't part. One update for all arrays by Adam, sixty steps, l2 as before.

# %%
from course_lib.losses import softmax_cross_entropy
from course_lib.optimizers import update

def mended(penalty):
    network, states = plain(rng=np.random.default_rng(seed)), {}
    for _ in range(60):
        logits, caches = network.forward(data.x_train[:50])
        loss, dlogits = softmax_cross_entropy(logits, data.y_train[:50])
        total, grads = regularize(loss, network.backward(dlogits, caches), network.params, penalty)
        network.params, states = update(adam, network.params, grads, states, lr=0.001)
    return np.linalg.norm(np.concatenate(kernels(network)))

# %% [markdown]
# The colleagues' weights were equal to the last bit, whatever the penalty's strength, since no line carried it to them. Now the norms must differ, and by much: l2 = 0.1 is strong.

# %%
norms = [mended(partial(l1_l2, l1=0, l2=l2)) for l2 in (0.0, 0.1)]
claim("The colleagues' two norms are equal, the mended ones differ by a factor of more than 1.5",
      runs[0.0][1] == runs[0.1][1] and norms[0] > 1.5 * norms[1], "{:.1f} and {:.1f}".format(*norms))

# %% [markdown]
# ## The memory, mended
#
# Back to the beginning: the network that knew 1,000 images by heart, three seeds, 30 epochs. What the measurements recommend is put in, shifts, turns and zooms, and a little dropout; and since nothing is learned by heart any more, the curves go together.

# %%
def final(s):
    rng = np.random.default_rng(s)
    changed = partial(augment, rng=rng, shift=2, rotate=10, zoom=0.1)
    return fit(with_dropout(rng, 0.2), data, adam, rng=rng, augment=changed, **options)

# %% [markdown]
# The validation loss of both, and the training loss of the new runs. Two things were changed at once, so this is no comparison of methods; it is what you would do.

# %%
cured = [final(s) for s in seeds[:3]]
plots.lines({"validation, by heart": curves["validation"], "validation, mended": [run.valid_loss for run in cured],
             "training, mended": [run.loss for run in cured]}, xlabel="epoch", ylabel="loss",
            title="The loss on new images goes on falling")

# %% [markdown]
# Judge it by both measures, as above: the loss on new images, against the lowest that was ever reached by heart (so early stopping wouldn't have helped), and the images that are right, pair by pair.

# %%
better = 100 * (np.array([run.valid_accuracy[-1] for run in cured]) - reached)
claim("In every run the loss on new images ends below the lowest by heart, and more of them are right",
      np.all([run.valid_loss[-1] for run in cured] < lowest) and better.min() > 0,
      ", ".join(f"{points:+.1f}" for points in better) + " points")

# %% [markdown]
# ## What to remember
#
# 1. Training accuracy says nothing about new data: this network learned nonsense by heart just as well.
# 2. More images, even made from those there are, helped more than all penalties together. Which changes keep a label, you must know.
# 3. Early stopping lowers the loss and saves time; keep the best weights, not the last.
# 4. Dropout: drop in training, enlarge what is kept, do nothing in use. Max-norm: over a unit's incoming weights.
# 5. A penalty belongs to the loss *and* to the gradients. Compare weights, not printed losses.
#
# **Today.** Large networks are regularized by data and augmentation first (RandAugment, mixup), then by weight decay in AdamW, and by stochastic depth or a little dropout; language models that see each text once often need none. Early stopping is rare there, since the loss on new data falls to the end.
#
# **To read.** N. Srivastava et al., *Dropout*, 2014. C. Zhang et al., *Understanding deep learning requires rethinking generalization*, 2017. Y. Gal, Z. Ghahramani, *Dropout as a Bayesian approximation*, 2016. L. Wan et al., *Regularization of neural networks using DropConnect*, 2013. L. Prechelt, *Early stopping, but when?*, 1998. E. Cubuk et al., *RandAugment*, 2020. H. Zhang et al., *mixup*, 2018.

# %% [markdown]
# ### In your own words
#
# Your network gets 99.8% of its training images right and 91% of new ones. Somebody proposes a stronger l2 penalty. What do you look at first, what do you try first, and which result would convince you that the penalty is what was missing? (2 points, marked by a person.)

# %% [markdown] tags=["answer"] grade_id="which-remedy" points=2
# *Double-click here and write your answer in place of this line.*

# %% [markdown]
# ### Five questions
#
# Each answers at once, whichever option you choose, and says why; your answers are kept with your progress, and you can change them.

# %%
quiz("dropout-cost")

# %%
quiz("which-axis")

# %%
quiz("label-preserving")

# %%
quiz("left-on")

# %%
quiz("which-first")

# %% [markdown]
# That was notebook 06. The panel shows what you have done; whatever is open you can come back to. Next, in notebook 07, networks that others have trained.

# %%
progress()
