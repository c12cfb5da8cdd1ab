# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 03 · Activations
#
# Somebody is in a hurry, turns the learning rate up, and the network falls silent: it answers the same digit to every image, for ever. You will find the units that died, say why, and meet thirteen other activation functions that promise to do better. Some keep their promise.
#
# Afterwards you can
#
# - write each activation and its slope so that no input makes it NaN,
# - see dead units in a plot, and say whether they can come back,
# - keep a signal at mean 0 and variance 1 through a hundred layers, and say what breaks it,
# - choose an activation by measured accuracy *and* cost, knowing which differences mean anything.
#
# You need notebook 01; 02 helps. {{measured}}

# %% [markdown]
# ## A network in a hurry
#
# The set-up: processor or graphics card, one seed for everything random, and the data. All networks here learn from the first 6,400 training images of MNIST, handwritten digits of 28 by 28 pixels, unless it is said otherwise. They are judged on the 5,000 validation images, which they never learn from.

# %%
import numpy as np

from course_lib import plots
from course_lib.activations import SELU_ALPHA, SELU_SCALE, prelu_derivative
from course_lib.backend import seed_everything, use_backend
from course_lib.claims import claim
from course_lib.datasets import load_mnist
from course_lib.exercises import check, hint, predict, progress, quiz, use

use_backend()
seed = seed_everything()
data = load_mnist().first(6400)

# %% [markdown]
# The network: five hidden layers of 100 ReLU units, $f(z) = \max(z, 0)$, with He's weights. It learns by *Adam*, today's usual rule (notebook 05): each weight's step is scaled by that weight's own recent gradients, so that it comes out about as large as the learning rate. The usual rate is 0.001, and somebody in a hurry takes 0.1. How much will the network get right after 300 steps?

# %%
guess_hurry = predict("hurry", "Share of digits that the network gets right at rate 0.1:",
                      low=0, high=100, unit="%")
guess_hurry

# %% [markdown]
# Three networks at each rate, from three seeds. For each seed the two begin with the same weights and see the images in the same order, three times through, 64 at a time. Each dot is one seed, the bar is their mean. A blind guess is right one time in ten.

# %%
from functools import partial
from course_lib.initializers import he_normal, lecun_normal
from course_lib.models import deep_network
from course_lib.optimizers import adam
from course_lib.training import final_accuracy, fit, repeat

seeds = range(5 * seed, 5 * seed + 5)
relu_network = partial(deep_network, 5, 100, "ReLU", he_normal)
hurry = {f"ReLU, rate {lr}": repeat(relu_network, data, adam, seeds[:3], lr=lr, epochs=3) for lr in (1e-3, 0.1)}
plots.dots(final_accuracy(hurry), title="At rate 0.1 the network falls to guessing", reference=(0.1, "guessing"),
           xlabel="share of validation images that are right")

# %% [markdown]
# At 0.1 nothing exploded: the loss stayed a number, no run broke off. It is quieter than that: the network sits where it is, epoch after epoch. A sentence with a tick, as below, is one that the notebook has just checked by itself.

# %%
calm, hurried = final_accuracy(hurry).values()
stopped = [run.stopped for runs in hurry.values() for run in runs if run.stopped]
claim("No run breaks off; at rate 0.001 every run gets more than 85% right, at 0.1 every run less than 45%",
      not stopped and min(calm) > 0.85 and max(hurried) < 0.45,
      f"{len(stopped)} broken off; at least {min(calm):.0%}; at most {max(hurried):.0%}")
guess_hurry.against(100 * np.mean(hurried))

# %% [markdown]
# ## Dead units
#
# What does such a network look like from the inside? Train one again and take its first hidden layer apart by hand. A unit computes $z = x \cdot w + b$ and passes on $\max(z, 0)$. In the plainest code: for each of the 100 units ask whether there is a single image, among 5,000, for which its $z$ is positive.

# %%
network = relu_network(rng=np.random.default_rng(seed))
fit(network, data, adam, lr=0.1, epochs=3, rng=np.random.default_rng(seed))
x = network.layers[0].forward(data.x_valid)[0]
z = x @ network.params["dense 1/w"] + network.params["dense 1/b"]
print(sum(all(z[:, unit] <= 0) for unit in range(100)), "of 100 units never switch on")

# %% [markdown]
# Such a unit is **dead**. Its output is 0 for every image; its slope $f'(z)$ is 0 for every image, so the error that comes back through it is multiplied by 0, and its own weights get a gradient of exactly 0. Nothing it learns from will ever move it. `hidden_units` counts the dead in every layer.

# %%
from course_lib.measuring import UnitWatch, came_back, hidden_units

units = hidden_units(network, data.x_valid)
layers = [f"layer {i}" for i in range(1, 6)]
plots.dots(dict(zip(layers, units.dead.mean(axis=1), strict=True)), decimals=2, reference=(0.5, "half"),
           title="Most units of the hurried network are dead", xlabel="share of the layer's units")

# %% [markdown]
# Now check the second half of the story, that no gradient reaches them. Send all validation images through, the error back, and look at the gradients of the weights that lead into dead units, layer by layer. Not small ones: zeros.

# %%
from course_lib.measuring import rms, signals

gradients = signals(network, data.x_valid, data.y_valid).gradients
into_dead = np.concatenate([dw[:, dead].ravel() for dw, dead in zip(gradients, units.dead, strict=True)])
claim("More than half of all hidden units are dead", units.dead.mean() > 0.5, f"{units.dead.mean():.0%}")
claim("Every weight into a dead unit has a gradient of exactly 0", into_dead.size > 0 and not into_dead.any(),
      f"{into_dead.size:,} weights, the largest gradient is {np.abs(into_dead).max(initial=0):g}")

# %% [markdown]
# When did they die? Look every ten steps: here each "epoch" is only 640 images, ten steps of 64. And look at the very first step: how far did Adam move the weights of a hidden layer, beside how large they were?

# %%
watched = relu_network(rng=np.random.default_rng(seed))
before, watch = watched.params["dense 2/w"], UnitWatch(data.x_valid, watched)
fit(watched, data.first(64), adam, lr=0.1, epochs=1, rng=np.random.default_rng(seed))
step = np.abs(watched.params["dense 2/w"] - before)
watched = relu_network(rng=np.random.default_rng(seed))
fit(watched, data.first(640), adam, lr=0.1, epochs=6, rng=np.random.default_rng(seed), callbacks=[watch])
plots.lines({"dead units": watch.dead.mean(axis=(1, 2))}, x=10 * np.arange(7), xlabel="step",
            ylabel="share of all hidden units", title="The units die in the first ten steps")

