# ---
# jupyter:
#   course:
#     revised: true
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 02 · Initializers
#
# Before a network learns anything, somebody must decide how large its random weights are. One library's default suits five layers and fails at thirty. You will find out why, derive the right size for any activation function on paper, predict from it what fifty layers do to a signal, and end with a hundred layers that train.
#
# Afterwards you can
#
# - derive weights that keep a signal's size for an activation function you have never seen,
# - write initializers for dense and convolutional layers, uniform, normal and truncated,
# - predict what a deep network does to signal, gradient and the differences between images before you build it,
# - build residual blocks by hand, and say why they train at any depth.
#
# You need notebook 01, or what it teaches: backpropagation through a dense layer, and why to look at activations *and* gradients. {{measured}}

# %% [markdown]
# ## A default that stops working
#
# The set-up is that of notebook 01, and a few building blocks for later: numbers of mean 0 and variance 1 in three distributions, functions that average over the normal distribution, and a convolution.

# %% tags=["folded"]
from math import erf, exp, pi, prod, sqrt

import numpy as np

from course_lib import mine, plots
from course_lib.backend import seed_everything, use_backend
from course_lib.claims import claim
from course_lib.conv import conv2d
from course_lib.exercises import check, hint, predict, progress, quiz, use
from course_lib.initializers import (fans, orthogonal, standard_normal,
                                     standard_truncated, standard_uniform,
                                     variance_scaling)
from course_lib.measuring import gaussian_mean, gaussian_pair_mean

# %%
from course_lib.datasets import load_mnist

use_backend()
seed = seed_everything()
data = load_mnist().first(12_800)
seeds = range(5 * seed, 5 * seed + 5)

# %% [markdown]
# "My network of five layers works, and when I make it deeper, it stops learning." People ask this again and again, and their code is fine: a stack of dense layers with ReLU, nothing else set. In Keras such a layer draws its weights with the variance that Glorot proposed, whatever the activation. We do the same with five and with thirty layers of 100 units, and train each by two rules, plain gradient descent and Adam, at six learning rates, of which each network may choose its best. A blind guess is right one time in ten.

# %%
guess_thirty = predict("thirty", "Thirty layers, gradient descent, share right:",
                       low=0, high=100, unit="%")
guess_thirty

# %% [markdown]
# And Adam, which gives every weight a step of about the same length, however small its gradient is? The title of notebook 01's last figure may help you, or mislead you.

# %%
guess_adam = predict("thirty-adam", "Thirty layers, Adam: share that is right:",
                     low=0, high=100, unit="%")
guess_adam

# %% [markdown]
# Three seeds each, 12,800 images, two epochs, 400 steps in all. These runs are stored; of six rates the one with the lowest training loss counts, and what is drawn is the accuracy on 5,000 validation images. (Images are standardized inside each network: minus the mean of all training pixels, over their standard deviation.)

# %%
from functools import partial
from course_lib.studies import load
from course_lib.studies.depth import START_STUDY, best_rates, maker, train

best = best_rates(load(START_STUDY))

# %% tags=["folded"]
def ends_of(rule, networks):
    chosen = {name: best[rule][name] for name in networks}
    by = "Adam" if rule == "Adam" else "gradient descent"
    def rate(lr, runs):
        broken = all(run["loss"] == 99 for run in runs)
        return "broke off at every rate" if broken else f"{lr:g}"
    return {f"{name} ({by}, {rate(lr, runs)})": [run["valid_accuracy"] for run in runs]
            for name, (lr, runs) in chosen.items()}

# %% [markdown]
# How far do they get? Two depths, two rules.

# %% tags=["folded"]
default = ["5 layers, Glorot", "30 layers, Glorot"]
plots.dots(ends_of("gradient descent", default) | ends_of("Adam", default),
           title="Thirty layers with the default weights: guesses, or two thirds",
           xlabel="share of validation images that are right",
           reference=(0.1, "guessing"))

# %%
five, thirty = (np.mean(v) for v in ends_of("gradient descent", default).values())
_, adam = (np.mean(v) for v in ends_of("Adam", default).values())
claim("Stored, means of three seeds: 5 layers get more than 90%, 30 layers guess by "
      "gradient descent at every rate, and stay below 80% by Adam",
      five > 0.9 and thirty < 0.15 and adam < 0.8,
      f"{five:.0%}, {thirty:.0%}, {adam:.0%}")
guess_thirty.against(100 * thirty)

# %% [markdown]
# Stored numbers are only as good as the code that made them. So one of these runs is made again, here and now.

# %%
lr, runs = best["gradient descent"]["5 layers, Glorot"]
again = train("5 layers, Glorot", "gradient descent", lr, 0).valid_accuracy[-1]
claim("Run again, five layers end as stored, within one percentage point",
      abs(again - runs[0]["valid_accuracy"]) < 0.01,
      f"{again:.3f}, stored {runs[0]['valid_accuracy']:.3f}")
guess_adam.against(100 * adam)

# %% [markdown]
# ## Feel it first
#
# Fifty layers, any of five initializers and eight activations (*scale* is a factor on all weights here): on one side the distribution of one layer's weights, on the other what fifty such layers do to a batch of digits, up and down, beside what was to be expected. Move the controls with the mouse, or with the arrow keys once they have the focus. **Try this**, and note what you find:
#
# 1. ReLU with Glorot: at which *scale* do signal and gradient become level? What is different at width 20?
# 2. Tanh with Glorot: find a scale at which the signal is level over fifty layers. What does the gradient do there?
# 3. GELU with *its own gain*, the factor that you will derive below: it is made to keep the signal. Does it?
#
# <details><summary>What we found</summary>1. At 1.41; at width 20 the expected lines are as level, but chance throws the measured ones far off. 2. From about 1.3 on the signal is level, and the gradient grows on its way down, the faster the larger the scale; at 1 both shrink slowly. 3. The gain keeps a size of exactly 1. Of a larger signal GELU lets through a larger share, so whatever lies a little above 1 grows, and what lies below shrinks: a pencil on its tip. The expected line says so too.</details>

# %%
from course_lib.widgets.initializer import initializer, initializer_explorer

initializer_explorer()

# %% tags=["folded"]
initializer(activation="ReLU", variance="Glorot", scale=1.0,
            distribution="uniform", width=100).figure()

# %% [markdown]
# ## What one layer does to a signal
#
# (Above: the same picture standing still, for print.) Now the plainest experiment there is. Inputs of size 1 (the *RMS*, root of the mean square), weights from N(0,1), and nothing else: no activation function, no bias. What size do the sums have, for layers with 25, 100 and 400 inputs?

# %%
rng = np.random.default_rng(seed)
for fan_in in (25, 100, 400):
    x, w = standard_normal((1000, fan_in), rng), standard_normal((fan_in, 300), rng)
    print(f"{fan_in:3} inputs: sums of RMS {np.mean((x @ w) ** 2) ** 0.5:5.2f}")

# %% [markdown]
# Four times as many inputs, twice the size. Derive it before you open the fold: a unit computes $z_j = \sum_i x_i w_{ij}$, with weights that are independent of each other and of the inputs, mean 0, variance $\sigma^2$. What is the mean of $z_j^2$? And on the way down, where each input gets its gradient from all the units it reaches, $dx_i = \sum_j \delta_j w_{ij}$ with $\delta = \partial L/\partial z$: what is the mean of $dx_i^2$?
#
# <details><summary>What it comes to</summary>
#
# Products of *different* weights average to 0, and of the square of the sum only the squares remain: $\overline{z^2} = \text{fan}_\text{in}\,\sigma^2\,\overline{x^2}$, where the bar is a mean over weights, units and images, and $\text{fan}_\text{in}$ the number of inputs that one unit adds up. Down: $\overline{dx^2} = \text{fan}_\text{out}\,\sigma^2\,\overline{\delta^2}$. To keep the signal you want $\sigma^2 = 1/\text{fan}_\text{in}$, to keep the gradient $\sigma^2 = 1/\text{fan}_\text{out}$. Everything in this notebook follows from these two lines.
#
# </details>

