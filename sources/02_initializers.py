# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 02 · Initializers
#
# Before a network learns anything, somebody must decide how large its random weights are. One library's default suits five layers and kills thirty. You will find out why, derive the right size for any activation function on paper, predict from it what fifty layers do to a signal, and see the prediction hold.
#
# Afterwards you can
#
# - derive weights that keep a signal's size for an activation function you have never seen,
# - write initializers for dense and convolutional layers, uniform, normal and truncated,
# - predict what a deep network does to signal, gradient and differences between images before you build it,
# - tell from a plot which initializer a network was given.
#
# You need notebook 01, or what it teaches: backpropagation through a dense layer, and why to look at activations *and* gradients. {{measured}}

# %% [markdown]
# ## A default that stops working
#
# The set-up is that of notebook 01, and a few building blocks for later: numbers of mean 0 and variance 1 in three distributions, a function that counts connections, and one that averages over the normal distribution.

# %%
from math import erf, exp, pi, prod, sqrt

import numpy as np

from course_lib import plots
from course_lib.backend import seed_everything, use_backend
from course_lib.claims import claim
from course_lib.conv import conv2d
from course_lib.exercises import check, hint, predict, progress, quiz, use
from course_lib.initializers import (fans, orthogonal, standard_normal, standard_truncated, standard_uniform,
                                     variance_scaling)
from course_lib.measuring import gaussian_mean, gaussian_pair_mean

use_backend()
seed = seed_everything()

# %% [markdown]
# "My network of five layers works, and when I make it deeper, it stops learning." People ask this again and again, and their code is fine: a stack of dense layers with ReLU, nothing else set. In Keras such a layer draws its weights from Glorot's uniform distribution, whatever the activation. So do we, with five and with thirty layers of 100 units. A blind guess is right one time in ten.

# %%
guess_thirty = predict("thirty", "Share of digits that the 30-layer network gets right:",
                       low=0, high=100, default=60, unit="%")
guess_thirty

# %% [markdown]
# Three networks of each depth, from three seeds, trained by plain gradient descent on 12,800 images for three epochs, with a learning rate of 0.01. (Images are standardized inside each network: minus the mean of all training pixels, over their standard deviation.) Each dot is one network, the bar is their mean. Nothing differs between the two rows but the number of layers.

# %%
from functools import partial
from course_lib.datasets import load_mnist
from course_lib.initializers import glorot_uniform
from course_lib.models import deep_network
from course_lib.optimizers import sgd
from course_lib.training import final_accuracy, repeat

data, seeds = load_mnist().first(12_800), range(5 * seed, 5 * seed + 5)
slowly = partial(repeat, data=data, rule=sgd, seeds=seeds[:3], lr=0.01, epochs=3)
default = {f"{n} layers": slowly(partial(deep_network, n, 100, "ReLU", glorot_uniform)) for n in (5, 30)}
plots.dots(final_accuracy(default), title="Thirty layers with the default weights learn nothing",
           xlabel="share of validation images that are right", reference=(0.1, "guessing"))

# %% [markdown]
# The same code, the same data. Thirty layers could do whatever five can, and more; these are where guessing is, and six hundred steps change nothing about it. In notebook 01 you saw what happens behind such a picture: the signal dies on its way up, and the error on its way down. Here you will see why, and what to do.

# %%
five, thirty = final_accuracy(default).values()
claim("With the default weights 5 layers get more than 80% right, 30 layers less than 25%, for every seed",
      min(five) > 0.8 and max(thirty) < 0.25, f"at least {min(five):.0%}, at most {max(thirty):.0%}")
guess_thirty.against(100 * np.mean(thirty))

# %% [markdown]
# ## What one layer does to a signal
#
# First the plainest experiment there is. Inputs of size 1 (the *RMS*, root of the mean square), weights from N(0,1), and nothing else: no activation function, no bias. What size do the sums have? Try layers with 25, 100 and 400 inputs.

# %%
rng = np.random.default_rng(seed)
for fan_in in (25, 100, 400):
    x, w = standard_normal((1000, fan_in), rng), standard_normal((fan_in, 300), rng)
    print(f"{fan_in:3} inputs of RMS {np.mean(x**2) ** 0.5:.2f}: sums of RMS {np.mean((x @ w) ** 2) ** 0.5:5.2f}")

# %% [markdown]
# Four times as many inputs, twice the size: it goes with the root. That can be derived in three lines. A unit computes $z_j = \sum_i x_i w_{ij}$. Let the weights be independent of each other and of the inputs, with mean 0 and variance $\sigma^2$. Then products of *different* weights average to 0, and of the square of the sum only the squares remain:
#
# $$\overline{z^2} = \sum_i \overline{x_i^2}\;\sigma^2 = \text{fan}_\text{in}\,\sigma^2\,\overline{x^2}.$$
#
# The bar is a mean over weights, units and images; $\text{fan}_\text{in}$ is the number of inputs that one unit adds up. On the way down it is the same sum in the other direction. Each input gets its gradient from all the units it reaches, $dx_i = \sum_j \delta_j w_{ij}$, where $\delta = \partial L/\partial z$, so
#
# $$\overline{dx^2} = \text{fan}_\text{out}\,\sigma^2\,\overline{\delta^2}.$$
#
# To keep the signal you want $\sigma^2 = 1/\text{fan}_\text{in}$, to keep the gradient $\sigma^2 = 1/\text{fan}_\text{out}$. Everything in this notebook follows from these two lines.

# %% [markdown]
# Do they hold? Three layers of random numbers, wide to narrow, square, and narrow to wide: the mean square of the sums over that of the inputs, and the same for the gradient on its way down.

# %%
errors = []
for fan_in, fan_out in [(25, 400), (100, 100), (400, 25)]:
    shapes = [(1000, fan_in), (fan_in, fan_out), (1000, fan_out)]
    x, w, delta = (standard_normal(shape, rng) for shape in shapes)
    up, down = np.mean((x @ w) ** 2) / np.mean(x**2), np.mean((delta @ w.T) ** 2) / np.mean(delta**2)
    errors += [up / fan_in - 1, down / fan_out - 1]
claim("Mean squares grow by fan_in on the way up and by fan_out on the way down, within 8%",
      max(map(abs, errors)) < 0.08, f"at most {max(map(abs, errors)):.1%} off")

# %% [markdown]
# How many inputs has a unit? In a dense layer the question is simple: the kernel has shape (fan in, fan out). In a convolution one output adds up a whole *window*, height × width places of every input channel; and one input pixel takes part in as many outputs as the window has places, in every output channel.
#
# **Exercise `fans`** (1 point). Return $\text{fan}_\text{in}$ and $\text{fan}_\text{out}$ of a kernel's shape. Worked example: a dense kernel (300, 100) has fans 300 and 100; a convolution's kernel of shape (height 5, width 5, 3 channels in, 8 out) has $25 \cdot 3 = 75$ and $25 \cdot 8 = 200$.

# %% tags=["exercise"]
fans

# %% [markdown]
# The window is what people forget. Here is a convolution with 5 × 5 windows on random images of 16 channels, twice: with variance $1/\text{fan}_\text{in}$, and with the variance that you get if you take only the channels for the fan, as if the kernel were a dense one. Both times the inputs have size 1.

# %%
from course_lib.conv import conv2d
from course_lib.measuring import rms