# %% [markdown]
# He's weights have a standard deviation of 0.14 here. Adam's first step moves every one of them by 0.1, up or down, whatever its gradient. A unit of a higher layer gets 100 inputs that are all positive or 0; if most of its weights go down at once, its $z$ falls below zero for *every* image. In layer 1 it is worse: most of the 784 pixels are paper, the same negative number in nearly every image, so all their weights step the same way. From there no gradient brings a unit back.

# %%
claim("Adam's first step moves at least nine tenths of the weights in layer 2 by 0.1, within 1%",
      np.mean(np.abs(step[step > 0] / 0.1 - 1) < 0.01) > 0.9, f"median {np.median(step[step > 0]):.3f}, "
      f"beside weights with an RMS of {rms(before):.2f}")
dead = watch.dead.mean(axis=(1, 2))
claim("At least half of the units are dead after ten steps", dead[1] > 0.5,
      f"{dead[0]:.0%} before, {dead[1]:.0%} after")

# %% [markdown]
# ## Fourteen functions
#
# ReLU's flat half is what kills. There are many proposals for something better. Here are fourteen: the function as a line, its slope as dashes, both of the pre-activation $z$. Look for three things: where the slope is 0 or nearly so, whether the function is negative anywhere, and whether its slope ever exceeds 1.

# %%
from course_lib.studies.activations import FOURTEEN

plots.gallery(FOURTEEN, title="Fourteen activations and their slopes")

# %% [markdown]
# In formulas, where $\sigma$ is the logistic function of notebook 01 and $\Phi(z)$ the share of N(0,1) below $z$:
#
# | name | $f(z)$ | by |
# |---|---|---|
# | logistic, tanh | $\sigma(z) = 1/(1 + e^{-z})$; $\ 2\sigma(2z) - 1$ | old |
# | hard sigmoid | $\min(\max(z + 3,\, 0),\, 6)/6$: three straight lines, no exponential | Howard et al., 2019 |
# | softplus | $\log(1 + e^z)$: ReLU with a round corner | Dugas et al., 2001 |
# | ReLU | $\max(z, 0)$ | Nair, Hinton, 2010 |
# | leaky ReLU | $z$ above zero, $a z$ below, $a$ fixed: 0.01 or 0.2 | Maas et al., 2013 |
# | RReLU | the same, $a$ drawn at random in training, from 1/8 to 1/3 | Xu et al., 2015 |
# | PReLU | the same, $a$ learned, one for each unit | He et al., 2015 |
# | ELU | $z$ above zero, $\alpha(e^z - 1)$ below | Clevert et al., 2015 |
# | SELU | ELU with a certain $\alpha$, times a certain scale | Klambauer et al., 2017 |
# | GELU, SiLU (Swish) | $z\,\Phi(z)$; $\ z\,\sigma(z)$ | Hendrycks, Gimpel, 2016 |
# | Mish | $z \tanh(\log(1 + e^z))$ | Misra, 2019 |

# %% [markdown]
# The same in numbers, for $z$ from N(0,1), as a network with well-drawn weights has it at first: the mean output; the mean of the squared output, which says how large the next layer's weights must be (notebook 02); the steepest and the smallest slope between −5 and 5.

# %% tags=["nbval-check-output"]
points, weights = np.polynomial.hermite_e.hermegauss(200)
weights, far = weights / weights.sum(), np.linspace(-5, 5, 1001)
print("                 mean  mean square   steepest  smallest")
for name, (f, slope) in FOURTEEN.items():
    print(f"{name:15} {round(weights @ f(points), 2) + 0.0:6.2f} {weights @ f(points)**2:11.2f} "
          f"{slope(far).max():11.2f} {slope(far).min():9.2f}")

# %% [markdown]
# Notebook 01 showed what a mean away from 0 costs: a constant that drowns the image. Only tanh and SELU have mean 0; ELU, often praised for it, comes down from ReLU's 0.40 to 0.16. And three functions fall before they rise: a unit of theirs can lower its output by raising $z$.

# %%
centred = {name for name, (f, _) in FOURTEEN.items() if abs(weights @ f(points)) < 0.01}
falling = {name for name, (_, slope) in FOURTEEN.items() if slope(far).min() < 0}
claim("For z from N(0,1) only tanh and SELU have mean output 0, within 0.01", centred == {"tanh", "SELU"},
      ", ".join(sorted(centred)))
claim("Only GELU, SiLU and Mish have a negative slope anywhere", falling == {"GELU", "SiLU", "Mish"},
      ", ".join(sorted(falling)))

# %% [markdown]
# ## A leak
#
# The smallest cure: let a little of what is negative through. In the plainest code, one number at a time, with a slope of 0.2 below zero. A unit that is far down on every image still has a slope, so it still gets a gradient, and it can climb back.

# %%
leaked = []
for number in [-2.0, -1.0, 1.0, 2.0]:
    leaked.append(number if number > 0 else 0.2 * number)
leaked

# %% [markdown]
# **Exercise `leaky_relu`** (1 point). For whole arrays, without a loop. Any number $z$ is the sum of its positive part $\max(z, 0)$ and its negative part $\min(z, 0)$; one of them is 0. So
#
# $$f(z) = \max(z, 0) + a\,\min(z, 0),$$
#
# where $a$ is `negative_slope`, from 0 to 1 here. Worked example with $a = 0.1$: $(-2, -1, 1, 2)$ becomes $(-0.2, -0.1, 1, 2)$. Keep the dtype: `float32` in, `float32` out.

# %% tags=["exercise"]
leaky_relu

# %% [markdown]
# The **exponential linear unit** bends instead of breaking, and goes down to a floor of $-\alpha$: $z$ above zero, $\alpha(e^z - 1)$ below. A common way to write two cases in one line multiplies each by a mask of zeros and ones. See what it makes of 1000:

# %%
with np.errstate(all="ignore"):
    z = np.array([-1000.0, -1.0, 1.0, 1000.0])
    print(z * (z > 0) + (np.exp(z) - 1) * (z <= 0))

# %% [markdown]
# The side that isn't wanted is computed all the same: $e^{1000}$ is infinity, and infinity times 0 is NaN. Hidden layers do reach such numbers when a rate is too large.
#
# **Exercise `elu`** (2 points). Write it so that the exponential never sees a large number: as with the leak, split $z$ into its two parts,
#
# $$f(z) = \max(z, 0) + \alpha\,\bigl(e^{\min(z, 0)} - 1\bigr).$$
#
# Worked example: with $\alpha = 2$, $f(-\ln 2) = 2 \cdot (\tfrac12 - 1) = -1$ and $f(3) = 3$; $f(-1000) = -2$.