# %%
errors = []
for fan_in, fan_out in [(25, 400), (100, 100), (400, 25)]:
    shapes = [(1000, fan_in), (fan_in, fan_out), (1000, fan_out)]
    x, w, delta = (standard_normal(shape, rng) for shape in shapes)
    up = np.mean((x @ w) ** 2) / np.mean(x**2)
    down = np.mean((delta @ w.T) ** 2) / np.mean(delta**2)
    errors += [abs(up / fan_in - 1), abs(down / fan_out - 1)]
claim("Mean squares grow by fan_in on the way up and by fan_out on the way down, "
      "within 8%", max(errors) < 0.08, f"at most {max(errors):.1%} off")

# %% [markdown]
# How many inputs has a unit? In a dense layer the kernel's shape says it: (fan in, fan out). A **convolution** (notebook 08 builds one) slides a small window over an image that has several numbers, *channels*, at every place: a photo has three, red, green and blue. Each output adds up what lies under the window, height × width places of every input channel, each times a weight; the same weights everywhere, and a set of its own for every output channel. So one input takes part in as many outputs as the window has places, in every output channel.
#
# **Exercise `fans`** (1 point). Return $\text{fan}_\text{in}$ and $\text{fan}_\text{out}$ of a kernel's shape. Worked example: a dense kernel (300, 100) has fans 300 and 100; a convolution's kernel of shape (height 5, width 5, 3 channels in, 8 out) has 75 and 200.

# %% tags=["exercise"]
fans

# %% [markdown]
# The window is what people forget. A convolution with 5 × 5 windows on random images of 16 channels, inputs of size 1, weights of variance $1/\text{fan}_\text{in}$. **Change and see:** run it; then set `window_counts` to `False`, so that only the channels count, as if the kernel were a dense one. By which factor are the outputs too large? Work it out first.

# %%
window_counts = True

# %%
from course_lib.measuring import rms

images, shape = rng.standard_normal((8, 20, 20, 16)), (5, 5, 16, 64)
fan = fans(shape)[0] if window_counts else shape[2]
kernel = rng.standard_normal(shape) / np.sqrt(fan)
sums, _ = conv2d(images, kernel, np.zeros(64), padding="valid")  # inside the image
size = rms(sums)
claim("With the window counted the outputs have size 1, within 8%",
      abs(size - 1) < 0.08, f"size {size:.2f}")

# %% [markdown]
# ## Three distributions, one variance
#
# The derivation asked for mean 0, variance $\sigma^2$ and independence, and for nothing else: the shape of the distribution doesn't matter. Three are in use. A *normal* one now and then draws a weight of four standard deviations. A *uniform* one can't: it reaches from $-\sqrt 3\,\sigma$ to $\sqrt 3\,\sigma$, since numbers from $-a$ to $a$ have variance $a^2/3$. And a *truncated normal* is drawn again wherever it lies beyond two standard deviations. But whoever cuts off the tails takes variance away. How much?
#
# **Exercise `truncated_std`** (2 points). Derive the standard deviation that is left of N(0,1) when everything beyond ±limit is drawn again. The density is $\varphi(z) = e^{-z^2/2}/\sqrt{2\pi}$, and a draw lies within the limits with probability $P = \text{erf}(\text{limit}/\sqrt 2)$. (Integrate by parts: of which function is $z\,\varphi(z)$ the slope, but for a sign?) Worked example: for a limit of 2 it is 0.8796. For a limit of 0.1 the density is nearly flat, so it is nearly that of a uniform distribution, $0.1/\sqrt 3 = 0.0577$.

# %% tags=["exercise"]
truncated_std

# %% [markdown]
# <details><summary>What it comes to</summary>
#
# The variance is $\frac1P\int_{-l}^{l} z \cdot z\varphi(z)\,dz$, and $z\varphi = -\varphi'$. By parts: $\frac1P\bigl(-2l\,\varphi(l) + P\bigr) = 1 - 2l\,\varphi(l)/P$. For $l = 2$: $1 - 4 \cdot 0.0540/0.9545 = 0.774$, whose root is 0.8796.
#
# </details>
#
# Does twelve percent matter? In one layer it doesn't. In fifty linear layers, $0.88^{50}$ is a sixth of a percent. Fifty layers of 200 units without any activation function, with variance $1/\text{fan}_\text{in}$: once with draws that were divided by 0.8796, once with those that were only cut.

# %%
def linear_stack(factor, rng, depth=50, n=200):
    x = rng.standard_normal((256, n))
    for _ in range(depth):
        x = x @ (factor * standard_truncated((n, n), rng)) / np.sqrt(n)
    return rms(x) ** (1 / depth)

# %%
layers = {factor: np.mean([linear_stack(factor, np.random.default_rng(s))
                           for s in seeds]) for factor in (1, truncated_std(2))}
claim("Corrected, fifty linear layers keep 98 to 102% a layer; only cut off, "
      "86 to 90%; means of five seeds",
      abs(layers[1] - 1) < 0.02 and abs(layers[truncated_std(2)] - 0.88) < 0.02,
      " and ".join(f"{v:.3f}" for v in layers.values()))

# %% [markdown]
# All initializers in use are one function with other settings: a variance of scale / fan, where fan is $\text{fan}_\text{in}$, $\text{fan}_\text{out}$ or the mean of the two, and one of the three distributions.
#
# **Exercise `variance_scaling`** (3 points). Write it. `standard_normal`, `standard_uniform` and `standard_truncated`, called as `draw(shape, rng, dtype=dtype)`, give numbers of variance 1 (the last is corrected already), and `fans` is there too. Worked example: shape (300, 100), scale 2 and mode `fan_avg` have $\sigma^2 = 0.01$, so $\sigma = 0.1$. Your draws are judged by their statistics; which numbers they are is up to the generator `rng`.

# %% tags=["exercise"]
variance_scaling

# %% [markdown]
# ## Two directions, one variance
#
# A layer that isn't square can't keep both directions. Glorot and Bengio (2010) took the mean of the two fans as a compromise. How good is it? A single layer far from square, 784 inputs and 50 units, without an activation function:

# %% tags=["nbval-check-output"]
rng = np.random.default_rng(seed)
x, delta = rng.standard_normal((2000, 784)), rng.standard_normal((2000, 50))
print("784 -> 50    signal up   gradient down")
for mode in ("fan_in", "fan_out", "fan_avg"):
    w = variance_scaling((784, 50), rng, mode=mode, dtype=float)
    up, down = rms(x @ w) / rms(x), rms(delta @ w.T) / rms(delta)
    print(f"{mode:10} {up:11.2f} {down:15.2f}")

# %% [markdown]
# Each of the first two keeps one direction and changes the other by a factor of four, $\sqrt{784/50}$. The compromise misses by 1.4 and 2.8 instead of 1 and 4. One such layer does no harm. What in a stack? Take twenty ReLU layers that are 100 and 400 units wide by turns, with scale 2 (why 2, you will derive next).

# %%
guess_compromise = predict("compromise", "Widths 100, 400, …: who loses both ways?",
                           options=["fan_in", "fan_out", "fan_avg", "none of them"])
guess_compromise

# %% [markdown]
# Five seeds, both directions. `profile` is the measuring device of notebook 01: it sends 512 images up and their errors down, and gives the RMS of the activations and of $\partial L/\partial z$ for each layer and seed.

# %%
from course_lib.measuring import profile
from course_lib.models import deep_network, dense_network

def by_turns(mode, rng):
    draw = partial(variance_scaling, scale=2, mode=mode)
    return dense_network([100, 400] * 10, "ReLU", draw, rng=rng)

turns = {mode: profile(partial(by_turns, mode), data, seeds)
         for mode in ("fan_in", "fan_out", "fan_avg")}

# %% tags=["folded"]
plots.lines({mode: p.activation for mode, p in turns.items()}, log=True,
            ylabel="RMS of activations", xlabel="hidden layer (1 is nearest the image)",
            title="The compromise loses the signal")

# %% [markdown]
# The mean of the fans isn't the safe middle. With $\text{fan}_\text{in}$ the signal is level; and the gradient is multiplied by $\sqrt{400/100}$ at one layer and by $\sqrt{100/400}$ at the next, so over two layers nothing has changed. With the mean both directions lose $\sqrt{100/250} \cdot \sqrt{400/250} = 0.8$ at every pair. He and colleagues (2015) made this point: choose either fan, and over a whole network the other direction is off by a single factor that only the first and the last width decide.