images, shape = rng.standard_normal((8, 20, 20, 16)), (5, 5, 16, 64)
sizes = {}
for name, fan in {"window counted": fans(shape)[0], "window forgotten": shape[2]}.items():
    kernel = rng.standard_normal(shape) / np.sqrt(fan)
    sizes[name] = rms(conv2d(images, kernel, np.zeros(64), padding="valid")[0])

# %% [markdown]
# A factor of five, the root of 25 places, in a single layer; three such layers make it 125. The kernel looks right, it has the right shape, and nothing complains. Only the sizes tell.

# %%
right, wrong = sizes.values()
claim("With the window counted the outputs have size 1 within 8%; forgotten, they are 5 times as large",
      abs(right - 1) < 0.08 and abs(wrong / right / 5 - 1) < 0.15, f"{right:.2f} and {wrong:.2f}")

# %% [markdown]
# ## Three distributions, one variance
#
# The derivation asked for mean 0, variance $\sigma^2$ and independence, and for nothing else: the shape of the distribution doesn't matter. Three are in use. A *normal* one now and then draws a weight of four standard deviations, which can push a unit out of its useful range. A *uniform* one can't: it reaches from $-\sqrt 3\,\sigma$ to $\sqrt 3\,\sigma$, since numbers from $-a$ to $a$ have variance $a^2/3$. And a *truncated normal* is drawn again wherever it lies beyond two standard deviations.

# %% [markdown]
# But whoever cuts off the tails takes variance away. Of the variance of N(0,1) there remains
#
# $$1 - \frac{4\,\varphi(2)}{P(|z| < 2)} = 1 - \frac{4 \cdot 0.0540}{0.9545} = 0.774,$$
#
# where $\varphi$ is the density of N(0,1) and $P$ a probability. So the standard deviation falls to $\sqrt{0.774} = 0.8796$, and what was drawn must be divided by that. Here are the three, each with variance 1:

# %%
kinds = {"normal": standard_normal, "uniform": standard_uniform, "truncated normal": standard_truncated}
draws = {name: draw((400, 400), np.random.default_rng(seed)) for name, draw in kinds.items()}
edges = np.linspace(-3.5, 3.5, 71)
shares = {name: np.histogram(w, edges, density=True)[0] for name, w in draws.items()}
plots.lines(shares, x=(edges[1:] + edges[:-1]) / 2, title="Three distributions of mean 0 and variance 1",
            xlabel="weight, in standard deviations", ylabel="density")

# %% [markdown]
# The dashed curve ends like a wall, the third one a little beyond 2: what was cut off at 2 has been widened again, so it now reaches to $2/0.8796$. That is how you can tell a corrected draw from one that was only cut.

# %%
largest = np.abs(draws["truncated normal"]).max()
claim("Cut off at 2 and corrected, weights reach 2/0.8796 = 2.27 standard deviations", abs(largest - 2.27) < 0.01,
      f"largest of 160,000: {largest:.3f}")

# %% [markdown]
# Does twelve percent matter? In one layer it doesn't. In fifty linear layers, $0.88^{50}$ is a sixth of a percent. Take fifty layers of 200 units without any activation function, with variance $1/\text{fan}_\text{in}$, and send random numbers of size 1 through: once with the corrected draws, once with those that were only cut.

# %%
def linear_stack(draw, rng, depth=50, n=200):
    x = rng.standard_normal((256, n))
    for _ in range(depth):
        x = x @ draw((n, n), rng) / np.sqrt(n)
    return rms(x)

ends = {name: [linear_stack(draw, np.random.default_rng(s)) for s in seeds]
        for name, draw in {"corrected": standard_truncated,
                           "only cut off": lambda shape, rng: 0.8796 * standard_truncated(shape, rng)}.items()}

# %% [markdown]
# The initializer that Keras calls `TruncatedNormal` is of the second kind: it cuts, and doesn't correct. Its `HeNormal` and `GlorotNormal` are of the first. Old code that was written with the one and runs with the other has weights of another size than its authors thought.

# %%
corrected, uncorrected = (np.mean(np.array(sizes) ** (1 / 50)) for sizes in ends.values())
claim("Corrected, fifty linear layers keep 98 to 102% a layer; only cut off, 86 to 90%; on average over five seeds",
      abs(corrected - 1) < 0.02 and abs(uncorrected - 0.88) < 0.02, f"{corrected:.3f} and {uncorrected:.3f}")

# %% [markdown]
# All initializers in use are one function with other settings: a variance of scale / fan, where fan is $\text{fan}_\text{in}$, $\text{fan}_\text{out}$ or the mean of the two, and one of the three distributions.
#
# **Exercise `variance_scaling`** (3 points). Write it. `standard_normal`, `standard_uniform` and `standard_truncated`, called as `draw(shape, rng, dtype=dtype)`, give numbers of variance 1, and `fans` is there too. Worked example: shape (300, 100), scale 2 and mode `fan_avg` have $\sigma^2 = 2/200 = 0.01$, so $\sigma = 0.1$. Your draws are judged by their statistics; which numbers they are is up to the generator `rng`.

# %% tags=["exercise"]
variance_scaling

# %% [markdown]
# ## Two directions, one variance
#
# A layer that isn't square can't keep both: $1/\text{fan}_\text{in}$ keeps the signal, $1/\text{fan}_\text{out}$ the gradient. Glorot and Bengio (2010) took the mean of the two fans, $\sigma^2 = 2/(\text{fan}_\text{in} + \text{fan}_\text{out})$, as a compromise. In square layers all three agree. How good is it elsewhere? First a single layer far from square, 784 inputs and 50 units. (No activation function yet.)

# %% tags=["nbval-check-output"]
rng = np.random.default_rng(seed)
x, delta = rng.standard_normal((2000, 784)), rng.standard_normal((2000, 50))
print("784 -> 50    signal up   gradient down")
for mode in ("fan_in", "fan_out", "fan_avg"):
    w = variance_scaling((784, 50), rng, mode=mode, dtype=float)
    up, down = rms(x @ w) / rms(x), rms(delta @ w.T) / rms(delta)
    print(f"{mode:10} {up:11.1f} {down:15.1f}")

# %% [markdown]
# Each of the first two keeps one direction and changes the other by a factor of four, $\sqrt{784/50}$. The compromise misses both by less. One such layer does no harm: the first layer of nearly every network is like this. So ask what happens in a stack. Take twenty ReLU layers that are 100 and 400 units wide by turns, with scale 2 (why 2, comes next).

# %%
guess_compromise = predict("compromise", "Widths 100, 400, 100, 400, …: whose weights lose signal and gradient?",
                           options=["fan_in", "fan_out", "fan_avg", "none of them"], default="none of them")
guess_compromise

# %% [markdown]
# Five seeds, both directions. `profile` is the measuring device of notebook 01: it sends 512 images up and their errors down, and gives the RMS of the activations and of $\partial L/\partial z$ for each layer and seed. Up is the last layer's over the first's, down the first's over the last's.

# %%
from course_lib.measuring import profile
from course_lib.models import dense_network

def by_turns(mode, rng):
    return dense_network([100, 400] * 10, "ReLU", partial(variance_scaling, scale=2, mode=mode), rng=rng)

turns = {mode: profile(partial(by_turns, mode), data, seeds) for mode in ("fan_in", "fan_out", "fan_avg")}
plots.lines({mode: p.activation for mode, p in turns.items()}, log=True, ylabel="RMS of activations",
            xlabel="hidden layer (1 is nearest the image)", title="The compromise loses the signal")