# %% tags=["exercise"]
elu

# %% [markdown]
# **Exercise `elu_derivative`** (2 points). Backward through ELU needs its slope at $z$, the pre-activation. Differentiate each side by itself:
#
# $$f'(z) = 1 \ \text{ where } z > 0, \quad \text{else } \alpha\, e^{z}.$$
#
# Worked example with $\alpha = 2$: $f'(-\ln 2) = 1$ and $f'(3) = 1$, while $f'(-1000)$ is 0 within rounding. For $\alpha = 1$ the two sides meet: the slope has no jump at 0. What happens at $z = 0$ itself is left to you.

# %% tags=["exercise"]
elu_derivative

# %% [markdown]
# Is a slope right? Finite differences know: nudge $z$ up and down and see how $f$ changes. They also show what the corner means: at a kink, as leaky ReLU's at 0, the slope depends on the side; random numbers practically never hit it. Your two functions as a pair, judged as in notebook 01:

# %%
from course_lib.activations import leaky_relu_derivative
from course_lib.gradcheck import check_gradient

rng = np.random.default_rng(seed)
pairs = {"leaky ReLU": (leaky_relu, leaky_relu_derivative), "ELU": (elu, elu_derivative)}

def judged(f, slope):
    z = rng.standard_normal((20, 5))
    return check_gradient(lambda z: (f(z), z), lambda dy, z: (dy * slope(z),), z, rng=rng)[0]

errors = {name: judged(*pair) for name, pair in pairs.items()}
claim("The slopes of leaky ReLU and ELU agree with finite differences", max(errors.values()) < 1e-6,
      f"relative error at most {max(errors.values()):.0e}, allowed 1e-6")

# %% [markdown]
# ## Who dies, and who comes back?
#
# Now the experiment that counts: ReLU, leaky ReLU with slope 0.2, and ELU, each at three learning rates, on your functions if they passed. All nine networks begin with the same weights and see the same images in the same order. Before you run it: at rate 0.01, ten times the usual, how many of ReLU's units will be dead after 400 steps?

# %%
guess_dead = predict("dead", "Share of ReLU's units that are dead after 400 steps at rate 0.01:",
                     low=0, high=100, unit="%")
guess_dead

# %% [markdown]
# `UnitWatch` looks at all hidden units after each epoch, of 3,200 images or 50 steps here. It records which are dead (slope 0 on every image), and which are only **off**: negative on every image. For ReLU the two are the same. A leaky unit can be off; by its definition it can't be dead.

# %%
kinds = {"ReLU": "ReLU", **pairs}
watches, runs = {}, {}
for lr in (0.001, 0.01, 0.1):
    for name, kind in kinds.items():
        rng = np.random.default_rng(seed)
        network = deep_network(5, 100, kind, he_normal, rng=rng)
        watches.setdefault(str(lr), {})[name] = watch = UnitWatch(data.x_valid[:1000], network)
        runs[name, lr] = [fit(network, data.first(3200), adam, lr=lr, epochs=8, rng=rng, callbacks=[watch])]

# %% [markdown]
# One map for each network: a column is an epoch, a row a layer, the darker the more of its units are dead. Epoch 0 is before training. Read a row from left to right to see when its units died, and whether any came back.

# %%
maps = {name: {f"rate {lr}": watches[str(lr)][name].dead.mean(axis=2).T for lr in (0.001, 0.01, 0.1)}
        for name in kinds}
plots.share_maps(maps, title="Dead units: the rate decides, and the activation", xlabel="epoch",
                 ylabel="hidden layer", label="share of units dead")

# %% [markdown]
# The same as a film: move *epoch* with the mouse or the arrow keys, and change the *rate*. On the right the units that are off, of which leaky ReLU has some, too. **Try this:** at 0.1, watch leaky ReLU's line go up and down from epoch to epoch, while ReLU's stands still.

# %%
from course_lib.widgets.dying import dying_explorer

film = dying_explorer(watches)
film

# %% [markdown]
# At rate 0.01 about a third of ReLU's units die in the first epoch, most of them for good. And now the surprise: that network still gets nine tenths of the digits right. A hundred units a layer are more than this task needs, so the living carry it. Dead units are waste before they are a catastrophe; you only notice when you look.

# %%
shares = {(name, lr): watches[str(lr)][name].dead[-1].mean() for name in kinds for lr in (0.001, 0.01, 0.1)}
accuracy = {key: final_accuracy({"": found})[""][0] for key, found in runs.items()}
claim("At 0.01 between 15% and 50% of ReLU's units end dead, and it still gets more than 80% right",
      0.15 < shares["ReLU", 0.01] < 0.50 and accuracy["ReLU", 0.01] > 0.80,
      f"{shares['ReLU', 0.01]:.0%} dead, {accuracy['ReLU', 0.01]:.0%} right")
guess_dead.against(100 * shares["ReLU", 0.01])

# %% [markdown]
# The leak keeps its promise: no unit of leaky ReLU is dead at any rate, and at 0.1 it still learns what ReLU can't. Of its units that were off after the first epoch many come back on; of ReLU's, few. (Not none: a ReLU unit's own weights get no gradient, but the layers below it still move, and may carry it over zero by chance.)

# %%
back = {name: came_back(watches["0.1"][name].off[1:]) for name in kinds}
claim("No leaky unit is dead at any rate, and at 0.1 leaky ReLU gets more than 45% right",
      not any(shares["leaky ReLU", lr] for lr in (0.001, 0.01, 0.1)) and accuracy["leaky ReLU", 0.1] > 0.45,
      f"{accuracy['leaky ReLU', 0.1]:.0%} right; ReLU {accuracy['ReLU', 0.1]:.0%}")
claim("At 0.1 leaky ReLU gets 20 points more of the units back that were off after epoch 1 than ReLU does",
      back["leaky ReLU"] > back["ReLU"] + 0.2, f"{back['leaky ReLU']:.0%} against {back['ReLU']:.0%}")

# %% [markdown]
# And ELU? Books list as an advantage that its slope is never 0, so that its units can't die. On paper. Far below zero the slope is $e^z$: at $z = -10$ it is 0.00005, so a unit down there learns twenty thousand times slower than one above zero. And `float32` has no number below $10^{-45}$: at $z = -110$ the slope *is* 0.

# %%
z = np.array([-2.0, -10.0, -50.0, -110.0], np.float32)
print("z     ", z)
print("slope ", elu_derivative(z))