# %%
ends = {mode: [p.activation[:, -2] / p.activation[:, 0], p.delta[:, 0] / p.delta[:, -2]]
        for mode, p in turns.items()}
pairs = {mode: np.exp(np.log(both).mean(axis=1) / 9) for mode, both in ends.items()}
evenly, loses = np.array([pairs["fan_in"], pairs["fan_out"]]), pairs["fan_avg"]
claim("fan_in and fan_out keep both directions within 10% a pair of layers, "
      "fan_avg leaves 74 to 86%, means of five seeds",
      np.abs(evenly - 1).max() < 0.10 and 0.74 < min(loses) and max(loses) < 0.86,
      f"{evenly.min():.2f} to {evenly.max():.2f}; {min(loses):.2f} to {max(loses):.2f}")
guess_compromise.against("fan_avg")

# %% [markdown]
# **Exercise `glorot_uniform`** (1 point). Draw uniformly with variance $2/(\text{fan}_\text{in} + \text{fan}_\text{out})$. How far must the distribution reach? Worked example: a dense kernel (300, 300) reaches to ±0.1. You may use `variance_scaling`, or do without.

# %% tags=["exercise"]
glorot_uniform

# %% [markdown]
# ## The activation takes its share
#
# Between the sums stands an activation function, and the next layer adds up what *it* leaves. So what counts is the mean of $f(z)^2$, where $z$, a sum of many independent terms, is nearly normal (the central limit theorem). Start with ReLU: $z$ is as often negative as positive. Which share of the mean square is left? So which variance keeps the signal?
#
# **Exercise `he_normal`** (1 point). Derive that variance, and draw with it from a truncated normal, corrected. (Kaiming He and colleagues, 2015, showed a network of thirty layers that learns with it and stalls with Glorot's, as ours did.) Worked example: for a convolution's kernel of shape (3, 3, 16, 32) $\sigma = 0.118$, and no weight is beyond $2.27\,\sigma = 0.268$.

# %% tags=["exercise"]
he_normal

# %% [markdown]
# <details><summary>What it comes to</summary>
#
# Every negative $z$ becomes 0, so half of the mean square is gone, whatever the size of $z$: $\text{fan}_\text{in}\,\sigma^2 \cdot \tfrac12 = 1$ and $\sigma^2 = 2/\text{fan}_\text{in}$. On the way down the slope is 1 for half of the units and 0 for the others, so half of the mean square of $\delta$ is lost there, too.
#
# </details>
#
# For any other function the same question is an average over N(0,1). If sums of variance 1 come in, which factor on weights of variance $1/\text{fan}_\text{in}$ brings sums of variance 1 out? It is called the **gain** of the activation function.
#
# **Exercise `gain`** (2 points). Derive it, and return the gain of a function $f$. Worked example: for $f(z) = z$ the gain is 1, for ReLU $\sqrt 2$, and for $f(z) = z^2$ it is $1/\sqrt 3$. `gaussian_mean(g)` averages any function g over N(0,1); a million draws do as well.

# %% tags=["exercise"]
gain

# %% [markdown]
# <details><summary>What it comes to</summary>
#
# Weights of variance $\text{gain}^2/\text{fan}_\text{in}$ make sums of mean square $\text{gain}^2 \cdot \overline{f(z)^2}$. For this to be 1, the gain is one over the root of the mean of $f(z)^2$.
#
# </details>
#
# Try it on a function that nobody has written a paper about: $f(z) = z + \tfrac12 |z|$, with slope 1.5 on the right and 0.5 on the left. With fifty layers of 200 units, what does He's variance do to the signal, and what does yours?

# %%
def odd(z):
    return z + np.abs(z) / 2

def odd_slope(z):
    return 1 + np.sign(z) / 2

deep = {"your gain": partial(variance_scaling, scale=gain(odd) ** 2), "He": he_normal}
unseen = {name: profile(partial(deep_network, 50, 200, (odd, odd_slope), draw), data,
                        seeds, batch_size=256) for name, draw in deep.items()}

# %% tags=["folded"]
plots.lines({name: p.activation for name, p in unseen.items()}, log=True,
            ylabel="RMS of activations", xlabel="hidden layer (1 is nearest the image)",
            title=f"A gain of {gain(odd):.2f} keeps the signal, He's 1.41 explodes")

# %%
ups = {name: p.forwards for name, p in unseen.items()}
ratio = ups["He"] * gain(odd) / 2**0.5
claim("With its own gain the new function keeps the signal within 5% a layer, every "
      "seed; with He's it grows by the ratio of the two gains, within 5%",
      max(np.abs(ups["your gain"] - 1).max(), np.abs(ratio - 1).max()) < 0.05,
      f"{ups['your gain'].mean():.3f} and {ups['He'].mean():.3f}")

# %% [markdown]
# A warning goes with it. The gain looks at the signal alone, and on its way down the gradient is multiplied by gain times the *slope*. For ReLU and its kin the two agree. For $f(z) = \sin 2z$, whose gain is $\sqrt 2$ too, the slopes are large wherever the sine is small. What does the gradient do over fifty layers, where the signal stays level?

# %%
guess_sine = predict("sine", "sin 2z with its gain: the gradient's factor a layer",
                     low=0, high=3, unit="times")
guess_sine

# %%
sine = (lambda z: np.sin(2 * z), lambda z: 2 * np.cos(2 * z))
draw = partial(variance_scaling, scale=gain(sine[0]) ** 2)
waves = profile(partial(deep_network, 50, 200, sine, draw), data, seeds, batch_size=256)
slope = gain(sine[0]) * gaussian_mean(lambda z: sine[1](z) ** 2) ** 0.5
claim("sin 2z with its gain: a level signal, within 1% a layer, and a gradient that "
      "grows by gain times the RMS of the slope, within 3%",
      np.abs(waves.forwards - 1).max() < 0.01
      and np.abs(waves.backwards / slope - 1).max() < 0.03,
      f"expected {slope:.2f}, measured {waves.backwards.mean():.2f}")
guess_sine.against(float(waves.backwards.mean()))

# %%
quiz("unknown-activation")

# %% [markdown]
# ## Fifty layers, predicted
#
# Here is the table that everybody uses, with what it promises: a signal that neither grows nor shrinks.
#
# | initializer | variance $\sigma^2$ | uniform: reaches to | made for |
# |---|---|---|---|
# | Glorot | $2/(\text{fan}_\text{in} + \text{fan}_\text{out})$ | $\sqrt{6/(\text{fan}_\text{in} + \text{fan}_\text{out})}$ | no activation, tanh, logistic, softmax |
# | He | $2/\text{fan}_\text{in}$ | $\sqrt{6/\text{fan}_\text{in}}$ | ReLU and its variants, ELU |
# | LeCun | $1/\text{fan}_\text{in}$ | $\sqrt{3/\text{fan}_\text{in}}$ | SELU |
#
# Is it kept? Don't measure yet: compute. And besides its size, a signal has something that matters more: two images should stay two. They are alike if their sums point the same way; take the *cosine* of the angle between them, 1 if they agree in everything but size, 0 if they have nothing in common.

# %% [markdown]
# **Exercise `expected`** (3 points). A layer's sums have mean square `size`, and those of two images have the cosine `cosine`. Then comes $f$, and after it weights of variance scale / fan_in. Derive and return the mean square and the cosine of the next sums. `gaussian_mean(g, variance)` averages g(z) over normal z of that variance; `gaussian_pair_mean(g, variance, correlation)` averages g(u, v) over two normal numbers of that variance and correlation.
#
# Worked example: ReLU with scale 2, size 3 and cosine 0 gives a mean square of 3 again; and $1/\pi = 0.318$ for the cosine, since two images that had nothing in common now have no negative number either. For $f(z) = z^2$ with scale 1, size 2 and cosine 0.5 it is $3 \cdot 2^2 = 12$ and $(1 + 2 \cdot 0.5^2)/3 = 0.5$.

# %% tags=["exercise"]
expected

