# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 01 · Vanishing and exploding gradients
#
# Why did hardly anybody train twenty layers before 2010? You will run an old recipe on real digits, watch it fail, write backpropagation by hand to look inside, and find that the usual explanation is only part of the truth.
#
# Afterwards you can
#
# - write the backward pass of a dense layer and prove it right,
# - predict from a formula by which factor a gradient grows or shrinks at every layer,
# - tell saturation, vanishing and explosion apart from two plots,
# - rescue an exploding run by clipping, and say what clipping changes.
#
# You need matrix products, the chain rule and some Python. {{measured}} New here? Begin with [00 Start here](00_start_here.ipynb).

# %% [markdown]
# ## A deep network that hardly learns
#
# First the set-up: the processor or graphics card to use, one seed for everything random, and the data. MNIST has 55,000 training images of handwritten digits, 28 by 28 pixels each. The first 12,800 of them are enough to see who learns and who doesn't, and they keep every experiment short.

# %%
import numpy as np

from course_lib import plots
from course_lib.activations import logistic, logistic_derivative
from course_lib.backend import seed_everything, use_backend
from course_lib.claims import claim
from course_lib.datasets import load_mnist, minibatches
from course_lib.exercises import check, hint, predict, progress, quiz, use
from course_lib.first_network import network_backward, network_forward
from course_lib.layers import dense, dense_backward
from course_lib.losses import softmax_cross_entropy

use_backend()
seed = seed_everything()
data = load_mnist().first(12_800)
plots.digits(data.x_train[:10], data.y_train[:10], title="Ten of the images and what they show")

# %% [markdown]
# A few words, if they are new to you. A *unit* adds up its inputs, each times a *weight*, plus a *bias*, and passes the sum through an *activation function*. Units side by side are a *layer*; layers between the pixels and the ten outputs are *hidden*. The *loss* says how wrong the outputs are for a *batch* of images. *Gradient descent* changes each weight by a small step, the *learning rate* times the loss's slope, downhill.
#
# The old recipe, which textbooks still show: logistic units, weights drawn from N(0,1), the normal distribution with mean 0 and variance 1, and plain gradient descent. With one hidden layer of 100 units it gets nearly half of the digits right after two rounds through the data. Now stack twenty such layers. A blind guess is right one time in ten.

# %%
guess_deep = predict("deep", "Share of digits that the 20-layer network gets right:",
                     low=0, high=100, default=50, unit="%")
guess_deep

# %% [markdown]
# Three networks of each kind, from three seeds, trained for two *epochs*, that is twice through the images in batches of 64. The learning rate is 0.03, as it will be for every network here that isn't said to have another. Each dot is one seed, the bar is their mean; the 5,000 validation images weren't trained on.

# %%
from functools import partial
from course_lib.initializers import glorot_normal, he_normal, standard_normal
from course_lib.models import deep_network
from course_lib.optimizers import sgd
from course_lib.training import final_accuracy, fit, repeat

seeds = range(5 * seed, 5 * seed + 5)
old = {f"{n} hidden": partial(deep_network, n, 100, "logistic", standard_normal) for n in (1, 20)}
old = {name: repeat(make, data, sgd, seeds[:3], lr=0.03, epochs=2) for name, make in old.items()}
plots.dots(final_accuracy(old), title="Nineteen more layers of the old recipe make it worse",
           xlabel="share of validation images that are right", reference=(0.1, "guessing"))

# %% [markdown]
# A network of twenty layers could do all that one layer does, and more; the recipe doesn't find it. It isn't dead, since it beats guessing, and in a hundred times as many steps it might get somewhere. But it is badly ill. A sentence with a tick, as below, is one that the notebook has just checked by itself.

# %%
one, twenty = final_accuracy(old).values()
claim("The deep network ends behind the shallow one, for every seed", max(twenty) < min(one),
      f"{np.mean(twenty):.2f} against {np.mean(one):.2f}")
guess_deep.against(100 * np.mean(twenty))

# %% [markdown]
# ## Backpropagation, by hand
#
# To find out what ails it we must look inside. A network learns from its gradients, so we begin with how they are made.
#
# A network computes layer by layer; its error is traced back layer by layer in the opposite order. For each layer there are two functions. **Forward** turns input into output and keeps what will be needed later, the *cache*. **Backward** gets the gradient of the loss $L$ with respect to its output, and returns the gradients with respect to everything that went in. For a dense layer and a batch of $n$ examples:
#
# | name | meaning | shape |
# |---|---|---|
# | $x$ | inputs | $(n,\ \text{fan in})$ |
# | $w$ | weights | $(\text{fan in},\ \text{fan out})$ |
# | $b$ | biases | $(\text{fan out})$ |
# | $y = x w + b$ | outputs | $(n,\ \text{fan out})$ |
# | $dy$, short for $\partial L / \partial y$ | how the loss changes with each output | as $y$ |

# %% [markdown]
# In the plainest code, one number at a time: weight $w_{ij}$ carries input $x_{ki}$ of example $k$ to output $y_{kj}$. Change the weight a little, and the output changes $x_{ki}$ times as much; the loss, $dy_{kj}$ times that. Sum over all examples. Here for one example, three inputs and two outputs:

# %%
x, dy = np.array([[2.0, 3.0, 4.0]]), np.array([[1.0, -1.0]])
dw = np.zeros((3, 2))
for k in range(len(x)):
    for i in range(3):
        for j in range(2):
            dw[i, j] += x[k, i] * dy[k, j]
dw

# %% [markdown]
# A sum over a shared index is a matrix product:
#
# $$\frac{\partial L}{\partial w_{ij}} = \sum_k x_{ki}\; dy_{kj} \quad\Longrightarrow\quad dw = x^\top dy.$$
#
# In the same way: input $x_{ki}$ reaches every output $j$ through $w_{ij}$, so $dx = dy\; w^\top$; and bias $b_j$ is added to every example, so $db_j = \sum_k dy_{kj}$. Shapes are the best check, since every gradient has the shape of what it belongs to:
#
# $$\underbrace{dx}_{(n,\,\text{in})} = \underbrace{dy}_{(n,\,\text{out})}\ \underbrace{w^\top}_{(\text{out},\,\text{in})} \qquad \underbrace{dw}_{(\text{in},\,\text{out})} = \underbrace{x^\top}_{(\text{in},\,n)}\ \underbrace{dy}_{(n,\,\text{out})}$$