# %% [markdown]
# At rate 0.1 that is where ELU's units go. Nearly all are off, their slopes next to nothing; in the maps above some are dead even by the strict definition; and hardly any of those that were off come back. At the two smaller rates ELU does as it promises.

# %%
off = watches["0.1"]["ELU"].off[-1].mean()
claim("At 0.001 and 0.01 no ELU unit is dead", shares["ELU", 0.001] == shares["ELU", 0.01] == 0, "none of 500")
claim("At 0.1 more than half of ELU's units are off, and of those off after epoch 1 fewer than 20% come back",
      off > 0.5 and back["ELU"] < 0.2, f"{off:.0%} off, {back['ELU']:.0%} come back")
claim("At 0.1 ELU gets less right than leaky ReLU", accuracy["ELU", 0.1] < accuracy["leaky ReLU", 0.1],
      f"{accuracy['ELU', 0.1]:.0%} against {accuracy['leaky ReLU', 0.1]:.0%}")

# %% [markdown]
# So "ELU units can't die" is true of the formula and not of the computer, and long before that they are as good as dead: saturated, like the logistic units of notebook 01. Against a rate that is far too large, of these three only the leak helps. The better cure is a smaller rate.

# %% [markdown]
# ## A hundred layers without losing the signal
#
# ELU's curve has two free numbers, $\alpha$ and an overall scale. S. Klambauer and colleagues asked which values make a layer *keep* mean 0 and variance 1: if $z$ is from N(0,1), then $f(z)$ has mean 0 and variance 1 again. Two equations, two unknowns; with LeCun's weights (variance 1/fan in) the solution is
#
# $$f(z) = s\,\bigl(\max(z, 0) + \alpha\,(e^{\min(z,0)} - 1)\bigr), \qquad \alpha = 1.6733,\ s = 1.0507.$$
#
# More than that: they proved that a layer pushes *back* towards 0 and 1 whatever comes near. Above zero the slope $s > 1$ makes a small signal grow; below, the curve flattens and damps a large one.

# %% [markdown]
# **Exercise `selu`** (1 point). The constants are `SELU_ALPHA` and `SELU_SCALE`, from the set-up cell. Which goes where is easily confused, in slides and even in libraries; alpha belongs to the exponential only.
#
# Worked example: $f(1) = 1.0507$; far below zero $f$ ends at $-s\,\alpha = -1.7581$. No input may give NaN, as with ELU.

# %% tags=["exercise"]
selu

# %% [markdown]
# Test the promise before any training: 256 digits through 100 layers of 100. Beside the right recipe three that are each wrong in one thing: He's weights, plain *dropout* (in training, half of each layer's outputs are set to 0 and the rest doubled; notebook 06), and the two constants swapped. Which one harms least?

# %%
guess_selu = predict("selu", "Which change leaves the signal's size at layer 100 nearest to 1?",
                     options=["He's weights", "dropout of 50%", "swapped constants"])
guess_selu

# %% [markdown]
# Each map has a column for each of the 100 layers, darker where more activations have that value. If the recipe holds, all columns look alike. Values beyond ±4 are counted at the edges.

# %%
from course_lib.activations import selu_derivative

swapped = lambda z: SELU_ALPHA * elu(z, alpha=SELU_SCALE)
recipes = {"LeCun's weights": (selu, lecun_normal, 0.0), "He's weights": (selu, he_normal, 0.0),
           "dropout of 50%": (selu, lecun_normal, 0.5), "swapped constants": (swapped, lecun_normal, 0.0)}
deep = {}
for name, (f, draw, rate) in recipes.items():
    network = deep_network(100, 100, (f, selu_derivative), draw, rng=np.random.default_rng(seed), dropout=rate)
    deep[name] = signals(network, data.x_train[:256], data.y_train[:256]).activations
plots.histograms(deep, low=-4, high=4, xlabel="activation", title="Only the right recipe stays as it began")

# %% [markdown]
# Mean and standard deviation say it in two numbers a layer. The axis is logarithmic, since the wrong recipes grow without end. A hundred layers multiply; a factor of 1.05 at each would make 130 in the end.

# %%
spread = {name: [layer.std(dtype=float) for layer in layers] for name, layers in deep.items()}
mean = [layer.mean(dtype=float) for layer in deep["LeCun's weights"]]
plots.lines(spread, log=True, title="Three ways to break self-normalization", ylabel="standard deviation",
            xlabel="hidden layer (1 is nearest the image)")

# %% [markdown]
# With LeCun's weights mean and deviation stay near 0 and 1 in all hundred layers: not exactly, since 100 units are few and each layer's mean is itself a bit random. The wrong recipes miss by a factor of ten and more.

# %%
right = np.array(spread.pop("LeCun's weights"))
ends = {name: values[-1] for name, values in spread.items()}
claim("SELU with LeCun's weights: in all 100 layers the mean is within 0.25 of 0, the deviation within 0.25 of 1",
      np.abs(mean).max() < 0.25 and np.abs(right - 1).max() < 0.25,
      f"mean {min(mean):.2f} to {max(mean):.2f}, deviation {right.min():.2f} to {right.max():.2f}")
claim("Each of the three changes makes the deviation at layer 100 more than ten", min(ends.values()) > 10,
      ", ".join(f"{name} {value:.1e}" for name, value in ends.items()))
guess_selu.against(min(ends, key=ends.get))

# %% [markdown]
# Books say that dropout destroys self-normalization. How much of it? Measure the last twenty layers for three rates. Dropout multiplies the variance by $1/(1 - \text{rate})$ at each layer, and SELU pulls back. The cure is **alpha dropout**: it sets units not to 0 but to SELU's floor, $-s\,\alpha$, and then shifts and scales so that mean and variance stay.

# %%
from course_lib.layers import alpha_dropout, alpha_dropout_backward
from course_lib.models import dropout_layer
from course_lib.network import Layer, Network

def with_alpha_dropout(rate, rng):
    drop, layers = dropout_layer(rate, rng, dropout=alpha_dropout, dropout_backward=alpha_dropout_backward), []
    for layer in deep_network(100, 100, "SELU", lecun_normal, rng=rng).layers:
        layers += [layer, drop] if layer.name == "activation" else [layer]
    return Network(layers)

# %% [markdown]
# Each number below is the standard deviation of the activations in layers 81 to 100, averaged. The first column says how many of the units are dropped at every layer.

# %%
def late(network):
    layers = signals(network, data.x_train[:256], data.y_train[:256]).activations[-20:]
    return np.mean([layer.std(dtype=float) for layer in layers])