# %% [markdown]
# <details><summary>What it comes to</summary>
#
# The next sums have mean square $\text{fan}_\text{in}\,\sigma^2\,\overline{f(z)^2} = \text{scale} \cdot \overline{f(z)^2}$ with $z \sim N(0, \text{size})$. The product of two images' sums averages to $\text{scale} \cdot \overline{f(u)f(v)}$, with $u$ and $v$ normal of variance size and correlation cosine; divided by the mean square, the scale cancels.
#
# </details>
#
# Applied to its own result, your function predicts depth: no network, no random number. Two MNIST images, standardized, have a cosine of 0.29 on average and a size of 1.

# %%
size, cosine, sizes = 1.0, 0.29, []
for _ in range(50):
    sizes.append(np.sqrt(gaussian_mean(lambda z: np.tanh(z) ** 2, size)))
    size, cosine = expected(np.tanh, 1.0, size, cosine)
print(f"tanh, Glorot: RMS {sizes[0]:.2f} in layer 1, {sizes[-1]:.3f} in layer 50")

# %% [markdown]
# So the table's promise for tanh isn't kept. `expected_profile` does the same for any function, any widths and both directions. Eight rows: six from the table, and two that mix it up.

# %% tags=["folded"]
from course_lib.initializers import glorot_normal, lecun_normal
from course_lib.measuring import expected_profile
from course_lib.models import ACTIVATIONS

rules = {"Glorot": (glorot_normal, lambda i, o: 2 / (i + o)),
         "He": (he_normal, lambda i, o: 2 / i),
         "LeCun": (lecun_normal, lambda i, o: 1 / i)}
rows = ["linear, Glorot", "tanh, Glorot", "logistic, Glorot", "ReLU, He", "ELU, He",
        "SELU, LeCun", "ReLU, Glorot", "SELU, He"]
functions = ACTIVATIONS | {"linear": (lambda z: z, np.ones_like)}
rows = {row: (functions[f], *rules[rule])
        for row in rows for f, rule in [row.split(", ")]}

# %% [markdown]
# Predicted first, then built: fifty layers of 200 units, eight kinds, five seeds each, forty networks that none of the computing has seen.

# %%
foreseen = {row: expected_profile(*f, variance, [784] + [200] * 50, cosine=0.29)
            for row, (f, _, variance) in rows.items()}
measured = {row: profile(partial(deep_network, 50, 200, f, draw), data, seeds,
                         batch_size=256) for row, (f, draw, _) in rows.items()}

# %% [markdown]
# You know by now that tanh bends, that ReLU halves and that the logistic function has a slope of at most ¼. Of how many of the six are *both* signal and gradient kept within a factor of 2, from layer 1 to layer 50? In the table the first two columns are the signal of layer 50 over that of layer 1, expected and measured (the geometric mean over the seeds); the others the gradient of layer 1 over that of layer 50.

# %%
guess_kept = predict("kept", "How many of the six keep both within a factor of 2?",
                     options=["none", "one", "two", "three", "four", "five", "all six"])
guess_kept

# %% tags=["nbval-check-output"]
print("                  signal up           gradient down")
print("                  expected  measured  expected  measured")
for row in rows:
    e, p = foreseen[row], measured[row]
    up, down = np.exp(49 * np.log([p.forwards, p.backwards]).mean(axis=1))
    print(f"{row:17} {e.activation[-1] / e.activation[0]:8.2g} {up:9.2g} "
          f"{e.delta[0]:9.2g} {down:9.2g}")

# %% [markdown]
# Does the prediction miss the point in any row? Measured as coloured lines, with a band over the five seeds; expected as dashes. Mind that each panel has its own axis.

# %% tags=["folded"]
up, down = "activations", "∂L/∂z, over the top's"
drawn = {row: {up: p.activation, down: p.delta / p.delta[:, -1:]}
         for row, p in measured.items()}
lines = {row: {up: e.activation, down: e.delta} for row, e in foreseen.items()}
plots.panels(drawn, expected=lines, log=True, ylabel="RMS",
             title="Fifty layers do what a few lines of arithmetic said",
             xlabel="hidden layer (1 is nearest the image)")

# %% [markdown]
# In these products of fifty factors chance adds up: each layer has only 200 units, and each throws the size off by a percent or so. So compare the factor from layer to layer.

# %%
off = {}
for row, e in foreseen.items():
    ends = np.array([e.activation[-1] / e.activation[0], e.delta[0]])
    both = np.array([measured[row].forwards, measured[row].backwards]).T
    off[row] = np.abs(both / ends ** (1 / 49) - 1).max()
claim("All eight rows, both directions: each network's factor a layer is within 5% "
      "of the expected one", max(off.values()) < 0.05,
      f"worst: {max(off.values()):.1%}, {max(off, key=off.get)}")

# %% [markdown]
# Two of the table's six rows keep both directions: the linear one, and ReLU with He. (Their authors promised less than the table does: Glorot and Bengio derived theirs for a slope of 1.) SELU with LeCun keeps the signal exactly; its gradient grows by 3.4% a layer, and 1.034 to the 49th power is 5. Tanh takes more the larger $z$ is, so its signal shrinks until it hardly bends any more, ever more slowly. ELU lets part of the negative side through, for which He's 2 makes up a second time. And the logistic function has its activations near ½ whatever comes in, while its slope of ¼ acts on the gradient undiminished.

# %%
tanh, elu, logistic = (measured[row] for row in ("tanh, Glorot", "ELU, He",
                                                  "logistic, Glorot"))
exponent = np.log(tanh.activation[:, 49] / tanh.activation[:, 9]) / np.log(50 / 10)
claim("tanh with Glorot: from layer 10 to 50 the signal falls like a power of the "
      "layer, −0.3 to −0.85; on average over five seeds −0.4 to −0.75",
      -0.85 < exponent.min() and exponent.max() < -0.3
      and -0.75 < exponent.mean() < -0.4,
      f"{exponent.min():.2f} to {exponent.max():.2f}")

# %%
claim("ELU with He: signal and gradient grow by 1 to 8% a layer, means of five seeds; "
      "logistic with Glorot: the gradient keeps less than 25%",
      1.01 < min(elu.forwards.mean(), elu.backwards.mean())
      and max(elu.forwards.mean(), elu.backwards.mean()) < 1.08
      and logistic.backwards.max() < 0.25, f"{elu.forwards.mean():.3f} up for ELU")
keep = [np.exp(49 * np.log([p.forwards, p.backwards]).mean(axis=1))
        for p in list(measured.values())[:6]]
within = sum(0.5 < both.min() and both.max() < 2 for both in keep)
guess_kept.against(["none", "one", "two", "three", "four", "five", "all six"][within])

# %% [markdown]
# ## Size isn't everything
#
# Now the other half of your `expected`: the likeness of two images, layer by layer. At the bottom two images have a cosine of 0.29. What is it at layer 50 of the ReLU network with He's weights, whose size and gradient are so well kept?

# %%
guess_alike = predict("alike", "ReLU, He: mean cosine of two images at layer 50:",
                      low=-1, high=1)
guess_alike

# %% [markdown]
# Four of the rows, measured and foreseen, as 1 − cosine: what still tells two images apart. Which of the four would you hand to a classifier?

# %% tags=["folded"]
pick = ["logistic, Glorot", "ReLU, He", "tanh, Glorot", "SELU, LeCun"]
gaps, expected_gaps = ({row: {"two images": 1 - kind[row].cosine} for row in pick}
                       for kind in (measured, foreseen))
plots.panels(gaps, expected=expected_gaps, log=True, ylabel="1 − cosine",
             title="In logistic layers all images become one",
             xlabel="hidden layer (1 is nearest the image)")

# %% [markdown]
# Here is what kills logistic layers. From layer to layer the difference between images falls to a quarter, so $1 - \text{cosine}$ to a sixteenth; after ten layers all images arrive as the same numbers, and what is left is rounding. ReLU with He does it too, but slowly, and no variance of the weights can help it, since larger weights make everything larger and turn nothing. Why ReLU and not tanh? Its outputs have a mean that isn't 0, a constant that all images share. If that is the cause, ReLU *minus its mean* must do better. Your `expected` can tell.

# %%
guess_mean = predict("mean", "ReLU minus its mean: cosine of two images at layer 50:",
                     low=-1, high=1)
guess_mean