# %% [markdown]
# The mean of the fans isn't the safe middle. With $\text{fan}_\text{in}$ the signal is level; and the gradient is multiplied by $\sqrt{400/100}$ at one layer and by $\sqrt{100/400}$ at the next, so over two layers nothing has changed. With the mean both directions lose $\sqrt{100/250} \cdot \sqrt{400/250} = 0.8$ at every pair, and ten pairs leave a tenth. He and colleagues (2015) made this point: choose either fan, and over a whole network the other direction is off by a single factor that only the first and the last width decide.

# %%
ends = {mode: [p.activation[:, -2] / p.activation[:, 0], p.delta[:, 0] / p.delta[:, -2]]
        for mode, p in turns.items()}
pairs = {mode: np.exp(np.log(both).mean(axis=1) / 9) for mode, both in ends.items()}
evenly = np.array([pairs["fan_in"], pairs["fan_out"]])
claim("By turns wide and narrow, over five seeds: fan_in and fan_out keep both directions within 10% a pair of layers",
      np.abs(evenly - 1).max() < 0.10, f"{evenly.min():.2f} to {evenly.max():.2f}")

# %% [markdown]
# That was the mean over a pair of layers, a narrow and a wide one, in both directions. And the compromise, in the same units? It is still the right thing for a single layer, if both directions count the same; as a habit for whole networks it isn't better than either extreme.

# %%
up, down = pairs["fan_avg"]
claim("while fan_avg loses about a fifth at every pair: 0.74 to 0.86 are left, up and down",
      0.74 < min(up, down) and max(up, down) < 0.86, f"{up:.2f} up, {down:.2f} down")
guess_compromise.against("fan_avg")

# %% [markdown]
# **Exercise `glorot_uniform`** (1 point). Still the most used initializer of all, since it is the default of Keras. Draw uniformly with variance $2/(\text{fan}_\text{in} + \text{fan}_\text{out})$. How far must the distribution reach? Worked example: a dense kernel (300, 300) has variance 1/300, so it reaches to $\pm\sqrt{3/300} = \pm 0.1$. You may use `variance_scaling`, or do without.

# %% tags=["exercise"]
glorot_uniform

# %% [markdown]
# ## The activation takes its share
#
# Between the sums stands an activation function, and the next layer adds up what *it* leaves. So what counts is the mean of $f(z)^2$, where $z$, a sum of many independent terms, is nearly normal (the central limit theorem). For ReLU this is easy: $z$ is as often negative as positive, and every negative one becomes 0. Half of the mean square is gone, whatever the size of $z$:
#
# $$\overline{\max(z, 0)^2} = \tfrac12\,\overline{z^2}, \qquad\text{so}\qquad \text{fan}_\text{in}\,\sigma^2 \cdot \tfrac12 = 1, \qquad \sigma^2 = \frac{2}{\text{fan}_\text{in}}.$$
#
# On the way down the slope is 1 for half of the units and 0 for the others, so half of the mean square of $\delta$ is lost, too. Kaiming He and colleagues (2015) showed a network of thirty layers that learns with this factor of 2 and stalls without it, as ours did.
#
# **Exercise `he_normal`** (1 point). Draw from a truncated normal, corrected, with variance $2/\text{fan}_\text{in}$. Worked example: a convolution's kernel of shape (3, 3, 16, 32) has $\sigma^2 = 2/144$, so $\sigma = 0.118$, and no weight is beyond $2.27\,\sigma = 0.268$.

# %% tags=["exercise"]
he_normal

# %% [markdown]
# For any other function the same question is an average over N(0,1). If sums of variance 1 come in, which factor on the weights brings sums of variance 1 out? It is called the **gain** of the activation function:
#
# $$\text{gain}^2 \cdot \overline{f(z)^2} = 1, \quad z \sim N(0, 1), \qquad \sigma^2 = \frac{\text{gain}^2}{\text{fan}_\text{in}}.$$
#
# **Exercise `gain`** (2 points). Return the gain of a function $f$. Worked example: for $f(z) = z$ the mean square is 1 and the gain 1; for ReLU it is $\tfrac12$ and $\sqrt 2$; for $f(z) = z^2$ it is 3, since $\overline{z^4} = 3$, and the gain $1/\sqrt 3$. `gaussian_mean(g)` averages any function g over N(0,1); a million draws do as well.

# %% tags=["exercise"]
gain

# %% [markdown]
# Try it on a function that nobody has written a paper about: $f(z) = z + \tfrac12 |z|$, with slope 1.5 on the right and 0.5 on the left. He's factor was made for another one. With fifty layers of 200 units, what does He's variance do to the signal, and what does yours?

# %%
def odd(z):
    return z + np.abs(z) / 2

def odd_slope(z):
    return 1 + np.sign(z) / 2

deep = {"your gain": partial(variance_scaling, scale=gain(odd) ** 2), "He": he_normal}
deep = {name: partial(deep_network, 50, 200, (odd, odd_slope), draw) for name, draw in deep.items()}
unseen = {name: profile(make, data, seeds, batch_size=256) for name, make in deep.items()}
plots.lines({name: p.activation for name, p in unseen.items()}, log=True, ylabel="RMS of activations",
            xlabel="hidden layer (1 is nearest the image)",
            title=f"A gain of {gain(odd):.2f} keeps the signal, He's 1.41 explodes")

# %% [markdown]
# That is the whole art: one integral, one root. From layer to layer He's weights multiply this signal by $1.41/0.89 = 1.58$, and over fifty layers by thousands of millions. With the gain the size stays, up and down, though chance, with only 200 units a layer, moves it a little.

# %%
ups = {name: p.forwards for name, p in unseen.items()}
claim("With its own gain the new function keeps the signal within 5% a layer, for every seed",
      np.abs(ups["your gain"] - 1).max() < 0.05, f"{ups['your gain'].min():.3f} to {ups['your gain'].max():.3f}")

# %% [markdown]
# And He's, on the same function? Its weights are too large by the ratio of the two gains, 1.41 to 0.89, and this ratio is the factor by which the signal grows at each layer. Which is to say: "the modern one" is not a property of an initializer, but of an initializer and an activation.

# %%
predicted = 2**0.5 / gain(odd)
claim("With He's variance it grows by √2 over the gain, within 5%", np.abs(ups["He"] / predicted - 1).max() < 0.05,
      f"expected {predicted:.2f}, measured {ups['He'].min():.2f} to {ups['He'].max():.2f}")

# %% [markdown]
# A warning goes with it. The gain looks at the signal alone, and on its way down the gradient is multiplied by gain times the *slope*. For ReLU and its kin the two agree. For $f(z) = \sin 2z$, whose gain is $\sqrt 2$ too, the slopes are large wherever the sine is small. Compare the signal's factor per layer with the gradient's.

# %%
sine = (lambda z: np.sin(2 * z), lambda z: 2 * np.cos(2 * z))
draw = partial(variance_scaling, scale=gain(sine[0]) ** 2)
waves = profile(partial(deep_network, 50, 200, sine, draw), data, seeds, batch_size=256)
claim("sin 2z with its gain: a level signal, within 1% a layer", np.abs(waves.forwards - 1).max() < 0.01,
      f"{waves.forwards.min():.3f} to {waves.forwards.max():.3f}")

# %% [markdown]
# So far it looks like a success, and a plot of activations alone would show nothing but level lines. On the way down, gain times the RMS of the slope is 2. What does a factor of 2 make of fifty layers? A gradient that is $2^{49}$ times as large at the bottom as at the top.