rates, new = [0.1, 0.3, 0.5], lambda: np.random.default_rng(seed)
plain = [late(deep_network(100, 100, "SELU", lecun_normal, rng=new(), dropout=rate)) for rate in rates]
alpha = [late(with_alpha_dropout(rate, new())) for rate in rates]
plots.lines({"plain dropout": plain, "alpha dropout": alpha}, x=rates, log=True, xlabel="share of units dropped",
            ylabel="standard deviation, layers 81 to 100", title="SELU pulls plain dropout back, until it can't")

# %% [markdown]
# So it isn't all or nothing. At 10% SELU's pull wins: the deviation settles at about 1.2. At 30% it settles at about 2. Only at 50% does it run away. Alpha dropout keeps 1 at all three rates, as promised.

# %%
claim("Plain dropout leaves the deviation between 1.1 and 1.5 at 10%, between 1.5 and 3 at 30%, above 10 at 50%",
      1.1 < plain[0] < 1.5 < plain[1] < 3 and plain[2] > 10, ", ".join(f"{value:.3g}" for value in plain))
claim("Alpha dropout keeps it within 5% of 1 at all three rates", np.abs(np.array(alpha) - 1).max() < 0.05,
      ", ".join(f"{value:.3f}" for value in alpha))

# %% [markdown]
# ## Slopes that are learned, slopes that are random
#
# How large should the leak be? **PReLU** doesn't decide: each unit has a slope $a$ of its own, and $a$ is learned like a weight. That takes a gradient. Unit $j$ uses its slope for every image $k$: $y_{kj} = \max(z_{kj}, 0) + a_j \min(z_{kj}, 0)$. By the rules of notebook 01, a parameter that is used many times collects from every use:
#
# $$dz_{kj} = dy_{kj} \cdot f'(z_{kj}), \qquad da_j = \sum_k dy_{kj}\,\min(z_{kj}, 0).$$

# %% [markdown]
# **Exercise `prelu_backward`** (3 points). Return `dz` and `dslopes`, in the order of the arguments of `prelu(z, slopes)`. In the cases here `z` and `dy` have shape (batch, units) and `slopes` (units,). You may use `prelu_derivative(z, slopes)` from the set-up cell, or do without.
#
# Worked example: one image, two units, $z = (-3,\ 4)$, $dy = (1,\ 2)$, slopes $\tfrac14$ each. Then $dz = (\tfrac14,\ 2)$; the first unit's slope gets $1 \cdot (-3) = -3$, the second's nothing, since its $z$ is positive: $da = (-3,\ 0)$.

# %% tags=["exercise"]
prelu_backward

# %% [markdown]
# A layer that learns on your backward pass: `Layer` takes the two halves and the array that is learned. All slopes begin at 0.25, as in the paper. It takes the place of the activations in a network of five layers, which then trains for three epochs at rate 0.003.

# %%
from course_lib.activations import prelu

def prelu_layer():
    return Layer("prelu", lambda z, slopes: (prelu(z, slopes), (z, slopes)),
                 lambda dy, cache: prelu_backward(dy, *cache), slopes=np.full(100, 0.25, np.float32))

rng = np.random.default_rng(seed)
layers = relu_network(rng=rng).layers
network = Network([prelu_layer() if layer.name == "activation" else layer for layer in layers])
run = fit(network, data, adam, lr=0.003, epochs=3, rng=rng)

# %% [markdown]
# Which slopes did the units choose? A dot for each of the 100 units of a layer, the bar at the layer's mean. At 0 a unit would be a ReLU, at 1 a straight line, and a unit with a negative slope bends like the absolute value.

# %%
slopes = {f"layer {i}": network.params[f"prelu {i}/slopes"] for i in range(1, 6)}
plots.clouds(slopes, title="Units of one layer choose different slopes", reference=(0.25, "where all began"),
             xlabel="hidden layer", ylabel="learned slope")

# %% [markdown]
# No single slope is right for all: in every layer they spread out, and the layers differ. It costs 500 more parameters beside 120,000 weights. Whether it gains accuracy is another question, to which we come.

# %%
spreads = [values.std() for values in slopes.values()]
claim("In every layer the learned slopes spread, with a standard deviation above 0.015", min(spreads) > 0.015,
      ", ".join(f"{value:.2f}" for value in spreads))
claim("PReLU's network gets more than 80% right", run.valid_accuracy[-1] > 0.8, f"{run.valid_accuracy[-1]:.0%}")

# %% [markdown]
# **RReLU** takes the opposite way: in training each slope is drawn at random, anew for every number and every call, from U(1/8, 1/3). In inference, when the network is used, it takes the mean slope, 11/48, and is a leaky ReLU. Call it three times on the same input in both modes:

# %%
from course_lib.activations import rrelu, rrelu_inference

z, rng = np.array([-2.0, -1.0, 1.0]), np.random.default_rng(seed)
for _ in range(3):
    print("training", rrelu(z, rng)[0].round(3), "   inference", rrelu_inference(z).round(3))

# %% [markdown]
# Training is random, inference isn't, and it is the mean of training. A library that forgets to switch, or a notebook in which somebody calls the training function to predict, gives another answer at each call. To see that the mean is right, average many calls.

# %%
many = np.mean([rrelu(z, rng)[0] for _ in range(20_000)], axis=0)
claim("The mean of 20,000 calls in training is the call in inference, within 0.01",
      np.abs(many - rrelu_inference(z)).max() < 0.01, f"{many.round(3)} and {rrelu_inference(z).round(3)}")
gap = {"inference": np.ptp([rrelu_inference(z) for _ in range(5)], axis=0).max(),
       "training": np.ptp([rrelu(z, rng)[0] for _ in range(5)], axis=0).max()}
claim("In inference five calls agree, in training they don't", gap["inference"] == 0 < gap["training"],
      f"they differ by up to {gap['inference']:g} and {gap['training']:.2f}")

# %% [markdown]
# The noise is said to regularize, that is, to keep a network from learning its training images by heart. Try it where that is a danger: 1,000 images, 20 epochs, against a leaky ReLU with the very slope that RReLU has on average. Same weights, same order; only the noise differs.

# %%
from course_lib.models import activation_layer
from course_lib.studies.activations import level_network

noisy = partial(level_network, "RReLU", seed=seed)

def quiet(rng):
    still = activation_layer(*FOURTEEN["RReLU"])
    return Network([still if layer.name == "rrelu" else layer for layer in noisy(rng).layers])

small = {name: repeat(make, data.first(1000), adam, seeds[:3], lr=0.001, epochs=20)
         for name, make in {"leaky ReLU 11/48": quiet, "RReLU": noisy}.items()}
plots.dots(final_accuracy(small), title="RReLU's noise makes little difference here",
           xlabel="share of validation images that are right")