# %% [markdown]
# **Exercise `dense_backward`** (3 points). Return the three gradients, in the order of the arguments of `dense(x, w, b)`.
#
# Worked example, with the numbers above and $w$ with rows $(1, 2),\ (3, 4),\ (5, 6)$: $dx = (1 - 2,\ 3 - 4,\ 5 - 6) = (-1, -1, -1)$, $dw$ as printed, $db = (1, -1)$.
#
# Replace the last line of the stub, run the cell, then run its check. Stuck? Run `hint("dense_backward")`, or open the folds below the check.

# %% tags=["exercise"]
dense_backward

# %% [markdown]
# Between the dense layers stands the *activation function*. The old recipe takes the **logistic function**, which squashes every number $z$ into the range from 0 to 1:
#
# $$f(z) = \frac{1}{1 + e^{-z}} = \frac{e^{z}}{1 + e^{z}}.$$
#
# On paper the two forms are equal. In a computer $e^{1000}$ is too large for any floating-point number and becomes infinity. See what the second form makes of it:

# %%
with np.errstate(all="ignore"):
    z = np.array([-1000.0, 0.0, 1000.0])
    print(np.exp(z) / (1 + np.exp(z)))

# %% [markdown]
# The last one is NaN, "not a number": infinity divided by infinity. A single NaN spreads through the whole network within one step.
#
# **Exercise `logistic`** (2 points). Write the function so that it is right for any $z$, ±1000 included. Worked example: $f(0) = \tfrac12$, $f(\ln 3) = \tfrac34$; $f(-1000)$ is 0 and $f(1000)$ is 1, within rounding. Keep the dtype: `float32` in, `float32` out, since `float64` takes twice the memory.

# %% tags=["exercise"]
logistic

# %% [markdown]
# **Exercise `logistic_derivative`** (1 point). Backward through the activation needs its slope: if $y = f(z)$, then $dz = dy \cdot f'(z)$, element by element. Differentiating $1/(1 + e^{-z})$ gives
#
# $$f'(z) = f(z)\,\bigl(1 - f(z)\bigr).$$
#
# Worked example: $f'(0) = \tfrac12 \cdot \tfrac12 = \tfrac14$ and $f'(\ln 3) = \tfrac34 \cdot \tfrac14 = \tfrac3{16}$. The argument is $z$, not $f(z)$; and $z$ may be ±1000 here, too.

# %% tags=["exercise"]
logistic_derivative

# %% [markdown]
# What does the slope look like? Draw it with the function, for every $z$ from −8 to 8. Two things will matter from here on: how high the slope is at its best, and how far from 0 a unit may stray before its slope, and with it everything it passes back, is as good as nothing.

# %%
z = np.linspace(-8, 8, 161)
curves = {"f(z)": logistic(z), "slope f'(z)": logistic_derivative(z)}
plots.lines(curves, x=z, title="The slope is at most 1/4, and below 0.05 beyond ±3",
            xlabel="pre-activation z", ylabel="value", reference=(0.25, "1/4"))

# %% [markdown]
# Beyond ±3 more than nineteen twentieths of any error that arrives at a unit are lost there. We call a unit **saturated** for an image if its slope is below 0.05. Even the best slope, at $z = 0$, lets only a quarter of the error through. Keep that quarter in mind.

# %%
steepest = logistic_derivative(z).max()
far = logistic_derivative(z[np.abs(z) > 3]).max()
claim("The slope is at most 1/4, and below 0.05 wherever |z| is above 3",
      steepest <= 0.25 and far < 0.05, f"largest {steepest:.3f}, and {far:.3f}")

# %% [markdown]
# Is your backward pass right? There is a judge that knows nothing of calculus: nudge every number a little, up and down, and see how the loss changes. Such *finite differences* are far too slow for training, two passes for every weight, but they catch every mistake. Chain your two halves, backward in the opposite order of forward:

# %%
from course_lib.gradcheck import check_gradient
from course_lib.layers import dense

def forward(x, w, b):
    z, cache = dense(x, w, b)
    return logistic(z), (z, cache)

def backward(dy, cache):
    z, dense_cache = cache
    return dense_backward(dy * logistic_derivative(z), dense_cache)

# %% [markdown]
# Four examples, three inputs, two units, all random. The judge returns one relative error for each of $x$, $w$ and $b$: the length of the difference between the two gradients, over the sum of their lengths. A wrong sign or a forgotten sum gives errors near 1; only rounding is left if everything is right.

# %%
rng = np.random.default_rng(seed)
arrays = [rng.standard_normal(shape) for shape in [(4, 3), (3, 2), (2,)]]
errors = check_gradient(forward, backward, *arrays, rng=rng)
claim("Backpropagation by hand agrees with finite differences", max(errors) < 1e-7,
      f"relative error at most {max(errors):.0e}, allowed 1e-7")

# %% [markdown]
# ## Looking inside the sick network
#
# `signals` sends one batch of images up and its error down, and keeps what every hidden layer sees: activations, slopes, the gradients $\delta = \partial L/\partial z$ that travel down, and the gradients of the weights. The network below runs on your functions, if they passed. The picture has one column a layer, darker where more activations have that value.

# %%
from course_lib.measuring import growth, profile, rms, signals

mine = {"activation": (logistic, logistic_derivative), "dense_backward": dense_backward}
old_recipe = partial(deep_network, 20, 100, initializer=standard_normal, **mine)
network = old_recipe(rng=np.random.default_rng(seed))
sick = signals(network, data.x_train[:512], data.y_train[:512])
plots.histograms({"20 logistic layers, N(0,1)": sick.activations}, low=0, high=1, xlabel="activation",
                 title="Most activations are near 0 or 1")

# %% [markdown]
# Here is the disease. Each unit adds up 100 inputs times weights of size 1. Independent terms add up in their squares, and the squares of the inputs make about 44, so $z$ is of the order of $\sqrt{44} \approx 7$: far out, where the curve is flat. (In layer 1, with its 784 inputs, it is worse.) Count the saturated ones, over all units, layers and images.

# %%
saturated = np.mean([np.mean(slope < 0.05) for slope in sick.slopes])
claim("Between 60 and 75% of the slopes are below 0.05", 0.60 < saturated < 0.75, f"{saturated:.1%}")

# %% [markdown]
# Books go on to say that the gradient therefore *vanishes* on its way down. Look before you believe it. Here is the size of each layer's weight gradient, measured by its RMS, the *root of the mean of the squares*. The axis is logarithmic, so equal steps are equal factors. For comparison, a line that falls by four at every layer, as books have it.

# %%
sizes = [rms(gradient) for gradient in sick.gradients]
books = sizes[-1] * 4.0 ** np.arange(-19, 1)
plots.lines({"measured": sizes, "a quarter a layer": books}, log=True, ylabel="RMS of ∂L/∂w",
            title="The old recipe's gradients fall far less than a quarter a layer",
            xlabel="hidden layer (1 is nearest the image)")