# %%
gap = 1 - measured["logistic, Glorot"].cosine
a_layer = (gap[:, 6] / gap[:, 1]) ** (1 / 5)
top = {row: measured[row].cosine[:, -1].mean() for row in pick}
claim("Logistic with Glorot: at each layer 1 − cosine falls to 0.05 to 0.08",
      0.05 < a_layer.min() and a_layer.max() < 0.08,
      f"{a_layer.min():.3f} to {a_layer.max():.3f}")

# %%
def centred(z):
    return np.maximum(z, 0) - 1 / np.sqrt(2 * np.pi)  # ReLU's mean over N(0,1)

alike = {}
for name, f in {"ReLU": lambda z: np.maximum(z, 0), "ReLU − mean": centred}.items():
    size, cosine = 1.0, 0.29
    for _ in range(50):
        size, cosine = expected(f, gain(f) ** 2, size, cosine)
    alike[name] = cosine

# %%
claim("Predicted for fifty layers, each with its own gain: ReLU takes the cosine of "
      "two images to 0.98 or more, ReLU minus its mean to 0.05 or less",
      alike["ReLU"] > 0.98 and alike["ReLU − mean"] < 0.05,
      ", ".join(f"{name} {c:.3f}" for name, c in alike.items()))
guess_mean.against(alike["ReLU − mean"])

# %%
claim("At layer 50 two images have a mean cosine above 0.95 with ReLU and He, "
      "below 0.5 with tanh and with SELU", top["ReLU, He"] > 0.95
      and max(top["tanh, Glorot"], top["SELU, LeCun"]) < 0.5,
      ", ".join(f"{row}: {c:.2f}" for row, c in top.items()))
guess_alike.against(float(top["ReLU, He"]))

# %%
quiz("level-but-lost")

# %% [markdown]
# ## Equal weights, zero biases
#
# Must weights be random at all? Take one random number and put it into all the weights of a layer. (Equal weights don't cancel: their sums grow with fan_in, not with its root. So the number has a size of 1/fan_in, and no unit is saturated.) Two hidden layers of 100 tanh units, beside the same network with random weights, and one with a single random unit a layer.

# %%
guess_equal = predict("equal", "Two layers of a hundred equal units, share right:",
                      low=0, high=100, unit="%")
guess_equal

# %%
from course_lib.optimizers import sgd
from course_lib.training import final_accuracy, fit, repeat

def one_value(shape, rng):
    return np.full(shape, rng.standard_normal() / shape[0], np.float32)

slowly = partial(repeat, data=data, rule=sgd, seeds=seeds[:3], lr=0.03, epochs=2)
starts = {"100 units, one value": (100, one_value),
          "100 units, random": (100, glorot_uniform),
          "1 unit, random": (1, glorot_uniform)}

# %% [markdown]
# What are a hundred equal units worth? Beside them the other two, on the same images and steps.

# %% tags=["folded"]
equal = {name: slowly(partial(deep_network, 2, units, "tanh", draw))
         for name, (units, draw) in starts.items()}
plots.dots(final_accuracy(equal), reference=(0.1, "guessing"),
           title="A hundred equal units are worth no more than one (rate 0.03)",
           xlabel="share of validation images that are right")

# %%
one_valued, random, _ = final_accuracy(equal).values()
claim("A hundred equal units stay below 35%, a hundred random ones get above 85%, "
      "for every seed", max(one_valued) < 0.35 and min(random) > 0.85,
      f"at most {max(one_valued):.0%}, at least {min(random):.0%}")
guess_equal.against(100 * np.mean(one_valued))

# %% [markdown]
# Equal weights make equal sums; equal sums get equal gradients; and equal gradients make equal steps. Nothing ever tells the units of a layer apart. To see it bit for bit, train with sums in plain order: a matrix product adds up the columns at its edges in another order, and rounding alone then parts the units by some hundred-millionths. **Change and see:** before the training add `1e-6` to a single weight (`symmetric.params["dense 1/w"][0, 0] += 1e-6`). Do the hundred units part?

# %%
def plain(x, w, b):
    return np.einsum("bi,io->bo", x, w) + b, (x, w)

def plain_backward(dy, cache):
    x, w = cache
    return (np.einsum("bo,io->bi", dy, w), np.einsum("bi,bo->io", x, dy),
            np.einsum("bo->o", dy))

symmetric = deep_network(2, 50, "tanh", one_value, rng=np.random.default_rng(seed),
                         dense=plain, dense_backward=plain_backward)

# %%
fit(symmetric, data, sgd, lr=0.03, rng=np.random.default_rng(seed))
kernels = [symmetric.params[f"dense {i}/w"] for i in (1, 2)]
kinds = [len(np.unique(w, axis=1).T) for w in kernels]
gap = max(np.abs(w - w[:, :1]).max() for w in kernels)
claim("After 200 steps all 50 units of a layer are still equal, bit for bit",
      kinds == [1, 1], f"different units a layer: {kinds}; largest gap {gap:.0e}")

# %% [markdown]
# So much for the first of the questions that A. Géron's chapter on deep networks (*Hands-On Machine Learning*, 2017) ends with:

# %%
quiz("one-value")

# %% [markdown]
# And biases? They start at 0 in all networks of this course. Give them random values instead, and change nothing else: ten ReLU layers with He's weights, three seeds, the same weights and the same order of images in each row. The middle row is a control: if random biases were good or bad in themselves, a tenth of them should show it, too.

# %%
def with_biases(size, rng):
    network = deep_network(10, 100, "ReLU", he_normal, rng=rng)
    biases = {key: size * standard_normal(b.shape, rng)  # drawn for size 0, too
              for key, b in network.params.items() if key.endswith("/b")}
    network.params = network.params | biases
    return network

biases = {name: slowly(partial(with_biases, np.float32(size)))
          for name, size in [("zero", 0), ("N(0, 0.1²)", 0.1), ("N(0,1)", 1)]}

# %% tags=["folded"]
plots.dots(final_accuracy(biases), title="Zero biases do no harm (rate 0.03)",
           xlabel="share of validation images that are right")

# %%
ends = final_accuracy(biases)
claim("With zero biases every run gets more than 80% right, and no random ones "
      "gain more than 3 points on average",
      min(ends["zero"]) > 0.80
      and max(np.mean(v) for v in ends.values()) - np.mean(ends["zero"]) < 0.03,
      ", ".join(f"{name} {np.mean(v):.1%}" for name, v in ends.items()))

# %%
quiz("zero-biases")

# %% [markdown]
# ## Beyond variances
#
# A matrix of the right variance keeps the *average* length of a vector. Each single one it may stretch or crush. The *singular values* of a matrix are the factors by which it stretches its principal directions; here those of a product of fifty, 100 × 100, for Gaussian matrices and for random **orthogonal** ones, which turn vectors and leave every length alone (Saxe and colleagues, 2013). How many of the hundred directions survive the Gaussian ones?

# %%
from functools import reduce

def stretched(draw, rng, depth=50, n=100):
    matrices = [draw((n, n), rng, dtype=float) for _ in range(depth)]
    return np.linalg.svd(reduce(np.matmul, matrices), compute_uv=False)

kinds = {"Gaussian": partial(variance_scaling, distribution="normal"),
         "orthogonal": orthogonal}
stretch = {name: stretched(draw, np.random.default_rng(seed))
           for name, draw in kinds.items()}

# %% tags=["folded"]
plots.lines(stretch, log=True, ylabel="factor on its length",
            title="Fifty Gaussian matrices crush all but a few directions",
            xlabel="direction, from the longest to the shortest")

# %%
half = np.median(stretch["Gaussian"])
claim("Fifty Gaussian matrices leave half of all directions less than a millionth of "
      "their length; fifty orthogonal ones keep every length, within 1e-9",
      half < 1e-6 and np.abs(stretch["orthogonal"] - 1).max() < 1e-9,
      f"median {half:.0e}")

# %% [markdown]
# That was a product of matrices. In a network slopes come in between: how the sums of layer 50 answer to a small change of those of layer 1 is a product too, of weights and slopes by turns (the *Jacobian*). Do orthogonal weights save it there, with tanh, and with ReLU? (J. Pennington, S. Schoenholz and S. Ganguli asked this in 2017.)

# %%
guess_saved = predict("saved", "Orthogonal weights save most directions with",
                      options=["both", "tanh only", "ReLU only", "neither"])
guess_saved