# %% [markdown]
# Hardly anything: both learn the training images by heart, and the difference on new ones is within the spread of the seeds. Perhaps larger networks or other data show more; this one doesn't. Notebook 06 has stronger remedies.

# %%
quiet_ends, noisy_ends = final_accuracy(small).values()
gain = np.subtract(noisy_ends, quiet_ends)
claim("RReLU's mean gain over the same slope without noise is less than 1.5 points, up or down",
      abs(gain.mean()) < 0.015, f"{100 * gain.mean():+.1f} points; by seed {np.round(100 * gain, 1)}")

# %% [markdown]
# ## The last layer: softmax
#
# One activation is unlike the others. **Softmax** turns a row of numbers, one for each class, into probabilities: $y_j = e^{z_j} / \sum_i e^{z_i}$. It belongs after the last layer, not between hidden ones, and it isn't elementwise: each output depends on the whole row. The formula as it stands, on a row that a confident network may well give:

# %%
with np.errstate(all="ignore"):
    row = np.array([1000.0, 1001.0, 998.0])
    print(np.exp(row) / np.exp(row).sum())

# %% [markdown]
# **Exercise `softmax`** (2 points). Adding one constant to all of a row multiplies every exponential by the same factor, which cancels:
#
# $$y_j = \frac{e^{z_j - m}}{\sum_i e^{z_i - m}} \quad\text{for any } m.$$
#
# Choose $m$ so that nothing overflows, for each row by itself; `z` has shape (batch, classes), and the sum runs over the last axis. Worked example: $(\ln 1,\ \ln 2,\ \ln 5)$ gives $(\tfrac18,\ \tfrac28,\ \tfrac58)$; so does $(1000 + \ln 1,\ 1000 + \ln 2,\ 1000 + \ln 5)$.

# %% tags=["exercise"]
softmax

# %% [markdown]
# Three facts about it, checked: rows sum to 1 however large the numbers; only differences count, so raising all of a row by 500 changes nothing; and the largest number stays the largest, so for the most probable class alone, in inference, softmax needn't be computed at all.

# %%
z = 300 * np.random.default_rng(seed).standard_normal((1000, 10))
claim("Rows sum to 1 within 1e-9, for numbers of many hundreds", np.abs(softmax(z).sum(axis=1) - 1).max() < 1e-9,
      f"numbers from {z.min():.0f} to {z.max():.0f}")
change = np.abs(softmax(z + 500) - softmax(z)).max()
claim("Raising a row by 500 changes nothing, within 1e-9; the largest number gets the largest probability",
      change < 1e-9 and np.all(softmax(z).argmax(axis=1) == z.argmax(axis=1)), f"{change:.0e}, 1,000 rows")

# %% [markdown]
# ## Which one is best?
#
# A textbook of 2017 ranks them: ELU first, then leaky ReLU and its kin, then ReLU, tanh, and the logistic function. Let us measure. A fair comparison changes one thing at a time, so this *study* was run beforehand, by `make studies`, and its 280 results are stored with the course:
#
# - the same network for all, five hidden layers of 100, and the same budget, 12,800 images, three epochs, Adam;
# - weights by one rule for all: as large as the activation needs for $z$ to have mean square 1 in every layer, which is LeCun's for SELU and He's for ReLU; the same random draws, times that factor;
# - the learning rate chosen for each activation from the same four, 0.0003, 0.001, 0.003 and 0.01, by mean validation accuracy; what is shown is accuracy on the 10,000 test images, which had no say;
# - five seeds, the same for all, for weights and order of images.

# %% [markdown]
# You have seen fourteen curves that differ much, and know what each is praised for. Before you look: how far apart will they be on digits that none of the networks has seen?

# %%
guess_best = predict("best", "How far is the tenth of the fourteen behind the best, in mean accuracy?",
                     low=0, high=10, unit="points")
guess_best

# %% [markdown]
# The file is read and checked: a missing run, a damaged line or results of an older definition are errors. Then one of its settings is run again here and now, with a seed that the study never saw: leaky ReLU with slope 0.2 at its best rate, drawn as a diamond below.

# %%
from course_lib.studies import load
from course_lib.studies.activations import STUDY, best_rates, train
from course_lib.training import accuracy as share_right

best = best_rates(load(STUDY))
stored = [run["test_accuracy"] for run in best["leaky ReLU 0.2"]]
network, _ = train("leaky ReLU 0.2", best["leaky ReLU 0.2"][0]["lr"], seed + 100, progress=True)
live = share_right(network, data.x_test, data.y_test)
claim("The run of here and now lies within the stored runs' range, widened by a percentage point on both sides",
      min(stored) - 0.01 < live < max(stored) + 0.01, f"{live:.1%}; stored {min(stored):.1%} to {max(stored):.1%}")

# %% [markdown]
# Sorted by mean accuracy as measured. The first column holds the five seeds. Beside it: training, milliseconds for a step of 64 images; inference, for 10,000 images; and the share of dead units at the end. Times are the quickest of 20 runs on one machine, in NumPy; on another they are others.

# %%
order = sorted(best, key=lambda name: -np.mean([run["test_accuracy"] for run in best[name]]))
rows = load(STUDY)
quickest = lambda name, kind: [min(run[kind] for run in rows if run["activation"] == name)]
columns = {"test accuracy": {name: [run["test_accuracy"] for run in best[name]] for name in order},
           "ms a step": {name: quickest(name, "step_ms") for name in order},
           "ms for 10,000": {name: quickest(name, "inference_ms") for name in order},
           "dead units": {name: [run["dead"] for run in best[name]] for name in order}}
plots.table_chart(columns, title="Twelve of fourteen are within the spread of their seeds",
                  live=("leaky ReLU 0.2", live))

# %% [markdown]
# What does this say? The best twelve are less than one percentage point apart in the mean, while the seeds of a single one are up to two points apart: with five seeds nobody can rank those twelve, and we don't. (Softplus on top, which a textbook of 2016 discourages, is a fair warning.) The logistic function and its three straight lines come last, by one to two points. The textbook's order isn't to be seen in this data, apart from its last place.

# %%
means = {name: np.mean(columns["test accuracy"][name]) for name in order}
widest = max(np.ptp(columns["test accuracy"][name]) for name in order[:12])
claim("The first twelve are within one percentage point in the mean; the seeds of one of them spread over more",
      means[order[0]] - means[order[11]] < 0.01 < widest,
      f"{100 * (means[order[0]] - means[order[11]]):.1f} points, and up to {100 * widest:.1f} from seed to seed")