# %% [markdown]
# Over nineteen layers the gradient falls by a factor of a few dozen; a quarter at every layer would make 300,000 million. So it doesn't vanish: from one layer to the next more than three quarters of it are left.

# %%
left = growth(np.array([sizes[::-1]]))[0]
claim("The old recipe's weight gradient keeps 78 to 88% of its size from layer to layer", 0.78 < left < 0.88, f"{left:.0%}")

# %% [markdown]
# Why, then, does it learn so slowly? Perhaps because weights of size 1 are hard to move. Train it for its 400 steps again, and compare each hidden layer's weights with what they were. As a yardstick the same for a network that does learn, with tanh units and smaller weights; you will meet it below.

# %%
yardstick = deep_network(20, 100, "tanh", glorot_normal, rng=np.random.default_rng(seed))
moved = {}
for name, trained in {"the old recipe": network, "one that learns": yardstick}.items():
    before = {key: w for key, w in trained.params.items() if key.endswith("/w")}
    fit(trained, data, sgd, lr=0.03, epochs=2, rng=np.random.default_rng(seed))
    moved[name] = [rms(trained.params[key] - w) / rms(w) for key, w in before.items()][:-1]
plots.lines(moved, log=True, title="The old recipe's hidden weights hardly move in 400 steps",
            xlabel="hidden layer (1 is nearest the image)", ylabel="RMS of change / RMS of w")

# %% [markdown]
# Its weights move by about half a percent, those of the network that learns by three percent and more. Then is the learning rate simply too small for such large weights? That can be tried: three larger rates, everything else as it was.

# %%
rates = {f"rate {lr}": repeat(old_recipe, data, sgd, seeds[:1], lr=lr, epochs=2) for lr in (0.1, 0.2, 0.5)}
best = max(final_accuracy(rates).values())[0]
claim("In 400 steps most hidden layers of the old recipe move by less than 1%, those of the other by more than 2%",
      np.median(moved["the old recipe"]) < 0.01 and min(moved["one that learns"]) > 0.02,
      f"median {np.median(moved['the old recipe']):.2%}, at least {min(moved['one that learns']):.2%}")
claim("No learning rate of 0.1, 0.2 or 0.5 brings the old recipe above 45%", best < 0.45, f"best {best:.0%}")

# %% [markdown]
# Larger steps don't cure it; the largest do harm. The old recipe's disease is **saturation**. Through units that are stuck at 0 or 1 the gradient tells only what a tiny change would do, and beyond that tiny change it is wrong. The famous vanishing gradient is another disease. To see that one, and its opposite, a formula helps.

# %% [markdown]
# ## How fast does a gradient grow?
#
# On its way down one layer, $\delta$ is multiplied by the transposed weights and by the slopes:
#
# $$\delta^{(l)} = \bigl(\delta^{(l+1)}\, W^\top\bigr) \cdot f'\bigl(z^{(l)}\bigr),$$
#
# where $l$ counts the layers and $W$ holds the weights between layers $l$ and $l + 1$. Let there be $n$ units a layer, and weights of mean 0 and variance $\sigma^2$ that have nothing to do with $\delta$. Then every element of the product in brackets is a sum of $n$ independent terms $\delta_j w_j$ of mean 0, and their variances $\delta_j^2 \sigma^2$ add up. So from layer to layer the size of $\delta$ changes by the factor
#
# $$g = \frac{\text{RMS of } \delta^{(l)}}{\text{RMS of } \delta^{(l+1)}} \approx \sqrt{n\,\sigma^2} \cdot \text{RMS of } f'(z).$$
#
# Twenty layers multiply by it nineteen times: $g = 0.8$ leaves 1%, $g = 1.2$ makes 32 times as much. Only $g \approx 1$ survives depth.

# %% [markdown]
# Three activation functions and three ways to draw weights give six networks to try it on. Weights after Glorot have variance 2/(fan in + fan out), here 1/100; weights after He 2/(fan in), twice that (both are named after their authors). The tanh function is the logistic one stretched to the range from −1 to 1, $\tanh z = 2 f(2z) - 1$, and ReLU is $\max(z, 0)$; notebooks 02 and 03 are about them. Every one has 20 layers of 100 units.

# %%
choices = {"logistic, N(0,1)": ("logistic", standard_normal), "tanh, N(0,1)": ("tanh", standard_normal),
           "logistic, Glorot": ("logistic", glorot_normal), "tanh, Glorot": ("tanh", glorot_normal),
           "ReLU, Glorot": ("ReLU", glorot_normal), "ReLU, He": ("ReLU", he_normal)}
makers = {name: partial(deep_network, 20, 100, *choice) for name, choice in choices.items()}
makers["logistic, N(0,1)"] = old_recipe  # the one that runs on your functions
profiles = {name: profile(make, data, seeds) for name, make in makers.items()}

# %% [markdown]
# Each network was just measured before any training, on 512 images, for five seeds. In a moment you will see the numbers, and then all six will be trained like the old recipe: two epochs, learning rate 0.03. Commit yourself first. How many of them will learn to read digits?

# %%
guess_six = predict("six", "How many of the six 20-layer networks get 80% right after two epochs?",
                    options=["none", "one", "two", "three", "four", "five", "all six"], default="four")
guess_six

# %% [markdown]
# Formula against measurement, as factors from layer to layer. First column: $g$ by the formula, from the slopes. Second: what $\delta$ really did on its way down. Third: by which factor the activations grow on their way up. Last: the saturated share, where for ReLU half is as it should be, since a ReLU unit is off, with slope 0, for half of all inputs.

# %% tags=["nbval-check-output"]
sigma = {"N(0,1)": 1, "Glorot": 0.1, "He": 0.02**0.5}
by_formula = {name: 10 * sigma[name.split(", ")[1]] * p.slope[:, :-1].mean(axis=1)
              for name, p in profiles.items()}
print("                  by formula   down     up   saturated")
for name, p in profiles.items():
    print(f"{name:16} {by_formula[name].mean():11.2f} {p.backwards.mean():6.2f} {p.forwards.mean():6.2f} "
          f"{p.saturated.mean():9.0%}")

# %% [markdown]
# The formula is good. It assumed that the weights have nothing to do with what passes through them, which is only nearly so, and it averages over layers; still it is never far off. That makes it a tool: from the slopes alone, before a single training step, you know what depth will do to a gradient.

# %%
errors = {name: np.abs(p.backwards / by_formula[name] - 1).max() for name, p in profiles.items()}
claim("The formula gives the growth per layer within 10%, for all six networks and every seed",
      max(errors.values()) < 0.1, f"worst: {max(errors.values()):.1%}, {max(errors, key=errors.get)}")