# %%
def answers(f, slope, scale, draw, rng, depth=50, n=200):
    z, jacobian = rng.standard_normal(n), np.eye(n)
    for _ in range(depth):
        w = scale**0.5 * draw((n, n), rng, dtype=float)
        z, jacobian = f(z) @ w, (jacobian * slope(z)) @ w
    return np.linalg.svd(jacobian, compute_uv=False)

layers = {"tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2, 1),
          "ReLU": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0, 2)}
jacobians = {f"{name}, {kind}": answers(*layer, draw, np.random.default_rng(seed))
             for name, layer in layers.items() for kind, draw in kinds.items()}

# %% [markdown]
# How many directions are left of the two hundred, with either kind of weights and either function?

# %% tags=["folded"]
floor = {name: np.maximum(values, 1e-12) for name, values in jacobians.items()}
plots.lines(floor, log=True, ylabel="factor on its length, or 1e-12 if less",
            title="Orthogonal weights save directions in tanh layers, not in ReLU's",
            xlabel="direction, from the longest to the shortest")

# %%
near = {name: np.mean(v > v[0] / 100) for name, v in jacobians.items()}
claim("Within a factor of 100 of the longest are more than 80% of the directions for "
      "tanh with orthogonal weights, less than 40% for the other three",
      near["tanh, orthogonal"] > 0.8
      and max(v for name, v in near.items() if name != "tanh, orthogonal") < 0.4,
      ", ".join(f"{name} {v:.0%}" for name, v in near.items()))
guess_saved.against("tanh only")

# %% [markdown]
# The gain has a weakness that you have felt: for some functions the size that it keeps is a pencil on its tip. Then measure as you go. **LSUV**, layer-sequential unit variance (Mishkin and Matas, 2015), starts from orthogonal weights, sends one batch of real images up, and sets each layer's size by what it sees before it goes on to the next.
#
# **Exercise `lsuv`** (3 points). Start from `orthogonal((fan_in, fan_out), rng, dtype=…)`, and make every layer's sums have standard deviation 1 on the batch x, one layer after the other. Worked example: one unit a layer, widths 1, 1, 1, $f(z) = 2z$, and two images, 3 and −3. An orthogonal 1 × 1 kernel is 1 or −1. Its sums have standard deviation 3, so the kernel becomes ±1/3 and the sums ±1. $f$ makes ±2 of them, and the second kernel becomes ±1/2.

# %% tags=["exercise"]
lsuv

# %% [markdown]
# Try it on such a function, with a jump: $f(z) = z$ beyond ±1 and 0 between them, in 50 layers of 200. The weights are set by 512 images; the sizes of the sums are then measured on 512 others. Beside it, as a control, the same kind of draws with the function's own gain.

# %%
def threshold(z):
    return z * (np.abs(z) > 1)

def sizes_on(kernels, x):
    sizes = []
    for w in kernels:
        sizes.append(rms(x @ w))
        x = threshold(x @ w)
    return np.array(sizes)

# %%
pixels, widths = data.x_train[:1024].reshape(1024, -1), [784] + [200] * 50
images = (pixels - np.float32(33.3)) / np.float32(78.6)
rng = np.random.default_rng(seed)
kernels = lsuv(threshold, widths, images[:512], rng)
by_gain = [np.float32(gain(threshold)) * orthogonal(shape, rng)
           for shape in zip(widths[1:-1], widths[2:], strict=True)]
by_gain = [variance_scaling((784, 200), rng), *by_gain]

# %%
sizes = {name: sizes_on(k, images[512:])
         for name, k in {"LSUV": kernels, "its gain": by_gain}.items()}
claim("LSUV keeps the sums of 50 layers between 0.6 and 1.4 on new images; with the "
      "gain they leave the range from a fifth to five",
      0.6 < sizes["LSUV"].min() and sizes["LSUV"].max() < 1.4
      and not 0.2 < sizes["its gain"][-1] < 5,
      f"{sizes['LSUV'].min():.2f} to {sizes['LSUV'].max():.2f}; "
      f"{sizes['its gain'][-1]:.2g} at the end")

# %% [markdown]
# ## A way around: residual networks
#
# Or go around the problem. A **residual** block adds its branch to what came in, so that there is always a plain path, with slope 1:
#
# $$y = x + s \cdot \text{branch}(x), \qquad \text{branch}(x) = \max(x w_1, 0)\; w_2.$$
#
# **Exercise `residual_block`** (1 point). Write it, with a cache for the way back. Worked example: x = (1, 2), w1 with rows (1, −1) and (1, 0), w2 with rows (2, 1) and (5, 5), s = 0.5. ReLU gives (3, 0), the branch (6, 3), and y = (4, 3.5).

# %% tags=["exercise"]
residual_block

# %% [markdown]
# **Exercise `residual_block_backward`** (4 points). Derive and return the gradients with respect to x, w1 and w2. By how many ways does x act on the loss? The cache is the course's: `(x, h, w1, w2, s)`, where h is what ReLU gave. Worked example, the same block with dy = (1, 2): dx = (3, 4), dw1 has rows (2, 0) and (4, 0), dw2 has rows (1.5, 3) and (0, 0).

# %% tags=["exercise"]
residual_block_backward

# %% [markdown]
# <details><summary>What it comes to</summary>
#
# Two ways, and their gradients add: $dy$ itself by the plain path, and through the branch. There $d\text{branch} = s\,dy$, and the rest is two dense layers with a ReLU between: $dw_2 = h^\top d\text{branch}$; $dz = d\text{branch}\,w_2^\top$ where $h > 0$, else 0; $dw_1 = x^\top dz$; and $dx = dy + dz\,w_1^\top$.
#
# </details>
#
# Each branch adds its own variance. Let a branch keep the size (He's weights below, LeCun's above). What does one block do to the mean square of the signal, if $s = 1$, and what do fifty to its RMS, the root of it? Which $s$ makes fifty blocks together multiply the mean square by about $e$, at any depth?

# %%
guess_tower = predict("tower", "Fifty blocks, s = 1: RMS grows by 10 to the power",
                      low=0, high=30, unit="")
guess_tower

# %%
def tower(s, rng, depth=50, n=200):
    x = rng.standard_normal((256, n), dtype=np.float32)
    for _ in range(depth):
        x, _ = residual_block(x, he_normal((n, n), rng), lecun_normal((n, n), rng), s)
    return rms(x)

towers = {s: np.array([tower(s, np.random.default_rng(i)) for i in seeds])
          for s in (1.0, 50**-0.5)}

# %%
grown, scaled = np.log10(towers[1.0]), towers[50**-0.5]
claim("With s = 1 each block multiplies the size by √2, within 3%; with "
      "s = 1/√50 fifty blocks together by √e, within 10%",
      np.abs(10 ** (grown / 50) / 2**0.5 - 1).max() < 0.03
      and np.abs(scaled / np.e**0.5 - 1).max() < 0.10,
      f"10^{grown.mean():.1f}; {scaled.min():.2f} to {scaled.max():.2f}")
guess_tower.against(float(grown.mean()))

# %%
quiz("residual-branch")

# %% [markdown]
# Thirty million times the size, though every single branch was initialized by the book. This is why residual networks scale by depth. GPT-2 divides the weights that end each branch by the root of the number of branches; other designs start the last layer of each branch at 0, so that the whole network begins as the identity.
#
# But a hundred plain ReLU layers with He's weights keep their sizes, too. What, then, has the tower that they haven't? Compare signal, gradient and likeness at the top of both.

# %%
from course_lib.models import residual_network

tall = {"100 plain layers": partial(deep_network, 100, 100, "ReLU", he_normal),
        "50 blocks, s = 1/√50": partial(residual_network, 50, 100, 50**-0.5)}
tall = {name: profile(make, data, seeds[:3], batch_size=256)
        for name, make in tall.items()}
for name, p in tall.items():
    print(f"{name:21} signal x {np.mean(p.activation[:, -1] / p.activation[:, 0]):.2f}"
          f"   gradient x {np.mean(p.delta[:, 0] / p.delta[:, -1]):.2f}"
          f"   cosine {np.mean(p.cosine[:, -1]):.4f}")

# %% [markdown]
# Both keep signal and gradient within a factor of a few. In the plain tower all images have become one; the plain path of the other keeps them apart.