claim("Logistic and hard sigmoid come last, more than half a point behind the twelfth",
      set(order[12:]) == {"logistic", "hard sigmoid"} and means[order[11]] - means[order[12]] > 0.005,
      f"{means[order[11]]:.1%} against {means[order[12]]:.1%} and {means[order[13]]:.1%}")
guess_best.against(100 * (means[order[0]] - means[order[9]]))

# %% [markdown]
# Could any pair among the twelve be told apart? Same seeds mean that runs can be compared in pairs: same first draws, same order of images. For each activation, the five differences to ReLU. If zero lies amid the dots, five seeds can't say which is better.

# %%
runs = columns["test accuracy"]
differences = {name: 100 * np.subtract(runs[name], runs["ReLU"]) for name in order if name != "ReLU"}
plots.dots(differences, title="Seed by seed, most differences to ReLU change sign", decimals=2,
           xlabel="percentage points of test accuracy above ReLU, a dot a seed", reference=(0, "as ReLU"))

# %% [markdown]
# ## What does an exponential cost?
#
# A layer of 100 units with 100 inputs takes 100 multiplications and additions for every single activation, so one would think that the activation hardly counts. Measure it: each function on 250,000 numbers, in turn, so that a disturbance hits all alike; the three quickest of seven rounds. For comparison, a dot product of 100 numbers, what a unit costs before its activation.

# %%
from course_lib.measuring import nanoseconds

numbers = np.random.default_rng(seed).standard_normal((2500, 100)).astype(np.float32)
matrix = np.ones((100, 100), np.float32)
functions = {"dot product of 100": lambda x: x @ matrix} | {name: FOURTEEN[name][0] for name in
             ("ReLU", "leaky ReLU 0.2", "hard sigmoid", "tanh", "ELU", "SELU", "SiLU", "softplus", "Mish", "GELU")}
costs = nanoseconds(functions, numbers)
plots.dots(costs, title="Time for one activation in inference, in NumPy", xlabel="nanoseconds", decimals=2)

# %% [markdown]
# Read the picture for your own machine; times are shown here, never claimed. When we measured, ELU took about four times as long as ReLU, and a third longer through the whole network in the table above: the book is right that its inference is slower. But it isn't the exponential alone. Tanh has one, too, and came next to ReLU; what costs is every further pass over the numbers. GELU took longest by far, several times the unit's whole dot product. In compiled frameworks the activation is fused with what comes before it, and the differences shrink.

# %% [markdown]
# ## The same in TensorFlow
#
# Keras has all of them, under these names. Give it the same numbers, from −1000 to 1000, and compare, function by function. Mind the defaults: leaky ReLU's slope is 0.2 in this function, 0.3 in Keras's layer `LeakyReLU` and 0.01 in PyTorch, so code that is moved from one to the other changes silently.

# %%
import keras

from course_lib import activations as course

z = np.concatenate([np.linspace(-1000, 1000, 201), np.linspace(-6, 6, 200)]).astype(np.float32)
ours = {"sigmoid": course.logistic, "leaky_relu": leaky_relu, "elu": elu, "selu": selu}
ours |= {name: getattr(course, name) for name in "tanh hard_sigmoid softplus relu gelu silu mish".split()}
gaps = {name: np.max(np.abs(f(z) - getattr(keras.activations, name)(z).numpy()) / (1 + np.abs(z)))
        for name, f in ours.items()}
claim("Eleven functions equal Keras's within 1e-6, relative to 1 + |z|", max(gaps.values()) < 1e-6,
      f"at most {max(gaps.values()):.0e}, {max(gaps, key=gaps.get)}")

# %% [markdown]
# Now PReLU with its learned slopes: `keras.layers.PReLU` keeps one slope a unit in its variable `alpha`. `GradientTape` gives the gradients of its input and of the slopes; your `prelu_backward` should have found the same.

# %%
import tensorflow as tf

rng = np.random.default_rng(seed)
z, dy = rng.standard_normal((2, 64, 100), dtype=np.float32)
layer = keras.layers.PReLU(alpha_initializer=keras.initializers.Constant(0.25))
with tf.GradientTape() as tape:
    inputs = tf.Variable(z)
    loss = tf.reduce_sum(layer(inputs) * dy)
found = [gradient.numpy() for gradient in tape.gradient(loss, [inputs, layer.trainable_variables[0]])]

# %% [markdown]
# The gradient of $\sum y \cdot dy$ is what a layer passes back when $dy$ arrives. Here are two arrays from your function and two from the tape: the gradients of the inputs and of the slopes.

# %%
mine = prelu_backward(dy, z, np.full(100, 0.25, np.float32))
gaps = [np.abs(a - b).max() for a, b in zip(mine, found, strict=True)]
claim("PReLU's gradients by hand equal TensorFlow's within 1e-4", max(gaps) < 1e-4, f"at most {max(gaps):.0e}")

# %% [markdown]
# And softmax. In Keras it is usually hidden: `SparseCategoricalCrossentropy(from_logits=True)` computes softmax and the logarithm of the loss in one, which is stable where a softmax of your own, followed by a logarithm, would take the logarithm of 0.

# %%
gap = np.abs(softmax(z) - keras.activations.softmax(z).numpy()).max()
claim("Softmax equals Keras's within 1e-6", gap < 1e-6, f"at most {gap:.0e}")

# %% [markdown]
# ## Explore it yourself
#
# A function, its slope, and what twenty layers of it do to a batch of 64 digits before any training. First a picture that stands still: SELU with LeCun's weights. All four parts are about the same network; the last shows the share of slopes that are nearly flat, and of units that are dead for these images.

# %%
from course_lib.widgets.activation import activation, activation_explorer

activation(function="SELU", scale=1.0).figure()

# %% [markdown]
# The same with controls. *Scale* multiplies LeCun's weights; 1.41 makes them He's. *Slope* is the slope of leaky ReLU below zero, or ELU's $\alpha$. **Try this:**
#
# 1. Leaky ReLU: turn *slope* up from 0 to 1. Which *scale* keeps the signal level at each end, and what kind of network is it at slope 1?
# 2. Softplus: find a scale that keeps the gradient. What has become of the activations in layer 20?
# 3. ELU: which *slope* brings the mean output nearest to 0 at scale 1? Compare with SELU.
#
# <details><summary>What we found</summary>1. At slope 0 about 1.41, at slope 1 exactly 1: then it is linear, and a hundred layers are worth one. 2. At about 1.6 the gradient is level, but the activations run away upwards, since softplus is never negative: its mean grows from layer to layer. 3. About 1.7: SELU's alpha. Its scale then makes up for the variance that is lost.</details>

# %%
explorer = activation_explorer()
explorer