# %% [markdown]
# A factor near 1 looks harmless and isn't, nineteen times over. Draw what is left of $\delta$ at each layer on its way from the top, at the right, to the bottom, at the left. Mind the axis. The bands, which span the five seeds, are hardly wider than the lines: each layer averages over so many weights that chance has little say.

# %%
deltas = {name: p.delta / p.delta[:, -1:] for name, p in profiles.items()}
plots.lines(deltas, title="Logistic with Glorot vanishes, tanh with N(0,1) explodes", log=True,
            xlabel="hidden layer (1 is nearest the image)", ylabel="RMS of ∂L/∂z, over the top's")

# %% [markdown]
# The falling line is the **vanishing gradient**. Glorot's weights keep $\sqrt{n\sigma^2} = 1$ and no unit is saturated; but then every slope is near its best, and the best is 1/4. So $g$ is a little under 1/4, and nineteen layers leave about a millionth of a millionth of $\delta$ at the bottom.

# %%
g = {name: p.backwards for name, p in profiles.items()}
vanishing = g["logistic, Glorot"]
claim("Logistic with Glorot: at each layer the gradient falls to between 0.22 and 0.25",
      0.22 < vanishing.min() and vanishing.max() < 0.25, f"{vanishing.min():.3f} to {vanishing.max():.3f}")
claim("and no more than 1% of its units are saturated", profiles["logistic, Glorot"].saturated.mean() < 0.01,
      f"{profiles['logistic, Glorot'].saturated.mean():.2%}")

# %% [markdown]
# Weights from N(0,1) are ten times as large. By accident that makes up for the saturated units: $10 \cdot 0.1 \approx 1$. So the old recipe's gradient neither vanishes nor explodes, in layers of 100 units. In layers of another width it may well, since the formula contains $n$; we come to that.

# %%
level = g["logistic, N(0,1)"]
claim("Logistic with N(0,1), 20 layers of 100: between 0.85 and 1.05 a layer, neither vanishing nor exploding",
      0.85 < level.min() and level.max() < 1.05, f"{level.min():.2f} to {level.max():.2f}")

# %% [markdown]
# The rising line is tanh, whose slope reaches 1 instead of 1/4. With the same large weights it **explodes**, although more than four units in five are saturated. We can even say by how much without measuring the slopes: the mean of the squared slope is the integral of squared slope times density of $z$. Nearly all activations are ±1, so $z$ is spread like N(0, $n$), whose density near 0 is $1/\sqrt{2\pi n}$. The squared slope of tanh has the area $\int (1 - \tanh^2 z)^2\, dz = \tfrac43$. Hence $g^2 \approx n \cdot \tfrac43 / \sqrt{2\pi n} = 0.53\,\sqrt n$.

# %%
predicted = (4 / 3 * (100 / (2 * np.pi)) ** 0.5) ** 0.5
measured = g["tanh, N(0,1)"]
claim("Tanh with N(0,1): the growth predicted from the width alone, 2.31 a layer, holds within 10%",
      np.abs(measured / predicted - 1).max() < 0.1, f"{measured.min():.2f} to {measured.max():.2f}")

# %% [markdown]
# Does depth or width change the picture? Measure $g$ again for all six, in networks two and a half times as deep, twice as wide, and both. If it were the same everywhere, one could look up once and for all which networks vanish. Compare the first column with the second for depth, with the third for width.

# %% tags=["nbval-check-output"]
shapes = [(20, 100), (50, 100), (20, 200), (50, 200)]
print("                 20 of 100  50 of 100  20 of 200  50 of 200")
for name, choice in choices.items():
    p = [profile(partial(deep_network, *shape, *choice), data, seeds[:3], batch_size=256) for shape in shapes]
    print(f"{name:16}" + " ".join(f"{q.backwards.mean():10.2f}" for q in p))

# %% [markdown]
# Width matters where the weights are from N(0,1), depth only to tanh with Glorot, whose slopes come nearer to 1 as its signal slowly shrinks. The same old recipe, in layers of 200, has $g$ above 1, and its gradients grow about a thousandfold over fifty layers. "Sigmoid gradients vanish" isn't a law: weights and width have their say.

# %%
wide = profile(partial(deep_network, 50, 200, *choices["logistic, N(0,1)"]), data, seeds).backwards
claim("The old recipe in 50 layers of 200 explodes slowly, by 1.10 to 1.25 a layer",
      1.10 < wide.min() and wide.max() < 1.25, f"{wide.min():.2f} to {wide.max():.2f}")

# %% [markdown]
# ## Level gradients can hide a dying signal
#
# A weight's gradient is a *product* of what comes up and what comes down, $dw = x^\top \delta$. Here is its size at every layer, for the four networks that don't have weights from N(0,1). In three of them all layers get gradients of about the same size; nothing vanishes from layer to layer. But look at how large they are.

# %%
careful = [name for name in profiles if "N(0,1)" not in name]
plots.lines({name: profiles[name].gradient for name in careful}, log=True,
            title="ReLU with Glorot: level in every layer, at a thousandth of He's",
            xlabel="hidden layer (1 is nearest the image)", ylabel="RMS of ∂L/∂w")

# %% [markdown]
# Now one half of the product, the activations on their way up. Half of the ReLU units are off, so with Glorot's weights the signal loses a factor of $\sqrt{1/2} \approx 0.71$ at every layer. The error loses the same on its way down. One falls to the right, the other to the left; their product is level, and tells of neither.

# %%
ups = {name: profiles[name].activation / profiles[name].activation[:, :1] for name in careful}
plots.lines(ups, title="With Glorot's weights ReLU's signal shrinks to a thousandth", log=True,
            xlabel="hidden layer (1 is nearest the image)", ylabel="RMS of activations, over layer 1's")

# %% [markdown]
# At layer 20 about a thousandth of the signal is left. Nothing of its pattern is lost, only its size; but outputs that are nearly 0 are nearly the same for every image, and both halves of the product are tiny. He's weights have twice the variance, which replaces just what the units that are off lose. With them, as with tanh and Glorot's weights, both directions are kept.

# %%
relu = profiles["ReLU, Glorot"]
dying, level = np.array([relu.forwards, relu.backwards]), growth(relu.gradient, skip=1)
claim("ReLU with Glorot: the signal shrinks to between 0.62 and 0.78 a layer, up and down",
      0.62 < dying.min() and dying.max() < 0.78, f"{dying.min():.2f} to {dying.max():.2f}")