# %%
slope = gain(sine[0]) * gaussian_mean(lambda z: sine[1](z) ** 2) ** 0.5
claim("Its gradient explodes: by gain times the RMS of the slope a layer, within 3%",
      np.abs(waves.backwards / slope - 1).max() < 0.03,
      f"expected {slope:.2f}, measured {waves.backwards.min():.2f} to {waves.backwards.max():.2f}")

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

# %% [markdown]
# Is it kept? Don't measure yet: compute. A layer of size $q = \overline{z^2}$ sends up $\overline{f(z)^2}$ with $z \sim N(0, q)$, and the next has $q' = \text{fan}_\text{in}\,\sigma^2\,\overline{f(z)^2}$. For ReLU the factor is the same at every size. For tanh it isn't: it depends on $q$. So we take it step by step, fifty times.

# %%
q, steps = 1.0, []
for _ in range(50):
    kept = gaussian_mean(lambda z: np.tanh(z) ** 2, variance=q)
    steps.append(np.sqrt(kept))
    q = 1.0 * kept  # fan_in times Glorot's variance, in square layers
print(f"tanh, Glorot: activations of RMS {steps[0]:.2f} in layer 1, expected {steps[-1]:.3f} in layer 50")

# %% [markdown]
# Seven lines, no network, no random number; and it says that the table's promise for tanh isn't kept. `expected_profile` does the same for any function, any widths and both directions; it is told that the images have size 1 and a cosine of 0.29 (of which later). Eight rows: six from the table, and two that mix it up.

# %%
from course_lib.initializers import glorot_normal, lecun_normal
from course_lib.measuring import expected_profile
from course_lib.models import ACTIVATIONS

rules = {"Glorot": (glorot_normal, lambda i, o: 2 / (i + o)), "He": (he_normal, lambda i, o: 2 / i),
         "LeCun": (lecun_normal, lambda i, o: 1 / i)}
rows = ["linear, Glorot", "tanh, Glorot", "logistic, Glorot", "ReLU, He", "ELU, He", "SELU, LeCun",
        "ReLU, Glorot", "SELU, He"]
functions = ACTIVATIONS | {"linear": (lambda z: z, np.ones_like)}
rows = {row: (functions[row.split(", ")[0]], *rules[row.split(", ")[1]]) for row in rows}
foreseen = {row: expected_profile(*f, variance, [784] + [200] * 50, cosine=0.29) for row, (f, _, variance) in rows.items()}

# %% [markdown]
# The promise, once more, is that signal and gradient stay as they are. Six of the rows are the table's own. You know now that tanh bends, that ReLU halves and that the logistic function has a slope of at most ¼. For which does the promise hold over fifty layers?

# %%
guess_kept = predict("kept", "Of the six rows of the table, how many keep signal and gradient within a factor of 2?",
                     options=["none", "one", "two", "three", "four", "five", "all six"], default="five")
guess_kept

# %% [markdown]
# Now build them: fifty layers of 200 units, eight kinds, five seeds each, forty networks that none of the computing above has seen. The first two columns are the signal of layer 50 over that of layer 1, expected and measured (the geometric mean over the seeds); the others the gradient of layer 1 over that of layer 50.

# %% tags=["nbval-check-output"]
measured = {row: profile(partial(deep_network, 50, 200, f, draw), data, seeds, batch_size=256)
            for row, (f, draw, _) in rows.items()}
print("                  signal up           gradient down")
print("                  expected  measured  expected  measured")
for row in rows:
    e, p = foreseen[row], measured[row]
    up, down = np.exp(49 * np.log([p.forwards, p.backwards]).mean(axis=1))
    print(f"{row:17} {e.activation[-1] / e.activation[0]:8.2g} {up:9.2g} {e.delta[0]:9.2g} {down:9.2g}")

# %% [markdown]
# Four numbers in each row, and in no row does the prediction miss the point. Drawn layer by layer: measured as coloured lines, with a band over the five seeds; expected as dashes. Each panel has an axis of its own, since between the rows lie thirty powers of ten.

# %%

up, down = "activations", "∂L/∂z, over the top's"
drawn = {row: {up: p.activation, down: p.delta / p.delta[:, -1:]} for row, p in measured.items()}
lines = {row: {up: e.activation, down: e.delta} for row, e in foreseen.items()}
plots.panels(drawn, expected=lines, log=True, title="Fifty layers do what a few lines of arithmetic said",
             xlabel="hidden layer (1 is nearest the image)", ylabel="RMS")

# %% [markdown]
# How good is it? In these products of fifty factors, chance adds up: each layer has only 200 units, and each throws the size off by a percent or so. So compare the factor from layer to layer.

# %%
off = {}
for row, e in foreseen.items():
    factors = (e.activation[-1] / e.activation[0]) ** (1 / 49), e.delta[0] ** (1 / 49)
    off[row] = np.divide([measured[row].forwards, measured[row].backwards], np.array(factors)[:, np.newaxis]) - 1
single = {row: np.abs(errors).max() for row, errors in off.items()}
mean = {row: np.abs(errors.mean(axis=1)).max() for row, errors in off.items()}

# %% [markdown]
# Two numbers for each row and direction: the worst of the five networks, and their mean. The mean tells whether the formula is right; the worst, how much chance adds to it.

# %%
claim("All eight rows, both directions: each network's factor per layer is within 5% of the expected one",
      max(single.values()) < 0.05, f"worst: {max(single.values()):.1%}, {max(single, key=single.get)}")
claim("and the mean over five seeds within 2.5%", max(mean.values()) < 0.025,
      f"worst: {max(mean.values()):.1%}, {max(mean, key=mean.get)}")

# %% [markdown]
# So of the six rows of the table two keep their promise in both directions, the linear one and ReLU with He. (SELU with LeCun keeps the signal exactly; its gradient grows a little, as the derivation's second line says: 3.4% a layer, and 1.034 to the 49th power is 5.) Why not the others?
#
# - **tanh, Glorot** is right only near 0, where tanh has slope 1. Further out it bends, and takes more the larger $z$ is. So the signal shrinks until it hardly bends any more: ever more slowly, like $1/\sqrt{\text{layer}}$. Not so bad.
# - **ELU, He** gets too much: He's 2 makes up for a function that loses all that is negative, and ELU lets part of it through.
# - **logistic, Glorot** has its activations near ½ whatever comes in, so a level size means nothing; and its slope of ¼ acts on the gradient undiminished.

# %% [markdown]
# Each of the three with its number. For tanh the exponent of the fall: −0.5 would be one over the root exactly. Real layers fall a little faster than infinitely wide ones.

# %%
tanh, elu, logistic = (measured[row] for row in ("tanh, Glorot", "ELU, He", "logistic, Glorot"))
exponent = np.log(tanh.activation[:, 49] / tanh.activation[:, 9]) / np.log(50 / 10)
claim("tanh with Glorot: from layer 10 to 50 the signal falls like a power of the layer, −0.4 to −0.75",
      -0.75 < exponent.min() and exponent.max() < -0.4, f"{exponent.min():.2f} to {exponent.max():.2f}")

# %% [markdown]
# ELU with He next. What begins as a few percent a layer makes a factor of several over fifty, and one of fourteen for the gradient. It is no disaster, and in ten layers nobody would notice; but it isn't what the table promises.

# %%
up, down = elu.forwards.mean(), elu.backwards.mean()
claim("ELU with He, on average over five seeds: signal and gradient grow by 1 to 8% a layer",
      1.01 < min(up, down) and max(up, down) < 1.08, f"{up:.3f} up, {down:.3f} down")