# %%
tops = [p.cosine[:, -1] for p in tall.values()]
claim("At the top two images have a mean cosine above 0.9 in a hundred plain layers, "
      "below 0.7 in fifty residual blocks",
      tops[0].min() > 0.9 and tops[1].max() < 0.7,
      f"at least {tops[0].min():.4f}, at most {tops[1].max():.2f}")

# %% [markdown]
# Do they *train*? Towers of 15 and of 50 blocks of 100 units; fifty blocks are a hundred layers. Beside them a hundred plain layers, and two controls: two blocks, and none at all, which leaves a linear network. Gradient descent, six rates.

# %%
guess_hundred = predict("hundred", "Fifty blocks, s = 1/√50, share right:",
                        low=0, high=100, unit="%")
guess_hundred

# %%
from course_lib.studies.depth import TOWER_STUDY, TOWERS

own = {"residual_block": residual_block,
       "residual_block_backward": residual_block_backward}
make = partial(residual_network, 15, 100, 15**-0.5, **own)
live = repeat(make, data, sgd, seeds[:1], lr=0.03, epochs=2)
best["towers"] = best_rates(load(TOWER_STUDY))["gradient descent"]
claim("Fifteen blocks on your own functions get more than 85% right",
      live[0].valid_accuracy[-1] > 0.85, f"{live[0].valid_accuracy[-1]:.1%}")

# %% [markdown]
# And the stored runs, three seeds each. What does depth give on these digits, beyond the linear network?

# %% tags=["folded"]
plots.dots(ends_of("towers", TOWERS), reference=(0.1, "guessing"),
           title="Small branches let depth train; on these digits it gives little",
           xlabel="share of validation images that are right")

# %%
towers = {name: np.mean([run["valid_accuracy"] for run in runs])
          for name, (_, runs) in best["towers"].items()}
deep = best["towers"]["50 blocks, s = 1/√blocks"][1]
linear = best["towers"]["0 blocks, linear"][1]
ahead = [a["valid_accuracy"] - b["valid_accuracy"]
         for a, b in zip(deep, linear, strict=True)]

# %%
claim("Fifty blocks with s = 1/√50 beat the linear network by more than a point, every "
      "seed; two blocks come within two points of them, means of three seeds",
      min(ahead) > 0.01
      and towers["50 blocks, s = 1/√blocks"] - towers["2 blocks, s = 1/√blocks"] < 0.02,
      ", ".join(f"{name}: {v:.1%}" for name, v in towers.items()))

# %%
claim("A hundred plain layers stay below 60%; with s = 1 every run breaks off, from a "
      "rate of 0.003 on", towers["100 layers, He"] < 0.6
      and max(towers["15 blocks, s = 1"], towers["50 blocks, s = 1"]) < 0.15,
      f"{towers['100 layers, He']:.0%}")
guess_hundred.against(100 * towers["50 blocks, s = 1/√blocks"])

# %% [markdown]
# ## Ten layers on real digits
#
# Does the right word matter where both work? Ten ReLU layers of 100 and three ways to draw the weights: N(0,1), Glorot's and He's normal distribution. Glorot's weights lose a factor of $\sqrt{1/2}$ a layer; over ten layers that is 1/32. Each network at its own best rate: by how much is He ahead of Glorot?

# %%
guess_ahead = predict("ahead", "He ahead of Glorot at ten layers, gradient descent:",
                      low=-20, high=60, unit="points")
guess_ahead

# %% tags=["folded"]
ten = ["10 layers, N(0,1)", "10 layers, Glorot", "10 layers, He"]
plots.dots(ends_of("gradient descent", ten) | ends_of("Adam", ten[1:]),
           reference=(0.1, "guessing"),
           title="At ten layers, each at its best rate, Glorot is as good as He",
           xlabel="share of validation images that are right")

# %% [markdown]
# In accuracy, no difference that three seeds could show: most of what Glorot's weights lose, a larger rate gives back. (By gradient descent He's training loss is still a fifth lower.) That is worth knowing, since many comparisons of initializers are made at one rate. At one and the same rate they do differ, in the first hundred steps: here the training loss at 0.03, with a band over three seeds.

# %% tags=["folded"]
both = {name: slowly(partial(deep_network, 10, 100, "ReLU", draw))
        for name, draw in {"Glorot": glorot_normal, "He": he_normal}.items()}
curves = {name: np.array([run.step_loss for run in runs]).reshape(3, -1, 20)
          for name, runs in both.items()}
curves = {name: c.mean(axis=2) for name, c in curves.items()}
plots.lines(curves, x=np.arange(10, 400, 20), reference=(np.log(10), "guessing"),
            title="At one rate, 0.03, Glorot's weights wait first",
            xlabel="step", ylabel="training loss")

# %%
means = {(rule, name): np.mean([run["valid_accuracy"] for run in best[rule][name][1]])
         for rule in ("gradient descent", "Adam") for name in ten}

# %%
below = {name: 20 * np.argmax(c < 1, axis=1) for name, c in curves.items()}
claim("At their best rates Glorot and He are within 2 points, by both rules, means of "
      "three seeds; N(0,1) breaks off by gradient descent at every rate",
      all(abs(means[rule, ten[1]] - means[rule, ten[2]]) < 0.02
          for rule in ("gradient descent", "Adam"))
      and means["gradient descent", ten[0]] < 0.15,
      ", ".join(f"{name} {v:.1%}" for (_, name), v in means.items()))

# %%
claim("At the rate 0.03 Glorot needs more than 1.5 times as many steps to a loss of 1, "
      "for every seed", (below["Glorot"] > 1.5 * below["He"]).all(),
      f"{below['Glorot'].mean():.0f} against {below['He'].mean():.0f}")

# %%
guess_ahead.against(100 * (means["gradient descent", ten[2]]
                           - means["gradient descent", ten[1]]))

# %% [markdown]
# ## The same in TensorFlow
#
# In Keras an initializer is a word in the layer: `Dense(100, activation="relu", kernel_initializer="he_normal")`. Without the word it is Glorot's, whatever the activation: the trap of the beginning. Another word is `TruncatedNormal(stddev=1)`, which cuts at two standard deviations. Which standard deviation has what it draws?

# %%
import keras

theirs = keras.initializers
guess_cut = predict("keras-cut", "TruncatedNormal(stddev=1) has a deviation of",
                    low=0.5, high=1.5)
guess_cut

# %% [markdown]
# Keras's draws beside yours, for a dense and a convolutional kernel: the numbers differ, since the generators do; what must agree is the spread and the largest weight.

# %%
scaling = partial(variance_scaling, scale=3, mode="fan_out", distribution="uniform")
pairs = [(glorot_uniform, theirs.GlorotUniform), (he_normal, theirs.HeNormal),
         (scaling, partial(theirs.VarianceScaling, 3, "fan_out", "uniform"))]
ratios = []
for shape in [(400, 300), (5, 5, 60, 80)]:
    for ours, keras_kind in pairs:
        w = ours(shape, np.random.default_rng(seed))
        v = keras_kind(seed=seed)(shape).numpy()
        ratios += [w.std() / v.std(), np.abs(w).max() / np.abs(v).max()]
worst = np.abs(np.array(ratios) - 1).max()

# %%
cut = theirs.TruncatedNormal(stddev=1.0, seed=seed)((400, 400)).numpy().std()
claim("Spread and largest weight agree with Keras's, within 1.5%; its TruncatedNormal "
      "only cuts: the deviation is truncated_std(2), within 1%",
      worst < 0.015 and abs(cut / truncated_std(2) - 1) < 0.01,
      f"at most {worst:.2%} off; {cut:.4f}")
guess_cut.against(float(cut))

# %% [markdown]
# And a whole network: thirty layers of 100 whose weights Keras has drawn after He, put into our network of the same shape. If the forward passes are the same function, so is everything that was said about sizes. (The first layer of ours standardizes the pixels; Keras's gets its output.)

# %%
layers = [keras.layers.Dense(100, "relu", kernel_initializer=theirs.HeNormal(i))
          for i in range(30)]
model = keras.Sequential([keras.Input((784,)), *layers, keras.layers.Dense(10)])
copied = deep_network(30, 100, "ReLU", he_normal, rng=np.random.default_rng(seed))
weights = [v.numpy() for v in model.weights]
copied.params = dict(zip(copied.params, weights, strict=True))