claim("while its weight gradients stay level within 8% a layer", np.abs(level - 1).max() < 0.08,
      f"{level.min():.2f} to {level.max():.2f}")
both = np.array([[p.forwards, p.backwards] for p in map(profiles.get, ["tanh, Glorot", "ReLU, He"])])
claim("Tanh with Glorot and ReLU with He keep signal and gradient within 12% a layer",
      np.abs(both - 1).max() < 0.12, f"{both.min():.2f} to {both.max():.2f}")

# %% [markdown]
# So there are three diseases, and none shows in every plot: *saturation* in the histogram of activations, *vanishing and exploding* in $\delta$, and a *dying signal* in the size of the activations. Look at both directions, always. By that rule two of the six networks are healthy. Now train them: same data, same budget, same learning rate. (The old recipe's three runs are those from the beginning.)

# %%
six = {"logistic, N(0,1)": old["20 hidden"]}
for name in list(makers)[1:]:
    six[name] = repeat(makers[name], data, sgd, seeds[:3], lr=0.03, epochs=2)
plots.dots(final_accuracy(six), title="Only the two networks that are healthy both ways learn",
           xlabel="share of validation images that are right", reference=(0.1, "guessing"))

# %% [markdown]
# Were you too hopeful? And the order may surprise you. The old recipe is often shown as the worst; here it learns slowly, while logistic units with Glorot's careful weights, free of all saturation, don't learn at all. A larger learning rate can't rescue those: one that suits the first layer is a million million times too large for the last.

# %%
ends = final_accuracy(six)
cured = ends.pop("tanh, Glorot") + ends.pop("ReLU, He")
claim("Two networks get more than 80% right, the other four less than 45%, for every seed",
      min(cured) > 0.8 and max(map(max, ends.values())) < 0.45,
      f"the worst of the two {min(cured):.0%}, the best of the four {max(map(max, ends.values())):.0%}")
guess_six.against("two")

# %% [markdown]
# ## Why a mean of one half hurts
#
# The logistic function has one more flaw: its outputs are all positive, around 1/2. Much of what a layer passes on is then a constant, the same for every image, and only the rest tells images apart. Here is that rest, as a share: the RMS of the deviation from the mean over all images, divided by the RMS of the whole signal.

# %%
kept = {name: profiles[name].different for name in ("tanh, Glorot", "logistic, N(0,1)", "logistic, Glorot")}
plots.lines(kept, title="With logistic units the constant drowns the image", log=True,
            xlabel="hidden layer (1 is nearest the image)", ylabel="share that differs by image")

# %% [markdown]
# With tanh nearly all of the signal differs from image to image, up to the last layer. With logistic units and weights from N(0,1) less than a tenth does at the top. With Glorot's weights the quarter of the slope shrinks the differences at each layer, and the constant outlives them; from layer 10 on, what is left is the rounding error of `float32`.

# %%
top = {name: share[:, -1] for name, share in kept.items()}
claim("At layer 20 more than half of tanh's signal differs by image, of logistic Glorot's less than 1/10,000",
      top["tanh, Glorot"].min() > 0.5 and top["logistic, Glorot"].max() < 1e-4,
      f"{top['tanh, Glorot'].min():.2f} and {top['logistic, Glorot'].max():.0e}")

# %% [markdown]
# Positive inputs also tie the hands of learning. For a single image the gradient of the weights into unit $j$ is $dw_{ij} = x_i\,\delta_j$. If all inputs $x_i$ are positive, all those weights must move *the same way*, up or down with $\delta_j$. To raise one and lower another it takes two steps, one with all weights too high and one with all too low: the network zigzags. For how many of the 100 units in layer 2 is that so?

# %%
def share_of_one_sign(activation):
    network = deep_network(3, 100, activation, glorot_normal, rng=np.random.default_rng(seed))
    dw = signals(network, data.x_train[:1], data.y_train[:1]).gradients[1]
    return np.mean(np.abs(np.sign(dw).sum(axis=0)) == 100)

logistic_share, tanh_share = share_of_one_sign("logistic"), share_of_one_sign("tanh")
claim("All weights into a unit move the same way: for every logistic unit, for no tanh unit",
      logistic_share == 1 and tanh_share == 0, f"{logistic_share:.0%} and {tanh_share:.0%} of the units")

# %% [markdown]
# Is it really the constant that hurts? Change one thing and nothing else: subtract 1/2 from the logistic function. Its slope is the same for every $z$. Four layers and a learning rate of 0.5, so that both can learn something; for each seed both begin with the same weights and see the images in the same order.

# %%
centred = (lambda z: logistic(z) - np.float32(0.5), logistic_derivative)
pair = {"logistic": (logistic, logistic_derivative), "logistic − 1/2": centred}
pair = {name: repeat(partial(deep_network, 4, 100, f, glorot_normal), data, sgd, seeds[:3], lr=0.5, epochs=2)
        for name, f in pair.items()}
plots.dots(final_accuracy(pair), title="The same function without its constant learns faster",
           xlabel="share of validation images that are right")

# %% [markdown]
# It is the constant. Nothing was gained by a steeper slope or by better weights; only the one half is gone. Tanh, which is centred *and* four times as steep, has both advantages. That is why it replaced the logistic function in hidden layers long before ReLU came.

# %%
ends = final_accuracy(pair)
gain = np.subtract(ends["logistic − 1/2"], ends["logistic"])
claim("Centring alone gains more than 5 percentage points on average over three seeds", gain.mean() > 0.05,
      f"{gain.mean():.2f} on average, {gain.min():.2f} to {gain.max():.2f} by seed")

# %% [markdown]
# ## Exploding
#
# Now the other extreme: ReLU with weights from N(0,1). Half of the units are on, with slope 1, so the RMS of the slopes is $\sqrt{1/2}$. What does the formula $g = \sqrt{n\sigma^2} \cdot \text{RMS of } f'$ say for $n = 100$ and $\sigma = 1$? Work it out, or guess, before you look.

# %%
guess_growth = predict("growth", "ReLU with N(0,1): growth from layer to layer",
                       low=-1, high=2, default=1.0, log=True, unit="times")
guess_growth

# %% [markdown]
# Five seeds again, both directions. On a logarithmic axis a constant factor from layer to layer is a straight line; its slope is the factor's logarithm. Watch the numbers on the axis: a signal that begins with size 10 ends beyond anything a classifier can use, and the gradient at the bottom is larger still.

# %%
exploding = profile(partial(deep_network, 20, 100, "ReLU", standard_normal), data, seeds)
plots.lines({"activations": exploding.activation, "∂L/∂z": exploding.delta}, log=True,
            title="Up and down the same factor at every layer",
            xlabel="hidden layer (1 is nearest the image)", ylabel="RMS")