# %% [markdown]
# And the logistic network? Its activations look perfectly healthy, the same size in every layer. But it sends next to nothing down: its slope of at most ¼ multiplies the gradient at each layer.

# %%
claim("Logistic with Glorot: from layer to layer the activations keep 99 to 101%, the gradient less than 25%",
      np.abs(logistic.forwards - 1).max() < 0.01 and logistic.backwards.max() < 0.25,
      f"{logistic.forwards.mean():.3f} and {logistic.backwards.mean():.3f} on average")
guess_kept.against("two")

# %% [markdown]
# ## Size isn't everything
#
# A network must tell images apart. Two images are alike if their activations point the same way: take the *cosine* of the angle between them, 1 if they agree in everything but size, 0 if they have nothing in common. Of two images of MNIST, standardized as our networks see them, it is 0.29 on average. The same arithmetic predicts it: instead of one normal $z$ it takes two, with that correlation, and averages $f(u)\,f(v)$.

# %%
pick = ["logistic, Glorot", "ReLU, He", "tanh, Glorot", "SELU, LeCun"]
gaps, expected_gaps = ({row: {"two images": 1 - kind[row].cosine} for row in pick} for kind in (measured, foreseen))
plots.panels(gaps, expected=expected_gaps, log=True, title="In logistic layers all images become one",
             xlabel="hidden layer (1 is nearest the image)", ylabel="1 − cosine")

# %% [markdown]
# Here is what kills logistic layers. From layer to layer the difference between images falls to a quarter, so $1 - \text{cosine}$ to a sixteenth; after ten layers all images arrive as the same numbers, and what is left is rounding. ReLU with He does it too, but slowly: at layer 50 two images have a cosine of nearly 0.99. Depth makes ReLU networks forget, and no variance of the weights can help it, since larger weights make everything larger and turn nothing.

# %%
logistic_gap = 1 - measured["logistic, Glorot"].cosine
a_layer = (logistic_gap[:, 6] / logistic_gap[:, 1]) ** (1 / 5)
claim("Logistic with Glorot: at each layer 1 − cosine falls to about 1/16, between 0.05 and 0.08",
      0.05 < a_layer.min() and a_layer.max() < 0.08, f"{a_layer.min():.3f} to {a_layer.max():.3f}")

# %% [markdown]
# The other three at the top, where a classifier would have to tell the images apart. Nothing here depends on the variance alone: ReLU's outputs are never negative, so all of them point into one corner of the space, and each layer narrows the corner. Tanh and SELU have outputs of both signs.

# %%
ends = {row: measured[row].cosine[:, -1].mean() for row in pick}
claim("At layer 50 two images have a mean cosine above 0.95 with ReLU and He, below 0.5 with tanh and with SELU",
      ends["ReLU, He"] > 0.95 and max(ends["tanh, Glorot"], ends["SELU, LeCun"]) < 0.5,
      ", ".join(f"{row}: {c:.2f}" for row, c in ends.items()))

# %% [markdown]
# ## Equal weights, zero biases
#
# Must weights be random at all? He's rule gives the right size; take one number of that size and put it into all the weights of a layer. Two hidden layers of 100 tanh units, two epochs at a rate of 0.03. Beside it the same network with random weights, and one with a single random unit a layer.

# %%
def one_value(shape, rng):
    return np.full(shape, rng.standard_normal() * np.sqrt(2 / shape[0]), np.float32)

starts = {"100 units, one value": (100, one_value), "100 units, random": (100, glorot_uniform),
          "1 unit, random": (1, glorot_uniform)}
train = partial(repeat, data=data, rule=sgd, lr=0.03, epochs=2)
equal = {name: train(partial(deep_network, 2, units, "tanh", draw), seeds=seeds[:3])
         for name, (units, draw) in starts.items()}
plots.dots(final_accuracy(equal), title="A hundred equal units are worth no more than one",
           xlabel="share of validation images that are right", reference=(0.1, "guessing"))

# %% [markdown]
# Equal weights make equal sums; equal sums get equal gradients; and equal gradients make equal steps. Nothing ever tells the units of a layer apart. To see it bit for bit, train with sums in plain order: a matrix product adds up the columns at its edges in another order, and rounding alone then parts the units by some hundred-millionths.

# %%
from course_lib.training import fit

def plain(x, w, b):
    return np.einsum("bi,io->bo", x, w) + b, (x, w)

def plain_backward(dy, cache):
    x, w = cache
    return np.einsum("bo,io->bi", dy, w), np.einsum("bi,bo->io", x, dy), np.einsum("bo->o", dy)

# %% [markdown]
# Two hidden layers of 50 tanh units, 200 steps of training on real digits, all weights of a layer equal at the beginning. `dense` and `dense_backward` let a network run on one's own pair, as it runs on your `dense_backward` in notebook 01.

# %%
symmetric = deep_network(2, 50, "tanh", one_value, rng=np.random.default_rng(seed),
                         dense=plain, dense_backward=plain_backward)
fit(symmetric, data, sgd, lr=0.03, rng=np.random.default_rng(seed))

# %% [markdown]
# Every unit's incoming weights, a column of the kernel, and its bias are compared with those of the first unit of its layer: not within a tolerance, but bit for bit. If a single one of all these numbers differs, the claim fails.

# %%
kernels = [symmetric.params[f"dense {i}/{kind}"] for i in (1, 2) for kind in "wb"]
parted = sum(np.count_nonzero(w != w[..., :1]) for w in kernels)
claim("After 200 steps all 50 units of a layer are still equal, bit for bit", parted == 0,
      f"{parted} of {sum(w.size for w in kernels):,} numbers differ from the first unit's")

# %% [markdown]
# And the three rows of the picture above? A hundred equal units end where a single one ends, near 20%: what one number a layer can tell about a digit. The hundred random ones, of the same size and with the same training, get nine in ten right.

# %%
one_valued, random, _ = final_accuracy(equal).values()
claim("A hundred equal units stay below 35%, a hundred random ones get above 85%, for every seed",
      max(one_valued) < 0.35 and min(random) > 0.85, f"at most {max(one_valued):.0%}, at least {min(random):.0%}")

# %% [markdown]
# So much for the first of the questions that A. Géron's chapter on deep networks (*Hands-On Machine Learning*, 2017) ends with. Choose an answer; each option explains itself.

# %%
quiz("one-value")

# %% [markdown]
# And biases? They start at 0 in all networks of this course. Give them random values instead, N(0,1), and change nothing else: ten ReLU layers with He's weights, three seeds, two epochs, the same weights and the same order of images for each pair.

# %%
def with_biases(size, rng):
    network, draws = deep_network(10, 100, "ReLU", he_normal, rng=rng), np.random.default_rng(seed)
    biases = {key: b for key, b in network.params.items() if key.endswith("/b")}
    drawn = {key: size * standard_normal(b.shape, draws) for key, b in biases.items()}
    network.params = network.params | drawn
    return network

biases = {name: train(partial(with_biases, np.float32(size)), seeds=seeds[:3])
          for name, size in [("zero", 0), ("N(0,1)", 1)]}
plots.dots(final_accuracy(biases), title="Zero biases do no harm", xlabel="share of validation images that are right")

# %% [markdown]
# The weights differ, so the units do, and each bias then finds its own value. Nobody needs random ones: here they don't help. They don't do much harm either, in ten layers; but they put the same constant on all images, and that is what deep networks have too much of already.