# %% [markdown]
# ## Debug lab
#
# A network of five ReLU layers stays at 10%, and nobody was in a hurry: the learning rate is 0.001. Its settings are printed; `patient_from` builds it from them, `treat` trains it for 150 steps and looks at its units every ten. Here is the share of dead units in each layer, as training goes on.

# %%
from course_lib.exercises.nb03_activations import PATIENT, patient_from, treat

config = dict(PATIENT)
print(config)
history, watch = treat(config, seed)
steps = 10 * np.arange(len(watch.seen))
plots.lines({f"layer {i + 1}": watch.dead[:, i].mean(axis=1) for i in range(5)}, x=steps, xlabel="step",
            ylabel="share of units dead", title=f"The patient: {history.valid_accuracy[-1]:.0%} right after 150 steps")

# %% [markdown]
# Name the cause before you try a cure. Compare with the units that died at the beginning of this notebook: what was different at step 0? And which of the three settings acts before the first step?

# %%
quiz("patient-03")

# %% [markdown]
# **Exercise `revive`** (2 points). Return settings with which the network learns: it is then trained for 150 steps on 640 images, from two seeds, and must get 75% of 2,000 validation images right both times. Layers, data and number of steps stay as they are. There is more than one cure. Worked example: `{**config, "lr": 0.01}` is a copy of the settings with another learning rate, which won't help.

# %% tags=["exercise"]
revive

# %% [markdown]
# The patient with your settings, or with the course's if yours are still open. If you mended the bias, the lines begin near 0 and stay low (mind the axis, it ends at a few percent). If you changed the activation, no unit is dead by definition, even though many begin far below zero.

# %%
history, watch = treat(revive(dict(PATIENT)), seed)
plots.lines({f"layer {i + 1}": watch.dead[:, i].mean(axis=1) for i in range(5)}, x=steps, xlabel="step",
            ylabel="share of units dead", title=f"Mended: {history.valid_accuracy[-1]:.0%} right after 150 steps")

# %% [markdown]
# ## The hurried network, mended
#
# Back to the beginning: five layers, He's weights, Adam at rate 0.1. One word is changed, leaky ReLU for ReLU, on your own function. Then the rate as well. Same seeds, same images, same order.

# %%
leaky = partial(deep_network, 5, 100, pairs["leaky ReLU"], he_normal)
mended = {f"leaky ReLU, rate {lr}": repeat(leaky, data, adam, seeds[:3], lr=lr, epochs=3)
          for lr in (0.1, 0.001)}
plots.dots(final_accuracy({"ReLU, rate 0.1": hurry["ReLU, rate 0.1"], **mended}), reference=(0.1, "guessing"),
           title="A leak rescues the hurried network; patience heals it",
           xlabel="share of validation images that are right")

# %% [markdown]
# The leak alone brings it from guessing to two thirds and more: its units were thrown far out like ReLU's, and they came back. The usual rate brings the rest. (Compare with the first picture of this notebook, where ReLU at that rate had nothing to be mended.)

# %%
rescued, healed = final_accuracy(mended).values()
claim("With a leak every hurried run gets more than 50% right; at the usual rate more than 85%",
      min(rescued) > 0.5 and min(healed) > 0.85, f"at least {min(rescued):.0%} and {min(healed):.0%}")

# %% [markdown]
# And at the usual rate the leak makes no difference that three seeds could show. An activation decides what a network survives; it seldom decides how well a healthy network does. That was the lesson of the fourteen, too.

# %%
claim("At rate 0.001 leaky ReLU and ReLU are within 3 points of each other in the mean",
      abs(np.mean(healed) - np.mean(calm)) < 0.03, f"{np.mean(healed):.1%} and {np.mean(calm):.1%}")

# %% [markdown]
# ## What to remember
#
# 1. A dead unit has slope 0 on every image: its weights get a gradient of exactly 0. One step that is too large, or a bias far below zero, is enough.
# 2. A leak keeps units alive. ELU's slope is never 0 on paper; far below zero it is, in `float32`, and long before that the unit is saturated.
# 3. SELU keeps mean 0 and variance 1 through a hundred layers, with LeCun's weights and alpha dropout. Change one of them and it grows.
# 4. Let `exp` see only numbers that aren't positive: $\min(z, 0)$, $-|z|$, $z - \max z$. A mask doesn't remove an infinity.
# 5. Twelve of fourteen activations did equally well within the spread of five seeds. Choose by what fails, and by cost.
#
# **Today.** ReLU is still the first choice for plain and convolutional networks, and leaky ReLU where units die. Transformers have GELU, or SiLU in gated layers; with normalization layers (notebook 04) and residual connections, which took over SELU's task, they train well, and where hardware fuses the activation, its cost hardly counts. Tanh and the logistic function live on as gates; softmax at the end and in attention.
#
# **To read.** V. Nair, G. Hinton, *Rectified linear units improve restricted Boltzmann machines*, 2010. A. Maas, A. Hannun, A. Ng, *Rectifier nonlinearities improve neural network acoustic models*, 2013. K. He et al., *Delving deep into rectifiers*, 2015 (PReLU). D. Clevert, T. Unterthiner, S. Hochreiter, *Fast and accurate deep network learning by exponential linear units*, 2015. D. Hendrycks, K. Gimpel, *Gaussian error linear units*, 2016. I. Goodfellow, Y. Bengio, A. Courville, *Deep learning*, 2016, section 6.3 (softplus). G. Klambauer et al., *Self-normalizing neural networks*, 2017. A. Géron, *Hands-on machine learning*, 1st ed. 2017, chapter 11, has the ranking.

# %% [markdown]
# ### In your own words
#
# A colleague reports: "We replaced ReLU by Mish, and accuracy rose from 93.4% to 93.9%. From now on we use Mish everywhere." What do you ask before you agree, and what would you measure? (2 points, marked by a person.)

# %% [markdown] tags=["answer"] grade_id="half-a-point" points=2
# *Double-click here and write your answer in place of this line.*

# %% [markdown]
# ### Six questions
#
# The first two are the chapter's own. Each answers at once, whichever option you choose, and says why; your answers are kept with your progress, and you can change them.

# %%
quiz("elu-advantages")

# %%
quiz("which-activation")

# %%
quiz("dead-or-off")

# %%
quiz("normalizing")

# %%
quiz("mask")

# %%
quiz("half-a-point-quiz")

# %% [markdown]
# That was notebook 03. The panel shows what you have done; whatever is open you can come back to. Next, in notebook 04, layers that normalize: they take over from SELU the task of keeping the signal's size, for any activation.

# %%
progress()