# %% [markdown]
# Straight lines: growth is geometric, and the factor is $\sqrt{100 \cdot \tfrac12} \approx 7.07$, as the formula has it. What the formula can't know is chance: with only 100 units the factor varies a little from seed to seed, by a few percent for each layer, and by much more for the product of nineteen.

# %%
factors = np.concatenate([exploding.forwards, exploding.backwards])
claim("Signal and gradient grow by √50 a layer, within 10%", np.abs(factors / 50**0.5 - 1).max() < 0.1,
      f"predicted {50**0.5:.2f}, measured {factors.min():.2f} to {factors.max():.2f}")
guess_growth.against(float(factors.mean()))

# %% [markdown]
# What becomes of such a network in training? The loss is the *cross-entropy*, minus the logarithm of the probability that the network gives to the right digit. It should begin near $\ln 10 \approx 2.3$, and begins with more than fifteen digits. One step with gradients of that kind throws the weights far away, numbers overflow, and the loss is NaN. `fit` notices, stops, and says where it saw it first.

# %%
doomed = deep_network(20, 100, "ReLU", standard_normal, rng=np.random.default_rng(seed))
run = fit(doomed, data, sgd, lr=0.03, rng=np.random.default_rng(seed))
claim("The exploding run breaks off within ten steps", run.stopped != "" and len(run.step_loss) <= 10,
      f"{run.stopped}; the first loss was {run.step_loss[0]:.0e}")

# %% [markdown]
# ## Clipping
#
# The cure for an explosion is better weights to begin with. But even a network that began well can meet a cliff: one batch with a huge gradient, and one step undoes a week of training. Recurrent networks and language models meet cliffs all the time. Against them there is **gradient clipping**, of two kinds that differ in a way that matters.
#
# **Exercise `clip_by_value`** (1 point). Cut every element $g$ off at ±limit: $g \leftarrow \min(\max(g, -\text{limit}), \text{limit})$. Worked example: $(0.9,\ 100)$ clipped to 1 becomes $(0.9,\ 1)$. Return a new array; the caller's own stays as it is.

# %% tags=["exercise"]
clip_by_value

# %% [markdown]
# **Exercise `clip_by_global_norm`** (2 points). Take all gradients of a network together as one long vector. Its length, the *global norm*, is $\sqrt{\sum g^2}$ over all elements of all arrays. If it exceeds the limit, shorten the vector to it:
#
# $$g \leftarrow g \cdot \frac{\text{limit}}{\max(\text{norm},\ \text{limit})}.$$
#
# Worked example: the arrays $(3)$ and $(4)$ have norm 5; with limit 1 they become $(0.6)$ and $(0.8)$. Gradients that explode are what this is for, so be prepared for them: the square of $10^{25}$ is too large for `float32`.

# %% tags=["exercise"]
clip_by_global_norm

# %% [markdown]
# What is the difference? Here is a gradient of two elements, $(5,\ 0.9)$, and what the two kinds of clipping with limit 1 make of it. One cuts it off at the dotted square, the other shortens it to the circle. Which of the two arrows still points where the gradient pointed?

# %%
gradient = np.array([5.0, 0.9])
clipped = {"gradient": gradient, "clipped by value": clip_by_value(gradient, 1.0),
           "clipped by norm": clip_by_global_norm([gradient], 1.0)[0]}
plots.arrows(clipped, title="By value turns the arrow, by norm shortens it", limit=1.0)

# %% [markdown]
# Downhill is a direction, and clipping by value changes it: the large element is cut, the small one isn't, so the step turns towards the small one. Clipping by the global norm keeps the proportions of all elements in all layers. The angle between two vectors is the arc cosine of their product over their lengths.

# %%
def angle(a, b):
    return np.degrees(np.arccos(np.clip(a @ b / np.linalg.norm(a) / np.linalg.norm(b), -1, 1)))

turned = {name: angle(gradient, vector) for name, vector in clipped.items()}
claim("Clipping by norm keeps the direction; clipping by value turns this gradient by more than 30°",
      turned["clipped by norm"] < 1e-3 and turned["clipped by value"] > 30,
      f"turned by {turned['clipped by norm']:.0f}° and {turned['clipped by value']:.0f}°")

# %% [markdown]
# Now to the cliff. Ten ReLU layers with He's weights are healthy, but a learning rate of 1 is far too large for them: the very first steps throw them out. Put the belt on: before each step, the gradients of all layers together are clipped to norm 1. The function also notes whether it had anything to clip.

# %%
bites = []

def belt(gradients):
    clipped = clip_by_global_norm(gradients, 1.0)
    bites.append(bool(np.any(clipped[0] != gradients[0])))
    return clipped

# %% [markdown]
# The same runs without and with it, everything else equal: three seeds each, and for each seed the same first weights and the same order of images. Where a run broke off because its loss was no longer a number, the accuracy is that of the weights it had reached.

# %%
healthy = partial(deep_network, 10, 100, "ReLU", he_normal)
belts = {"not clipped": None, "clipped to norm 1": belt}
belts = {name: repeat(healthy, data, sgd, seeds[:3], lr=1.0, epochs=2, transform=belt)
         for name, belt in belts.items()}
plots.dots(final_accuracy(belts), title="Clipping saves the run", reference=(0.1, "guessing"),
           xlabel="share of validation images that are right")

# %% [markdown]
# Clipping cures no vanishing gradient, and it can hide a learning rate that is simply too large. So count how often it bites, as the function above did. Here it bites at nearly every step, up to the end: the rate should be turned down, and with 0.03 this network needs no belt. If it bites once in a thousand steps, it does what it is for.

# %%
free, belted = belts.values()
worst = min(final_accuracy(belts)["clipped to norm 1"])
claim("Without clipping every run breaks off, with it every run gets more than 70% right",
      all(run.stopped for run in free) and worst > 0.7,
      f"broken off by step {max(len(run.step_loss) for run in free)}; clipped: at least {worst:.0%}")
claim("At this rate clipping bites at more than 70% of the steps", np.mean(bites) > 0.7, f"{np.mean(bites):.0%}")

# %% [markdown]
# ## The same in TensorFlow
#
# What you wrote by hand, TensorFlow does by itself: `GradientTape` records the forward pass and plays it back in reverse. Take the healthy tanh network, with your `dense_backward`, and keep its weight gradients for 64 images. Then give exactly the same weights and images to TensorFlow.

# %%
import keras
import tensorflow as tf