# %%
ends = final_accuracy(biases)
claim("With zero biases every run gets more than 85% right", min(ends["zero"]) > 0.85,
      f"{np.mean(ends['zero']):.1%} on average, N(0,1): {np.mean(ends['N(0,1)']):.1%}")

# %% [markdown]
# And that chapter's second question. It is often answered by the right word for the wrong reason, so read the explanations, too.

# %%
quiz("zero-biases")

# %% [markdown]
# ## Beyond variances
#
# A matrix of the right variance keeps the *average* length of a vector. Each single one it may stretch or crush. What do fifty such matrices do, one after another? The *singular values* of a matrix are the factors by which it stretches its principal directions; we look at those of a product of fifty, 100 × 100, for Gaussian matrices and for random **orthogonal** ones, which turn vectors and leave every length alone (Saxe and colleagues, 2013).

# %%
from functools import reduce
from course_lib.initializers import orthogonal

def product(draw, rng, depth=50, n=100):
    return reduce(np.matmul, [draw((n, n), rng) for _ in range(depth)])

gauss = partial(variance_scaling, distribution="normal", dtype=float)
kinds = {"Gaussian": gauss, "orthogonal": partial(orthogonal, dtype=float)}
stretch = {name: product(draw, np.random.default_rng(seed)) for name, draw in kinds.items()}
stretch = {name: np.linalg.svd(matrix, compute_uv=False) for name, matrix in stretch.items()}
plots.lines(stretch, log=True, title="Fifty Gaussian matrices crush all but a few directions",
            xlabel="direction, from the longest to the shortest", ylabel="factor on its length")

# %% [markdown]
# (The shelf on the right, below $10^{-15}$, is rounding.) The mean square of the Gaussian factors is about 1, as the variance promised: a few directions are stretched several times over and make up for nearly a hundred that are gone. Orthogonal weights keep them all, as long as no activation function comes in between.

# %%
half = np.median(stretch["Gaussian"])
claim("Fifty Gaussian matrices leave half of all directions less than a millionth of their length",
      half < 1e-6, f"median {half:.0e}")
claim("Fifty orthogonal ones keep every length, within 10⁻⁹", np.abs(stretch["orthogonal"] - 1).max() < 1e-9,
      f"{np.abs(stretch['orthogonal'] - 1).max():.0e}")

# %% [markdown]
# If no formula is at hand, measure instead of deriving. **LSUV**, layer-sequential unit variance (Mishkin and Matas, 2015), starts from orthogonal weights, sends one batch of real images up, and divides each layer's weights by the standard deviation of its sums before it goes on to the next. The whole method:

# %%
def lsuv(f, widths, x, rng):
    kernels = []
    for fan_in, fan_out in zip(widths[:-1], widths[1:], strict=True):
        w = orthogonal((fan_in, fan_out), rng)
        w = w / (x @ w).std()
        kernels.append(w)
        x = f(x @ w)
    return kernels

# %% [markdown]
# Try it on a function with a jump: $f(z) = z$ beyond ±1 and 0 between them, in 50 layers of 200. The weights are set by 512 images; the sizes of the sums are then measured on 512 others.

# %%
def threshold(z):
    return z * (np.abs(z) > 1)

images = (data.x_train[:1024].reshape(1024, -1) - np.float32(33.3)) / np.float32(78.6)
kernels = lsuv(threshold, [784] + [200] * 50, images[:512], np.random.default_rng(seed))
x, sums = images[512:], []
for w in kernels:
    sums.append(rms(x @ w))
    x = threshold(x @ w)
claim("LSUV keeps the sums of 50 layers at size 1, on new images within 35%", np.abs(np.array(sums) - 1).max() < 0.35,
      f"{min(sums):.2f} to {max(sums):.2f}")

# %% [markdown]
# Or go around the problem. A **residual** block adds its branch to what came in, $x \leftarrow x + s \cdot \text{branch}(x)$, and the plain path keeps signal and gradient by itself, with slope 1. But each branch adds its own variance. If a branch keeps the size, each block doubles the mean square: $2^{50}$ after fifty. With a factor $s = 1/\sqrt{\text{depth}}$ it is $(1 + \tfrac{1}{50})^{50} \approx e$, at any depth.

# %%
def residual_tower(scale, rng, depth=50, n=200):
    x = rng.standard_normal((256, n), dtype=np.float32)
    for _ in range(depth):
        branch = np.maximum(x @ he_normal((n, n), rng), 0) @ lecun_normal((n, n), rng)
        x = x + np.float32(scale) * branch
    return rms(x)

towers = {scale: np.array([residual_tower(scale, np.random.default_rng(s)) for s in seeds]) for scale in (1, 50**-0.5)}

# %% [markdown]
# This is why residual networks scale by depth. GPT-2 divides the weights that end each branch by the root of the number of branches; other designs start the last layer of each branch at 0, so that the whole network begins as the identity and every block grows from nothing.

# %%
plain_growth, scaled = towers[1] ** (1 / 50), towers[50**-0.5]
claim("Unscaled branches multiply the size by √2 a block, within 3%", np.abs(plain_growth / 2**0.5 - 1).max() < 0.03,
      f"{plain_growth.min():.3f} to {plain_growth.max():.3f}; after 50 blocks {towers[1].mean():.0e}")

# %% [markdown]
# Thirty million times the size, though every single branch was initialized by the book. With the factor, fifty blocks together do what one and a half did without it; and they would do the same at a hundred or a thousand.

# %%
claim("Scaled by 1/√depth, fifty blocks together multiply it by √e = 1.65, within 10%",
      np.abs(scaled / np.e**0.5 - 1).max() < 0.10, f"{scaled.min():.2f} to {scaled.max():.2f}")

# %% [markdown]
# ## Ten layers on real digits
#
# Does it matter where both work? Ten ReLU layers of 100, five seeds, and three ways to draw the weights: N(0,1), Glorot's and He's normal distribution. All else is equal: images, their order, 400 steps, learning rate 0.03. Glorot's weights lose a factor of $\sqrt{1/2}$ a layer; over ten layers that is 1/32, which training can mend. How long does it take?

# %%
guess_steps = predict("steps", "Glorot needs how many times as many steps as He to bring the loss below 1?",
                      low=1, high=10, default=2, unit="times")
guess_steps

# %% [markdown]
# The training loss, averaged over 20 steps at a time, with a band over the five seeds. N(0,1) isn't in the picture: its first loss has ten digits, and its second isn't a number any more.

# %%
ten = {"N(0,1)": standard_normal, "Glorot": glorot_normal, "He": he_normal}
ten = {name: train(partial(deep_network, 10, 100, "ReLU", draw), seeds=seeds) for name, draw in ten.items()}
losses = {name: np.array([run.step_loss for run in ten[name]]) for name in ("Glorot", "He")}
curves = {name: rows.reshape(len(rows), -1, 20).mean(axis=2) for name, rows in losses.items()}
plots.lines(curves, x=np.arange(10, 400, 20), title="He's weights learn from the first step, Glorot's wait",
            xlabel="step", ylabel="training loss", reference=(np.log(10), "guessing"))

# %% [markdown]
# Glorot's network has to grow its weights first, while its output hardly depends on the image; then it learns as quickly as the other. With ten layers the wrong factor costs time. With twenty it costs most of the accuracy, with thirty all of it: the difference isn't of kind, but of how often a factor of 0.71 is multiplied by itself.