# %%
images = data.x_train[:64]
keras_out = model(copied.layers[0].forward(images)[0]).numpy()
gap = rms(copied.inference(images) - keras_out) / rms(keras_out)
claim("With Keras's weights both give the same outputs, within 1e-4", gap < 1e-4,
      f"relative difference {gap:.0e}")

# %% [markdown]
# ## Debug lab: a question from a forum
#
# "My convolutional network learns far worse than the book's, and I initialize after He." The code, as it was asked (the rest is the book's):
#
# ```
# w = rng.standard_normal((5, 5, 1, 8)) * np.sqrt(2 / 784)
# sums, cache = conv2d(images, w, b)      # a convolution, plus b; b is 0.1 at first
# y = np.maximum(sums + b, 0)
# ```
#
# Here is that network from the inside, beside a mended one, before any training. There are two faults in the three lines, and in the picture one hides a part of the other: find both in the code.

# %% tags=["folded"]
from course_lib.exercises.nb02_initializers import askers_network, mended_network

asked = {"the asker's": askers_network, "mended": mended_network}
asked = {name: profile(make, data, seeds[:3]) for name, make in asked.items()}
plots.lines({name: p.activation for name, p in asked.items()}, log=True,
            ylabel="RMS of activations", title="The asker's activations are too small",
            xlabel="convolution (1 is nearest the image)")

# %%
quiz("askers-spread")

# %% [markdown]
# **Exercise `first_layer`** (2 points). The asker's layer, mended: draw the filters, convolve, add the bias, apply ReLU; return y and the filters. You may use `conv2d(x, w, b)`, which returns the convolution and a cache. Worked example: filters of shape (5, 5, 1, 8) have $\sigma = 0.283$. With b = 0.5, where `conv2d` without a bias would give −2 and 1, y is 0 and 1.5.

# %% tags=["exercise"]
first_layer

# %% [markdown]
# ## Debug lab: which initializer was it?
#
# Five ReLU networks of seven layers. Each layer is 0.71 times as wide as the one below, from 400 down to 50. One was given N(0,1), one N(0, 0.01²), one Glorot's weights, one He's by $\text{fan}_\text{in}$ and one He's by $\text{fan}_\text{out}$; somebody has lost the labels. Here is what they do to 512 digits, before any training; mind that each panel has its own axis.

# %% tags=["folded"]
from course_lib.exercises.nb02_initializers import five_networks

lab = {letter: profile(make, data, seeds) for letter, make in five_networks().items()}
plots.panels({letter: {"activations": p.activation, "∂L/∂z": p.delta}
              for letter, p in lab.items()}, log=True, ylabel="RMS",
             title="Five networks without labels",
             xlabel="hidden layer (1 is nearest the image)")

# %%
quiz("five-networks")

# %% [markdown]
# **Exercise `diagnose`** (2 points). Write down what you have just done in your head: from the RMS of the activations and of $\partial L/\partial z$ of any such network, lowest layer first, name its initializer. It is judged on networks that are drawn anew. Worked example: activations of RMS 2, 1.4, 1.0, 0.7 fall by 0.7 a layer, and that is near the 0.77 which Glorot's weights leave here: the root of $\text{fan}_\text{in}\,\sigma^2/2$, with a variance of $2/(1.71\,\text{fan}_\text{in})$.

# %% tags=["exercise"]
diagnose

# %%
found = {}
for letter, p in lab.items():
    means = (np.exp(np.log(sizes).mean(axis=0)) for sizes in (p.activation, p.delta))
    found[letter] = diagnose(*means)
claim("Five networks, five initializers: each was found once",
      sorted(found.values()) == ["Glorot", "He fan_in", "He fan_out", "large", "small"],
      f"{found}")

# %% [markdown]
# ## Thirty layers, mended, and a hundred
#
# Back to the beginning: the same thirty layers, rules and budget, with one word changed; and beside them the fifty residual blocks and the five layers that worked. Each at its best rate.

# %% tags=["folded"]
mended = ["30 layers, Glorot", "30 layers, He"]
plots.dots(ends_of("gradient descent", ["5 layers, Glorot", *mended])
           | ends_of("Adam", mended)
           | ends_of("towers", ["50 blocks, s = 1/√blocks"]),
           title="From thirty layers that guess to a hundred as good as five",
           xlabel="share of validation images that are right",
           reference=(0.1, "guessing"))

# %%
def reached(name):
    return {rule: float(np.mean(ends))
            for rule in ("gradient descent", "Adam")
            for ends in ends_of(rule, [name]).values()}

wrong_word, word = (reached(name) for name in mended)

# %%
claim("One word: gradient descent goes from guessing to more than 65%, Adam gains "
      "more than 10 points; fifty residual blocks end above either",
      word["gradient descent"] > 0.65 and wrong_word["gradient descent"] < 0.15
      and word["Adam"] - wrong_word["Adam"] > 0.10
      and towers["50 blocks, s = 1/√blocks"] > word["gradient descent"],
      ", ".join(f"{word[rule]:.0%} instead of {wrong_word[rule]:.0%}" for rule in word))

# %% [markdown]
# A hundred layers are possible; on these digits, in 400 steps, they are as good as five, and thirty plain ones, mended, still behind a linear network. Right weights make depth trainable. Whether depth pays is another question, and another kind of data.

# %% [markdown]
# ## What to remember
#
# 1. A sum of $n$ independent terms has $n$ times the variance: fan_in counts on the way up, fan_out on the way down. A convolution's fans contain its window.
# 2. The activation keeps a share of it. One over the root of that share is the gain; for ReLU $\sqrt 2$, which is He's.
# 3. The distribution's shape hardly matters, its variance does; what is cut off must be given back.
# 4. Fifty layers can be computed before they are built: size by size, gradient by gradient, and the likeness of two images. Level sizes don't say that images can still be told apart.
# 5. Weights must differ, biases needn't. A plain path and branches that start small keep images apart, and trained at both depths tried here.

# %%
quiz("factor-two")

# %% [markdown]
# **Today.** He's for ReLU and its kin, Glorot's or LeCun's elsewhere; *check what your library does when you say nothing*: Keras draws Glorot's, PyTorch's linear layers draw uniformly with variance $1/(3\,\text{fan}_\text{in})$. Transformers mostly use a normal distribution with a fixed 0.02, and divide the weights that end a branch by the root of the depth. Normalization layers forgive much; where they are left out (Fixup, 2019) the initializer does their work. For very wide networks, μP (2021) scales weights and learning rates together. And before you compare two initializers, give each its own learning rate.
#
# **To read.** Y. LeCun et al., *Efficient BackProp*, 1998. X. Glorot, Y. Bengio, *Understanding the difficulty of training deep feedforward neural networks*, 2010. A. Saxe, J. McClelland, S. Ganguli, *Exact solutions to the nonlinear dynamics of learning in deep linear neural networks*, 2013. K. He et al., *Delving deep into rectifiers* and *Deep residual learning for image recognition*, both 2015. J. Pennington, S. Schoenholz, S. Ganguli, *Resurrecting the sigmoid in deep learning through dynamical isometry*, 2017. D. Mishkin, J. Matas, *All you need is a good init*, 2015. B. Poole et al., *Exponential expressivity in deep neural networks through transient chaos*, 2016. H. Zhang, Y. Dauphin, T. Ma, *Fixup initialization*, 2019.
#
# ### In your own words
#
# A colleague copies `he_normal` into a tanh network of sixty layers, "because it is the modern one". What will signal and gradient do, and how could you have known without running it? (2 points, marked by a person. The explorer may help.)

# %% [markdown] tags=["answer"] grade_id="he-for-tanh" points=2
# *Double-click here and write your answer in place of this line.*

# %% [markdown]
# **A small project.** Invent an activation function, compute its gain, predict with `expected` what fifty layers of it do to size and likeness, then measure with `profile`. Can you find one that keeps both, and doesn't equal a straight line? There is room for cells of your own below.
#
# That was notebook 02. First, what it added to the library of your own (`course export FOLDER` in a terminal writes it out); then what you have done. Next, in notebook 03, the other half of the product: the activation functions themselves, what each costs, and how a unit dies.

# %%
mine.added("02_initializers")

# %%
progress()