new_recipe = partial(deep_network, 20, 100, "tanh", glorot_normal, dense_backward=dense_backward)
network = new_recipe(rng=np.random.default_rng(seed))
images, labels = data.x_train[:64], data.y_train[:64].astype(int)
by_hand = signals(network, images, labels).gradients
weights = {name: tf.Variable(value) for name, value in network.params.items()}

# %% [markdown]
# The forward pass, written out in TensorFlow's own functions: twenty dense layers with tanh, a last one without, softmax and cross-entropy in one. The network's first layer standardizes the pixels and flattens the images; we take its output as it is. The tape then gives the gradient of the loss for any variable we ask for.

# %%
with tf.GradientTape() as tape:
    a = network.layers[0].forward(images)[0]
    for i in range(1, 22):
        z = a @ weights[f"dense {i}/w"] + weights[f"dense {i}/b"]
        a = tf.tanh(z)
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, z))
by_tape = tape.gradient(loss, [weights[f"dense {i}/w"] for i in range(1, 21)])

# %% [markdown]
# Two lists of twenty gradients, one computed by your three lines, the other by a framework of millions. Compare layer by layer: the RMS of the difference, relative to the RMS of the gradient. In `float32` rounding alone makes about one part in a million, and it adds up over twenty layers.

# %%
gaps = [rms(mine - theirs.numpy()) / rms(theirs) for mine, theirs in zip(by_hand, by_tape, strict=True)]
claim("All 20 weight gradients by hand equal TensorFlow's, within 1e-4", max(gaps) < 1e-4,
      f"at most {max(gaps):.0e}")

# %% [markdown]
# In Keras, clipping is an option of every optimizer: `clipvalue` cuts elements, `clipnorm` shortens each array by its own norm, `global_clipnorm` shortens all arrays together. Only the last keeps the direction of the whole step. To see what really arrives, take one step of plain gradient descent, learning rate 1, from weights of 0: the new weights are minus the clipped gradients.

# %%
def keras_clips(gradients, **option):
    weights = [keras.Variable(np.zeros_like(g)) for g in gradients]
    keras.optimizers.SGD(1.0, **option).apply([tf.constant(g) for g in gradients], weights)
    return [-w.numpy() for w in weights]

# %% [markdown]
# Three random gradients, as those of a small network, and all three options with limit 0.5. On the left your functions, where clipping by each array's own norm is your global norm applied to one array at a time; on the right Keras.

# %%
rng = np.random.default_rng(seed)
gradients = [rng.standard_normal(shape, dtype=np.float32) for shape in [(20, 30), (30,), (30, 5)]]
clips = {"clipvalue": [clip_by_value(g, 0.5) for g in gradients],
         "clipnorm": [clip_by_global_norm([g], 0.5)[0] for g in gradients],
         "global_clipnorm": clip_by_global_norm(gradients, 0.5)}
gaps = [np.abs(mine - theirs).max() for option, ours in clips.items()
        for mine, theirs in zip(ours, keras_clips(gradients, **{option: 0.5}), strict=True)]
claim("All three ways of clipping equal Keras's, within 1e-6", max(gaps) < 1e-6, f"at most {max(gaps):.0e}")

# %% [markdown]
# ## Explore it yourself
#
# Every network of this notebook, and thousands more: choose depth, width, activation and weights, and see what one batch of digits does in it before any training. First a picture that stands still, for print and to compare with: the old recipe, forwards and backwards, one column a layer.

# %%
from course_lib.widgets.signal import signal, signal_explorer, signal_figure

signal_figure(signal(depth=20, width=100, activation="logistic", initializer="N(0,1)", scale=1.0))

# %% [markdown]
# The same with controls. Move them with the mouse, or with the arrow keys once they have the focus. **Try this:**
#
# 1. Logistic, N(0,1): turn *scale* down. The saturated share falls, and the gradient begins to vanish. Is there a scale at which neither happens?
# 2. Tanh, Glorot, 50 layers: how far can you turn *scale* up or down before the gradient is lost at one end?
# 3. ReLU, Glorot: which *scale* turns Glorot's weights into He's, so that signal and gradient stay level? Why that number?
#
# <details><summary>What we found</summary>1. There is none: at every scale many units are saturated, or the gradient shrinks from layer to layer, or both. 2. At width 100 between about 0.95 and 1.5; below the signal dies out, above the gradient explodes. 3. It is in the cell below.</details>

# %%
explorer = signal_explorer()
explorer

# %% [markdown]
# What a hand can do, code can do: every control is in `explorer.controls`, and setting its value redraws the picture above. So you can note down a finding, and somebody else can see it. This is the answer to the third question: $\sqrt 2$, since He's variance is twice Glorot's.

# %%
explorer.controls["activation"].value = "ReLU"
explorer.controls["initializer"].value = "Glorot"
explorer.controls["scale"].value = 2**0.5

# %% [markdown]
# ## Debug lab
#
# A network of ten layers doesn't learn: after 150 steps it is at 10%, like guessing. Its settings are printed below, and `network_from` builds it from them. You have seen all the diseases of this notebook by now. Here is the patient, measured in both directions, before any training: what ails it?

# %%
from course_lib.exercises.nb01_vanishing_gradients import SICK, network_from

config = dict(SICK)
print(config)
patient = profile(partial(network_from, config), data, seeds)
plots.lines({"activations": patient.activation, "∂L/∂z": patient.delta, "∂L/∂w": patient.gradient}, log=True,
            title="The patient from the inside", xlabel="hidden layer (1 is nearest the image)", ylabel="RMS")

# %% [markdown]
# Name the cause before you try a cure. Look at each line by itself: does it change from layer to layer, in which direction, and by which factor? Then ask which of the diseases does that. Each option explains itself as soon as you choose it.

# %%
quiz("patient")

# %% [markdown]
# **Exercise `mend`** (2 points). Return settings with which the network learns: it is then trained for 150 steps, from two seeds, and must get 75% of 2,000 validation images right both times. Depth, width, data and number of steps stay as they are. Every cure that works is right. Worked example: `{**config, "lr": 0.1}` is a copy of the settings with another learning rate, which won't be enough.

# %% tags=["exercise"]
mend

# %% [markdown]
# Here is the patient with your settings, or with the course's if yours are still open. Compare with the picture above: the lines for the activations and for $\partial L/\partial z$ should be level now. The line for $\partial L/\partial w$ was level all along, ten million times lower, and that is the trap of this disease.

# %%
mended = profile(partial(network_from, mend(config)), data, seeds)
plots.lines({"activations": mended.activation, "∂L/∂z": mended.delta, "∂L/∂w": mended.gradient}, log=True,
            title="Mended: signal and error keep their size", xlabel="hidden layer (1 is nearest the image)", ylabel="RMS")