# %%
below = {name: np.array([20 * np.argmax(curve < 1) for curve in rows]) for name, rows in curves.items()}
ratio = below["Glorot"].mean() / below["He"].mean()
claim("Glorot needs more than 1.5 times as many steps as He to a loss of 1, for every seed",
      (below["Glorot"] > 1.5 * below["He"]).all(),
      f"{below['Glorot'].mean():.0f} against {below['He'].mean():.0f} on average")

# %% [markdown]
# And N(0,1)? The old recipe isn't slow with ReLU, as it was with the logistic function in notebook 01; it is over at once. From layer to layer the signal grows by $\sqrt{100/2} \approx 7$, and after ten layers the first loss has ten digits.

# %%
longest = max(len(run.step_loss) for run in ten["N(0,1)"])
claim("N(0,1) breaks off within five steps", longest <= 5, f"after {longest}: {ten['N(0,1)'][0].stopped}")
guess_steps.against(ratio)

# %% [markdown]
# ## The same in TensorFlow
#
# In Keras an initializer is a word in the layer: `Dense(100, activation="relu", kernel_initializer="he_normal")`. Without the word it is Glorot's, whatever the activation, and there is the trap of the beginning. Ask a layer what it has:

# %%
import keras

print(keras.layers.Dense(100, activation="relu").get_config()["kernel_initializer"]["class_name"])

# %% [markdown]
# Now Keras's draws beside yours, for a dense and a convolutional kernel. The numbers differ, since the generators do; what must agree is the spread and, for the distributions that end somewhere, the largest weight. Kernels of 120,000 weights tell a standard deviation within a third of a percent.

# %%
scaling = partial(variance_scaling, scale=3, mode="fan_out", distribution="uniform")
pairs = [(glorot_uniform, keras.initializers.GlorotUniform), (he_normal, keras.initializers.HeNormal),
         (scaling, partial(keras.initializers.VarianceScaling, 3, "fan_out", "uniform"))]
ratios = []
for shape in [(400, 300), (5, 5, 60, 80)]:
    for ours, theirs in pairs:
        w, v = ours(shape, np.random.default_rng(seed)), theirs(seed=seed)(shape).numpy()
        ratios += [w.std() / v.std(), np.abs(w).max() / np.abs(v).max()]
worst = np.abs(np.array(ratios) - 1).max()
claim("Spread and largest weight agree with Keras's, within 1.5%", worst < 0.015, f"at most {worst:.2%} off")

# %% [markdown]
# And the one that cuts without giving back, of which you were warned: `TruncatedNormal` with a standard deviation of 1, as its argument says. What it draws has another.

# %%
drawn = keras.initializers.TruncatedNormal(stddev=1.0, seed=seed)((400, 400)).numpy()
claim("Keras's TruncatedNormal(stddev=1) has a standard deviation of 0.88, within 1%", abs(drawn.std() / 0.8796 - 1) < 0.01,
      f"{drawn.std():.4f}")

# %% [markdown]
# And a whole network: thirty layers of 100 whose weights Keras has drawn after He, put into our network of the same shape. If the forward passes are the same function, so is everything that was said about sizes. (The first layer of ours standardizes the pixels; Keras's gets its output.)

# %%
layers = [keras.layers.Dense(100, "relu", kernel_initializer=keras.initializers.HeNormal(i)) for i in range(30)]
model = keras.Sequential([keras.Input((784,)), *layers, keras.layers.Dense(10)])
model.count_params()

# %% [markdown]
# A quarter of a million weights. Kernels lie in memory as (fan in, fan out) in both, so they can be handed over as they are, layer by layer: kernel, bias, kernel, bias.

# %%
copied = deep_network(30, 100, "ReLU", he_normal, rng=np.random.default_rng(seed))
copied.params = dict(zip(copied.params, [v.numpy() for v in model.weights], strict=True))
images = data.x_train[:64]
theirs, ours = model(copied.layers[0].forward(images)[0]).numpy(), copied.inference(images)
claim("With Keras's weights both give the same outputs, within 1e-4", rms(ours - theirs) < 1e-4 * rms(theirs),
      f"relative difference {rms(ours - theirs) / rms(theirs):.0e}")

# %% [markdown]
# ## Explore it yourself
#
# Fifty layers, any of five initializers and eight activations: the distribution of one layer's weights, and what fifty such layers do to a batch of digits, beside what was to be expected. First a picture that stands still: the default from the beginning of this notebook.

# %%
from course_lib.widgets.initializer import initializer, initializer_explorer, initializer_figure

initializer_figure(initializer(activation="ReLU", variance="Glorot", distribution="uniform", width=100, scale=1.0))

# %% [markdown]
# The same with controls. Move them with the mouse, or with the arrow keys once they have the focus. **Try this:**
#
# 1. ReLU with Glorot: at which *scale* do signal and gradient become level? What is different at width 20?
# 2. Tanh with Glorot: find a scale at which the signal is level over fifty layers. What does the gradient do there?
# 3. GELU with *its own gain*: why does the signal grow all the same?
#
# <details><summary>What we found</summary>1. At 1.41, where Glorot's variance becomes He's; at width 20 the expected lines are as level, but chance throws the measured ones far off. 2. From about 1.3 on the signal is level, and the gradient grows on its way down, the faster the larger the scale; at 1 both shrink slowly. 3. The gain keeps a size of exactly 1. Of a larger signal GELU lets through a larger share, so whatever lies a little above 1 grows, and what lies below shrinks: a pencil on its tip. The expected line says so too.</details>

# %%
explorer = initializer_explorer()
explorer

# %% [markdown]
# Every control can be set by code too, so that a finding can be written down. This is the second one: tanh with weights 1.5 times as large as Glorot's, a signal that doesn't shrink, and a gradient that pays for it.

# %%
explorer.controls["activation"].value = "tanh"
explorer.controls["variance"].value = "Glorot"
explorer.controls["scale"].value = 1.5

# %% [markdown]
# ## Debug lab: which initializer was it?
#
# Five ReLU networks of seven layers. Each layer is 0.71 times as wide as the one below, from 400 down to 50. One was given N(0,1), one N(0, 0.01²), one Glorot's weights, one He's by $\text{fan}_\text{in}$ and one He's by $\text{fan}_\text{out}$; somebody has lost the labels. Here is what they do to 512 digits, before any training; mind that each panel has its own axis.

# %%

from course_lib.exercises.nb02_initializers import five_networks

lab = {letter: profile(make, data, seeds) for letter, make in five_networks().items()}
plots.panels({letter: {"activations": p.activation, "∂L/∂z": p.delta} for letter, p in lab.items()}, log=True,
             title="Five networks without labels", xlabel="hidden layer (1 is nearest the image)", ylabel="RMS")

# %% [markdown]
# Turn each line into a factor from layer to layer, and ask what each initializer does to a layer that has 0.71 times as many outputs as inputs. One of the five is asked for here; the exercise below asks for all.

# %%
quiz("five-networks")

# %% [markdown]
# **Exercise `diagnose`** (2 points). Write down what you have just done in your head: from the RMS of the activations and of $\partial L/\partial z$ of any such network, lowest layer first, name its initializer. It is judged on networks that are drawn anew. Worked example: activations of RMS 2, 1.4, 1.0, 0.7 fall by 0.7 a layer, and that is near the 0.77 which Glorot's weights leave here: $\sqrt{\text{fan}_\text{in} \cdot \sigma^2 / 2}$ with $\sigma^2 = 2/(1.71\,\text{fan}_\text{in})$.

# %% tags=["exercise"]
diagnose