# %% [markdown]
# ## The first network, mended
#
# Back to the beginning: twenty layers of 100, the same images, steps and learning rate, on your own backward pass. Two words of the recipe have changed, tanh for logistic and Glorot for N(0,1). Neither change alone does it, as the six networks showed. They belong together, since the right size of the weights depends on the slope.

# %%
cured = repeat(new_recipe, data, sgd, seeds[:3], lr=0.03, epochs=2)
plots.dots(final_accuracy({**old, "20 hidden, mended": cured}), reference=(0.1, "guessing"),
           title="The same twenty layers, with weights that suit the slope",
           xlabel="share of validation images that are right")

# %% [markdown]
# From a quarter to nine tenths, with the same number of layers, weights and steps. Nothing about twenty layers was ever impossible; only the signal had to get through, up and down. The papers that said so, for tanh in 2010 and for ReLU in 2015, opened the door to the networks of today.

# %%
worst = min(run.valid_accuracy[-1] for run in cured)
claim("Mended, the 20-layer network gets more than 80% right after two epochs, for every seed", worst > 0.8,
      f"at least {worst:.0%}")

# %% [markdown]
# ## What to remember
#
# 1. Backward mirrors forward: $dx = dy\,w^\top$, $dw = x^\top dy$, $db = \sum dy$. Finite differences judge it.
# 2. From layer to layer a gradient is multiplied by $g = \sqrt{n\sigma^2} \cdot \text{RMS of } f'$. Only $g \approx 1$ survives depth.
# 3. Three diseases: saturation, a $g$ far from 1, and a dying signal behind level weight gradients. Look at activations *and* gradients.
# 4. Outputs around 1/2 carry little of the image, and push all weights of a unit the same way. Centred outputs don't.
# 5. Clipping by global norm shortens a step and keeps its direction. It is a seat belt, not a cure.
#
# **Today.** Logistic units have left the hidden layers; they live on as gates, and as the last unit of a yes-or-no question. He's or Glorot's weights (notebook 02), ReLU and its smooth kin such as GELU (03), normalization layers (04), and residual connections, which give every layer a path with $g = 1$, together train hundreds of layers. Clipping by global norm, often to 1, is usual in training language models.
#
# **To read.** Y. Bengio, P. Simard, P. Frasconi, *Learning long-term dependencies with gradient descent is difficult*, 1994. Y. LeCun, L. Bottou, G. Orr, K.-R. Müller, *Efficient BackProp*, 1998 (on centred units). X. Glorot, Y. Bengio, *Understanding the difficulty of training deep feedforward neural networks*, 2010. R. Pascanu, T. Mikolov, Y. Bengio, *On the difficulty of training recurrent neural networks*, 2013. K. He et al., *Delving deep into rectifiers*, 2015.

# %% [markdown]
# ### In your own words
#
# A friend shows you a plot in which the weight gradients of all thirty layers have the same size, and concludes that the network is healthy. What do you answer, and what else do you ask to see? (2 points, marked by a person.)

# %% [markdown] tags=["answer"] grade_id="healthy-gradients" points=2
# *Double-click here and write your answer in place of this line.*

# %% [markdown]
# ### Five questions
#
# Each answers at once, whichever option you choose, and says why. Take them without scrolling back first; if an explanation surprises you, the table of contents at the left edge of the window brings you to the section. Your answers are kept with your progress, and you can change them.

# %%
quiz("old-recipe")

# %%
quiz("quarter")

# %%
quiz("level-gradients")

# %%
quiz("clipping")

# %%
quiz("larger-rate")

# %% [markdown]
# That was notebook 01. The panel below shows what you have done; it survives restarts, and whatever is open you can come back to. Next, in notebook 02, the weights: how large must they be, for any activation, so that a signal passes fifty layers both ways?

# %%
progress()

# %% [markdown]
# ## Exercises to be put in their places
#
# **Exercise `network_forward`** (2 points). A network is a list of pairs $(w, b)$, one a layer. Send a batch through all of them: the logistic function follows every layer but the last, and what the last one gives are the logits. Beside them return what backward will need, for each layer a pair: the cache that `dense` returned, and $z$, the layer's output before the logistic function.
#
# Worked example: one image $x = (1, 2)$; a first layer with one unit, $w = (2, -1)^\top$ and $b = 0$; a second with one unit, $w = 4$ and $b = 1$. The logit is 3.

# %% tags=["exercise"]
network_forward

# %% [markdown]
# **Exercise `network_backward`** (3 points). Now back through all layers. You get $\partial L / \partial\,$logits and the caches, and return the gradients of every $w$ and $b$.
#
# Worked example: with the network and the image above and $\partial L / \partial\,$logit $= 2$, the upper layer has $dw = 1$, $db = 2$, the lower one $dw = (2, 4)^\top$, $db = 2$.

# %% tags=["exercise"]
network_backward

# %% [markdown]
# **Exercise `train_network`** (4 points). Put the parts together: `minibatches`, `network_forward`, `softmax_cross_entropy`, `network_backward`, and a step of plain gradient descent after every batch. Return the new params; the caller's arrays stay as they are.
#
# Worked example: one layer with two inputs and two outputs, all weights and biases 0; one image $x = (2, 4)$ with label 0; one epoch with $lr = 0.5$. Afterwards $w$ has the rows $(0.5, -0.5)$ and $(1, -1)$, and $b = (0.25, -0.25)$.

# %% tags=["exercise"]
train_network

# %% [markdown]
# **Exercise `gradient_growth`** (2 points). By which factor does the RMS of $\partial L / \partial z$ grow from a layer of $n$ units to the one below? The weights between them have mean 0 and standard deviation sigma; the slopes $f'(z)$ of the layer below are given.
#
# Worked example: $n = 36$, sigma 0.5 and the slopes $(0.1, 0.7)$ give 1.5.

# %% tags=["exercise"]
gradient_growth

# %% [markdown]
# **Exercise `predicted_drop`** (2 points). By how much does one step of plain gradient descent lower the loss, to first order?
#
# Worked example: gradients $(3, 4)$ and $(12)$ and a rate of 0.1 promise a drop of 16.9.

# %% tags=["exercise"]
predicted_drop

# %% [markdown]
# **Exercise `loss_scale`** (2 points). The largest finite `float16` is 65504. By which power of two can all gradients be multiplied so that none exceeds it? Take the largest; it may be below 1. If all gradients are 0, it is 1.
#
# Worked example: for the gradients $(0.5, -3)$ it is 16384, since three times as much is 49152, and twice that would be too large.

# %% tags=["exercise"]
loss_scale

# %%
quiz("uniform-weights")

# %%
quiz("network-or-rule")