# %% [markdown]
# Now the five networks of the picture, named by your function, or by the course's if yours is still open. Each line is the geometric mean over its five seeds, as in the picture. Did you and your function agree?

# %%
found = {}
for letter, p in lab.items():
    up, down = (np.exp(np.log(sizes).mean(axis=0)) for sizes in (p.activation, p.delta))
    found[letter] = diagnose(up, down)
claim("Five networks, five initializers: each was found once",
      sorted(found.values()) == ["Glorot", "He fan_in", "He fan_out", "large", "small"], f"{found}")

# %% [markdown]
# ## Thirty layers, mended
#
# Back to the beginning: thirty ReLU layers of 100, the same images, steps and learning rate. One word has changed, and it is your function. For fairness the five layers get it, too.

# %%
mended = {f"{n} layers, He": slowly(partial(deep_network, n, 100, "ReLU", he_normal)) for n in (5, 30)}
plots.dots(final_accuracy(default | mended), title="One word makes thirty layers learn", reference=(0.1, "guessing"),
           xlabel="share of validation images that are right")

# %% [markdown]
# From a blind guess to more than two thirds, in the same six hundred steps. It isn't as good as five layers, and the picture above says why: at layer 30 any two images look much alike to a ReLU network. Right weights make depth possible; they don't yet make it pay. Normalization (04) and residual paths do.

# %%
worst = min(final_accuracy(mended)["30 layers, He"])
claim("With He's weights the 30-layer network gets more than 55% right, for every seed", worst > 0.55,
      f"at least {worst:.0%}")

# %% [markdown]
# ## What to remember
#
# 1. A sum of $n$ independent terms has $n$ times the variance: up it is $\text{fan}_\text{in}\,\sigma^2$, down $\text{fan}_\text{out}\,\sigma^2$. A convolution's fans contain its window.
# 2. The activation keeps $\overline{f(z)^2}$ of it. One over the root of that is the gain; for ReLU $\sqrt 2$, which is He's.
# 3. The distribution's shape hardly matters, its variance does; what is cut off must be given back.
# 4. Fifty layers can be computed before they are built: size by size, gradient by gradient, and the likeness of two images.
# 5. Weights must differ, biases needn't. Level sizes are necessary; they don't say that images can still be told apart.
#
# **Today.** He's for ReLU and its kin, Glorot's or LeCun's elsewhere; *check what your library does when you say nothing*: Keras draws Glorot's, PyTorch's linear layers draw uniformly with variance $1/(3\,\text{fan}_\text{in})$. Transformers mostly use a normal distribution with a fixed 0.02, and divide the weights that end a branch by the root of the depth. Normalization layers forgive much; where they are left out (Fixup, 2019) the initializer does their work. For very wide networks, μP (2022) scales weights and learning rates together.
#
# **To read.** Y. LeCun et al., *Efficient BackProp*, 1998. X. Glorot, Y. Bengio, *Understanding the difficulty of training deep feedforward neural networks*, 2010. A. Saxe, J. McClelland, S. Ganguli, *Exact solutions to the nonlinear dynamics of learning in deep linear neural networks*, 2013. K. He et al., *Delving deep into rectifiers*, 2015. D. Mishkin, J. Matas, *All you need is a good init*, 2015. B. Poole et al., *Exponential expressivity in deep neural networks through transient chaos*, 2016. H. Zhang, Y. Dauphin, T. Ma, *Fixup initialization*, 2019.

# %% [markdown]
# ### In your own words
#
# A colleague copies `he_normal` into a tanh network of sixty layers, "because it is the modern one". What will signal and gradient do, and how could you have known without running it? (2 points, marked by a person. The explorer may help.)

# %% [markdown] tags=["answer"] grade_id="he-for-tanh" points=2
# *Double-click here and write your answer in place of this line.*

# %% [markdown]
# ### Four questions
#
# Each answers at once and says why. Take them without scrolling back first; your answers are kept with your progress, and you can change them.

# %%
quiz("factor-two")

# %%
quiz("unknown-activation")

# %%
quiz("level-but-lost")

# %%
quiz("residual-branch")

# %% [markdown]
# That was notebook 02. The panel shows what you have done. Next, in notebook 03, the other half of the product: the activation functions themselves, what each costs, and how a unit dies.

# %%
progress()

# %% [markdown]
# ## Exercises to be placed
#
# **Exercise `truncated_std`** (2 points). Return the standard deviation that is left of N(0,1) when everything beyond ±limit is drawn again. The density is $\varphi(z) = e^{-z^2/2}/\sqrt{2\pi}$, and a draw lies within the limits with probability $P = \text{erf}(\text{limit}/\sqrt 2)$. Worked example: for a limit of 2 it is 0.8796. For a limit of 0.1 the density is nearly flat, so it is nearly that of a uniform distribution, $0.1/\sqrt 3 = 0.0577$.

# %% tags=["exercise"]
truncated_std

# %% [markdown]
# **Exercise `expected`** (3 points). A layer's sums have mean square `size`, and those of two images have the cosine `cosine`. Then comes $f$, and after it weights of variance scale / fan_in. Return the mean square and the cosine of the next sums. `gaussian_mean(g, variance)` averages g(z) over normal z of that variance; `gaussian_pair_mean(g, variance, correlation)` averages g(u, v) over two normal numbers of that variance and correlation. Worked example: ReLU with scale 2, size 3 and cosine 0 gives a mean square of 3 again; and $1/\pi = 0.318$ for the cosine, since two images that had nothing in common now have no negative number either. For $f(z) = z^2$ with scale 1, size 2 and cosine 0.5 it is $3 \cdot 2^2 = 12$ and $(1 + 2 \cdot 0.5^2)/3 = 0.5$.

# %% tags=["exercise"]
expected

# %% [markdown]
# **Exercise `lsuv`** (3 points). Start from `orthogonal((fan_in, fan_out), rng, dtype=…)`, and make every layer's sums have standard deviation 1 on the batch x, one layer after the other. Worked example: one unit a layer, widths 1, 1, 1, $f(z) = 2z$, and two images, 3 and −3. An orthogonal 1 × 1 kernel is 1 or −1. Its sums have standard deviation 3, so the kernel becomes ±1/3 and the sums ±1. $f$ makes ±2 of them, and the second kernel becomes ±1/2.

# %% tags=["exercise"]
lsuv

# %% [markdown]
# **Exercise `residual_block`** (1 point). Add s times the branch to x: a kernel, ReLU, another kernel, no biases. Worked example: x = (1, 2), w1 with rows (1, −1) and (1, 0), w2 with rows (2, 1) and (5, 5), s = 0.5. ReLU gives (3, 0), the branch (6, 3), and y = (4, 3.5).

# %% tags=["exercise"]
residual_block

# %% [markdown]
# **Exercise `residual_block_backward`** (4 points). Return the gradients with respect to x, w1 and w2. Worked example, the same block with dy = (1, 2): dx = (3, 4), dw1 has rows (2, 0) and (4, 0), dw2 has rows (1.5, 3) and (0, 0).

# %% tags=["exercise"]
residual_block_backward

# %% [markdown]
# **Exercise `first_layer`** (2 points). The asker's layer, mended: return y and the filters. You may use `conv2d(x, w, b)`, which returns the convolution and a cache. Worked example: filters of shape (5, 5, 1, 8) have $\sigma = 0.283$. With b = 0.5, where `conv2d` without a bias would give −2 and 1, y is 0 and 1.5.

# %% tags=["exercise"]
first_layer

# %%
quiz("askers-spread")
