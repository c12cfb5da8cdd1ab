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
# # 01 · Vanishing and exploding gradients
#
# Why did twenty layers once seem impossible to train? You will run an old textbook recipe on real digits, watch it fail, write backpropagation for a whole network to look inside, and find that the usual explanation is only part of the truth.
#
# Afterwards you can
#
# - write the backward pass of a network, prove it right, and train with it,
# - predict from a formula by which factor a gradient grows or shrinks at every layer,
# - tell a vanishing gradient, an exploding one, a faint signal and a drowned image apart, and what of it is the rule's,
# - rescue an exploding run by clipping, and gradients that are too small for half precision.
#
# You need matrix products, the chain rule and some Python. {{measured}} New here? Begin with [00 Start here](00_start_here.ipynb).

# %% [markdown]
# ## A deep network that hardly learns
#
# First the set-up: what is imported (folded; some of these functions you will write yourself, and until then the course's stand in), one seed for everything random, and the data. MNIST has 55,000 training images of handwritten digits, 28 by 28 pixels each. The first 12,800 are enough to see who learns and who doesn't.

# %% tags=["folded"]
import numpy as np

from course_lib import mine, plots
from course_lib.activations import logistic, logistic_derivative
from course_lib.backend import seed_everything, use_backend
from course_lib.claims import claim
from course_lib.datasets import load_mnist, minibatches
from course_lib.exercises import check, hint, predict, progress, quiz, use
from course_lib.first_network import network_backward, network_forward
from course_lib.layers import dense, dense_backward
from course_lib.losses import softmax_cross_entropy

# %%
use_backend()
seed = seed_everything()
data = load_mnist().first(12_800)
plots.digits(data.x_train[:10], data.y_train[:10], title="Ten of the images")

# %% [markdown]
# A few words, if they are new to you. A *unit* adds up its inputs, each times a *weight*, plus a *bias*, and passes the sum through an *activation function*. Units side by side are a *layer*; layers between the pixels and the ten outputs are *hidden*. The *loss* says how wrong the outputs are for a *batch* of images. *Gradient descent* moves each weight a small step downhill: the *learning rate* times the loss's slope.
#
# The old recipe, which textbooks still show: logistic units (you will meet the function soon), weights drawn from N(0,1), the normal distribution with mean 0 and variance 1, and plain gradient descent. With one hidden layer of 100 units it gets nearly half of the digits right after two rounds through the data. Now stack twenty such layers. A blind guess is right one time in ten.

# %%
guess_deep = predict("deep", "Share of digits that the 20-layer network gets right:",
                     low=0, high=100, unit="%")
guess_deep

# %% [markdown]
# Three networks of each kind, from three seeds, trained for two *epochs*, that is twice through the images in batches of 64, at a learning rate of 0.03. Each dot is one seed, the bar is their mean; the 5,000 validation images weren't trained on.

# %%
from functools import partial
from course_lib.initializers import standard_normal
from course_lib.models import deep_network
from course_lib.optimizers import sgd
from course_lib.training import final_accuracy, fit, repeat

seeds = range(5 * seed, 5 * seed + 5)
recipe = {f"{n} hidden": partial(deep_network, n, 100, "logistic", standard_normal)
          for n in (1, 20)}

# %% tags=["folded"]
old = {name: repeat(make, data, sgd, seeds[:3], lr=0.03, epochs=2)
       for name, make in recipe.items()}
plots.dots(final_accuracy(old), reference=(0.1, "guessing"),
           title="Nineteen more layers of the old recipe make it worse (rate 0.03)",
           xlabel="share of validation images that are right")

# %% [markdown]
# Twenty layers could do all that one layer does, and more; the recipe doesn't find it. It beats guessing, so it isn't dead, but it is badly ill. A sentence with a tick, as below, is one that the notebook has just checked by itself.

# %%
one, twenty = final_accuracy(old).values()
claim("The deep network ends behind the shallow one, for every seed",
      max(twenty) < min(one), f"{np.mean(twenty):.2f} against {np.mean(one):.2f}")
guess_deep.against(100 * np.mean(twenty))

# %% [markdown]
# ## Backpropagation, by hand
#
# To look inside we need gradients. A network computes layer by layer; its error is traced back layer by layer in the opposite order. So each layer has two functions. **Forward** turns input into output and keeps what will be needed later, the *cache*. **Backward** gets the gradient of the loss $L$ with respect to its output, and returns the gradients with respect to everything that went in. A dense layer, for a batch of $n$ examples:
#
# | name | meaning | shape |
# |---|---|---|
# | $x$ | inputs; fan in is their number | $(n,\ \text{fan in})$ |
# | $w$ | weights | $(\text{fan in},\ \text{fan out})$ |
# | $b$ | biases | $(\text{fan out})$ |
# | $y = x w + b$ | outputs | $(n,\ \text{fan out})$ |
# | $dy$, short for $\partial L / \partial y$ | how the loss changes with each output | as $y$ |

# %% [markdown]
# Before any formula, brute force: one example with three inputs, two outputs, and a loss that rises with the first output and falls with the second, $dy = (1, -1)$. Nudge one weight after the other and see how much the loss changes, per unit of nudge. Which two numbers make up each entry?

# %%
x, w = np.array([[2.0, 3.0, 4.0]]), np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
dy = np.array([[1.0, -1.0]])
for i in range(3):
    for j in range(2):
        nudge = np.zeros_like(w)
        nudge[i, j] = 1e-3
        change = np.sum(dy * (x @ (w + nudge) - x @ w)) / 1e-3
        print(f"w[{i},{j}] {change:+.2f}", end="   ")

# %% [markdown]
# **Exercise `dense_backward`** (3 points). Derive the gradients with respect to $x$, $w$ and $b$, and return them in the order of the arguments of `dense(x, w, b)`. On paper: through which outputs does one input act on the loss, one weight, one bias? Sum over all of them, and over all examples that share the weight. Every gradient has the shape of what it belongs to.
#
# Worked example, with the numbers above: $dx = (-1, -1, -1)$; $dw$ has the rows $(2, -2),\ (3, -3),\ (4, -4)$; $db = (1, -1)$.
#
# Replace the last line of the stub, run the cell, then run its check. Stuck? Run `hint("dense_backward")`.

# %% tags=["exercise"]
dense_backward

# %% [markdown]
# <details><summary>What it comes to</summary>
#
# Weight $w_{ij}$ carries input $x_{ki}$ of example $k$ to output $y_{kj}$, and to no other: $\partial L/\partial w_{ij} = \sum_k x_{ki}\,dy_{kj}$. A sum over a shared index is a matrix product, $dw = x^\top dy$. Input $x_{ki}$ reaches every output $j$ through $w_{ij}$: $dx_{ki} = \sum_j dy_{kj}\,w_{ij}$, so $dx = dy\,w^\top$. Bias $b_j$ is added in every example: $db_j = \sum_k dy_{kj}$. The shapes fit in one way only: $(n, \text{out})(\text{out}, \text{in})$ and $(\text{in}, n)(n, \text{out})$.
#
# </details>
#
# Between the dense layers stands the activation function. The old recipe takes the **logistic function**, which squashes every number $z$ into the range from 0 to 1. Here it is in two forms that are equal on paper:
#
# $$f(z) = \frac{1}{1 + e^{-z}} = \frac{e^{z}}{1 + e^{z}}.$$
#
# In a computer $e^{1000}$ is too large for any floating-point number and becomes infinity. What does the second form make of it?

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
# **Exercise `logistic_derivative`** (1 point). Backward through the activation needs its slope: if $y = f(z)$, then $dz = dy \cdot f'(z)$, element by element. Differentiate the logistic function. The result can be written with values of $f$ alone; and whatever you write must stand $z = \pm 1000$. The argument is $z$.
#
# Worked example: $f'(0) = 0.25$ and $f'(\ln 3) = 0.1875$, three sixteenths.

# %% tags=["exercise"]
logistic_derivative

# %% [markdown]
# <details><summary>What it comes to</summary>
#
# With $u = 1 + e^{-z}$ the chain rule gives $f' = e^{-z}/u^2$. One factor $1/u$ is $f$, and what is left is $e^{-z}/u = 1 - 1/u$. So $f'(z) = f(z)\,(1 - f(z))$, the same at $z$ and $-z$.
#
# </details>
#
# Draw both. Two things will matter from here on: how high the slope is at its best, and how far from 0 a unit may stray before its slope, and with it everything it passes back, is as good as nothing.

# %% tags=["folded"]
z = np.linspace(-8, 8, 161)
curves = {"f(z)": logistic(z), "slope f'(z)": logistic_derivative(z)}
plots.lines(curves, x=z, title="The slope is at most 1/4, and below 0.05 beyond ±3",
            xlabel="pre-activation z", ylabel="value", reference=(0.25, "1/4"))

# %% [markdown]
# Beyond ±3 more than nineteen twentieths of any error that arrives at a unit are lost there. We call a unit **saturated** for an image if its slope is below 0.05. Even the best slope lets only a quarter of the error through. Keep that quarter in mind.

# %%
steepest = logistic_derivative(z).max()
far = logistic_derivative(z[np.abs(z) > 3]).max()
claim("The slope is at most 1/4, and below 0.05 wherever |z| is above 3",
      steepest <= 0.25 and far < 0.05, f"largest {steepest:.3f}, and {far:.3f}")

# %% [markdown]
# ## A network of your own
#
# You have the two halves of a layer. Now a whole network: a plain list of pairs $(w, b)$, the lowest layer first. The logistic function follows every layer but the last, whose outputs, one for each class, are called **logits**.
#
# **Exercise `network_forward`** (2 points). Send a batch through. A layer is one call, `z, cache = dense(x, w, b)`. Return the logits, and for every layer the pair that backward will need: that cache, and $z$, the layer's output *before* the logistic function.
#
# Worked example: one image $x = (1, 2)$; a first layer with one unit, $w = (2, -1)^\top$ and $b = 0$; a second with one unit, $w = 4$ and $b = 1$. The logit is 3.

# %% tags=["exercise"]
network_forward

# %% [markdown]
# **Exercise `network_backward`** (3 points). Now back through all layers with your own `dense_backward` and `logistic_derivative`, whichever are done. You get $\partial L/\partial\text{logits}$ and the caches, and return the gradients $(dw, db)$ of every layer, the lowest first. In which order do you go? Where does each slope belong, and which layer has none?
#
# Worked example: with the network and the image above and $\partial L / \partial\,$logit $= 2$, the upper layer has $dw = 1$, $db = 2$, the lower one $dw = (2, 4)^\top$, $db = 2$.

# %% tags=["exercise"]
network_backward

# %% [markdown]
# Is it right? There is a judge that knows nothing of calculus: nudge every number a little, up and down, and see how the loss changes, as we did above. Such *finite differences* are far too slow for training, two passes for every number, but hardly a mistake escapes them. Three layers, four examples, all random:

# %%
from course_lib.gradcheck import numerical_gradient

def draw_network(sizes, rng, dtype=np.float32):
    return [(rng.standard_normal((i, o)).astype(dtype) / dtype(i) ** dtype(0.5),
             np.zeros(o, dtype)) for i, o in zip(sizes[:-1], sizes[1:], strict=True)]

rng = np.random.default_rng(seed)
params, x = draw_network([3, 4, 4, 2], rng, np.float64), rng.standard_normal((4, 3))
labels = rng.integers(2, size=4)
logits, caches = network_forward(x, params)
by_hand = network_backward(softmax_cross_entropy(logits, labels)[1], caches)

# %% [markdown]
# The loss needs probabilities. **Softmax** makes them from an image's logits: $e^{z_j}/\sum_k e^{z_k}$. The loss is minus the logarithm of the right class's probability, averaged over the batch; if all ten classes are equally probable it is $\ln 10 \approx 2.3$. `softmax_cross_entropy(logits, labels)` returns two things: that loss, and its gradient with respect to the logits. For each array a relative error: the length of the difference between the two gradients, over the sum of their lengths.

# %%
def loss_with(changed, layer, part):
    pairs = [list(pair) for pair in params]
    pairs[layer][part] = changed
    return softmax_cross_entropy(network_forward(x, pairs)[0], labels)[0]

# %%
errors = []
for layer, own in enumerate(by_hand):
    for part in (0, 1):  # w, b
        judge = numerical_gradient(partial(loss_with, layer=layer, part=part),
                                   params[layer][part])
        lengths = np.linalg.norm(judge) + np.linalg.norm(own[part])
        errors.append(np.linalg.norm(judge - own[part]) / lengths)

# %%
claim("Backpropagation by hand agrees with finite differences, w and b, within 1e-6",
      max(errors) < 1e-6, f"relative error at most {max(errors):.0e}")

# %% [markdown]
# **Exercise `train_network`** (4 points). Put the parts together, and it learns: `minibatches(x, labels, size, rng)` gives one epoch's batches; `softmax_cross_entropy` you have just met, and its gradient is that of the mean over the batch; after every batch, a step of plain gradient descent. Return the new params, a list of pairs as before; the caller's arrays stay as they are.
#
# Worked example: one layer with two inputs and two outputs, all weights and biases 0; one image $x = (2, 4)$ with label 0; one epoch with $lr = 0.5$. Afterwards $w$ has the rows $(0.5, -0.5)$ and $(1, -1)$, and $b = (0.25, -0.25)$.

# %% tags=["exercise"]
train_network

# %% [markdown]
# Now real digits. Pixels become numbers of mean 0 and standard deviation 1, `x_train` a table with a row an image. One hidden layer of 100 units, three epochs at a rate of 0.3. Everything that happens here is in functions that you have seen whole, and by now perhaps written.

# %%
hidden = [100]

# %%
def rows(images):
    return (images.reshape(len(images), -1) - np.float32(33.3)) / np.float32(78.6)

rng = np.random.default_rng(seed)
params = draw_network([784, *hidden, 10], rng)
params = train_network(params, rows(data.x_train), data.y_train,
                       lr=np.float32(0.3), epochs=3, batch_size=64, rng=rng)
answers = network_forward(rows(data.x_valid), params)[0].argmax(axis=1)
right = np.mean(answers == data.y_valid)
claim("A network of one's own gets more than 90% of unseen digits right",
      right > 0.90, f"{right:.1%} of {len(answers):,} validation images")

# %% [markdown]
# **Change and see.** Depth is said to help. In the cell with `hidden = [100]` write `[100] * 4`, four hidden layers, and run the two cells. What becomes of the claim? A claim that fails after you changed something is a discovery: its cross stays, and the notebook goes on. Which of the next sections will explain yours? (Put `[100]` back afterwards, or leave it; nothing below depends on it.)

# %% [markdown]
# ## Looking inside the sick network
#
# Twenty layers of the old recipe, on your functions where they passed. `signals` sends one batch up and its error down, and keeps what every hidden layer sees: activations, slopes, the gradients $\delta = \partial L/\partial z$ that travel down, and the gradients of the weights. The picture has one column a layer, darker where more activations have that value. Where do you expect them: in the middle, where the slope is best, or at the ends?

# %%
from course_lib.measuring import growth, profile, rms, signals

yours = {"activation": (logistic, logistic_derivative),
         "dense_backward": dense_backward}
old_recipe = partial(deep_network, 20, 100, initializer=standard_normal, **yours)
network = old_recipe(rng=np.random.default_rng(seed))
sick = signals(network, data.x_train[:512], data.y_train[:512])

# %% tags=["folded"]
plots.histograms({"20 logistic layers, N(0,1)": sick.activations}, low=0, high=1,
                 xlabel="activation", title="Most activations are near 0 or 1")

# %% [markdown]
# Each unit adds up 100 inputs times weights of size 1. Independent terms add up in their squares, and the squares of the inputs make about 44, so $z$ is of the order of $\sqrt{44} \approx 7$: far out, where the curve is flat. Count the saturated ones, over all units, layers and images.

# %%
saturated = np.mean([np.mean(slope < 0.05) for slope in sick.slopes])
claim("Between 60 and 75% of the slopes are below 0.05",
      0.60 < saturated < 0.75, f"{saturated:.1%}")

# %% [markdown]
# Books go on to say that the gradient therefore *vanishes* on its way down, *to* a quarter at every layer. Twenty layers have nineteen steps between them, and $4^{19}$ is 300,000 million. Look at $\delta$, the gradient that travels down, measured by its RMS, the *root of the mean of the squares*: how much larger is it at the last hidden layer than at the first?

# %%
guess_fall = predict("fall", "RMS of ∂L/∂z, last hidden layer over first:",
                     low=-1, high=12, log=True, unit="times")
guess_fall

# %% tags=["folded"]
down, weights = ([rms(g) for g in each] for each in (sick.deltas, sick.gradients))
books = down[-1] * 4.0 ** np.arange(-19, 1)
plots.lines({"∂L/∂z": down, "∂L/∂w": weights, "∂L/∂z if a quarter were left": books},
            log=True, title="Far more than a quarter is left at every layer",
            xlabel="hidden layer (1 is nearest the image)", ylabel="RMS")

# %% [markdown]
# From one layer to the next nine tenths are left, on average over the nineteen steps. So the gradient doesn't vanish. Why, then, does the network learn so slowly?
#
# **Change and see.** The weights' gradient falls more than $\delta$ does, a few dozen times. It is a mean over the images of the batch. Replace the two `512` above by 1 and run from there: what becomes of that fall, and what of $\delta$'s? So at which end do the images agree on a direction?

# %%
left = growth(np.array([down[::-1]]))[0]
claim("The old recipe's ∂L/∂z keeps 85 to 105% of its size a layer",
      0.85 < left < 1.05, f"{left:.0%}")
guess_fall.against(down[-1] / down[0])

# %% [markdown]
# ### Does the gradient tell the truth?
#
# One suspicion: through units that are stuck at 0 or 1 a gradient tells only what a *tiny* change would do, and real steps aren't tiny. That can be tested. The gradient makes a promise: for a small step, the loss falls by so and so much. Compare the promise with what really happens.
#
# **Exercise `predicted_drop`** (2 points). Derive the promise. One step of plain gradient descent with rate $lr$ moves every weight; to first order, that is if the loss were a plane with exactly these slopes, by how much would it fall? Worked example: gradients $(3, 4)$ and $(12)$ and a rate of 0.1 promise a drop of 16.9.

# %% tags=["exercise"]
predicted_drop

# %% [markdown]
# <details><summary>What it comes to</summary>
#
# Each weight moves by $-lr\,g$ along a slope of $g$ and so changes the loss by $-lr\,g^2$. All together: the loss drops by $lr \sum g^2$. It is never negative: along its own gradient a plane only falls.
#
# </details>
#
# Now the test: of the drop that is promised, which share comes true? The same rate would be a small step for one network and a huge one for another, since their gradients differ a thousandfold. So take steps that promise the *same*: a drop of 0.1, of 0.3, of 1. The old recipe, and as a **control** three networks with other weights, of which you will see below that two learn well (ReLU with He's weights, tanh with Glorot's) and one doesn't at all. What do you expect of the healthy ones?

# %%
from course_lib.initializers import glorot_normal, he_normal

def kept_promise(make, promise, seed):
    network = make(rng=np.random.default_rng(seed))
    x, y = data.x_train[:512], data.y_train[:512]
    logits, caches = network.forward(x)
    before, dlogits = softmax_cross_entropy(logits, y)
    grads, params = network.backward(dlogits, caches), network.params
    lr = np.float32(promise / predicted_drop(list(grads.values()), 1.0))
    network.params = {k: params[k] - lr * grads[k] for k in params}
    return (before - softmax_cross_entropy(network.forward(x)[0], y)[0]) / promise

# %% tags=["folded"]
from course_lib.studies.depth import DEPTHS

tested = {"logistic, N(0,1)": old_recipe,
          "logistic, Glorot": partial(deep_network, 20, 100, "logistic", glorot_normal),
          "tanh, Glorot": partial(deep_network, 20, 100, "tanh", glorot_normal),
          "ReLU, He": partial(deep_network, 20, 100, "ReLU", he_normal)}
steps = [0.01, 0.03, 0.1, 0.3, 1.0]
promises = {name: np.array([[kept_promise(make, promise, s) for promise in steps]
                            for s in seeds]) for name, make in tested.items()}
plots.lines(promises, x=np.log10(steps), reference=(1, "all of it"), among=DEPTHS,
            title="For the same promise the old recipe keeps the most",
            xlabel="promised drop of the loss, as a power of ten",
            ylabel="actual / promised")

# %% [markdown]
# So that isn't it. For the same promise the sick network keeps more than the healthy ones. (Its first loss is also three times as large as theirs: it has further to fall.) A suspicion that sounded right, and one control was enough to clear the suspect.

# %%
kept_at = {name: p.mean(axis=0)[3] for name, p in promises.items()}  # a promise of 0.3
others = [kept for name, kept in kept_at.items() if name != "logistic, N(0,1)"]
claim("Promising a drop of 0.3, the old recipe keeps more than 85% of it, and more "
      "than the three others, means of five seeds",
      kept_at["logistic, N(0,1)"] > max(0.85, *others),
      ", ".join(f"{name} {share:.0%}" for name, share in kept_at.items()))

# %% [markdown]
# ### Feel it first
#
# The other suspects you will meet by yourself. Below is a network before any training: one column a layer, activations on their way up, gradients on their way down. Move the controls with the mouse, or with the arrow keys. **Try this**, and note what you find:
#
# 1. Logistic, N(0,1), 20 layers: turn *scale* down. What happens to the saturated share, and what to the gradient? Is there a scale at which both are well?
# 2. Tanh, Glorot, 50 layers: how far can you turn *scale* up or down before the gradient is lost at one end?
# 3. ReLU, Glorot: at which *scale* do signal and gradient stay level?
#
# <details><summary>What we found</summary>1. There is none: at every scale many units are saturated, or the gradient shrinks from layer to layer, or both. 2. At width 100 between about 0.95 and 1.5; below the signal dies out, above the gradient explodes. 3. At about 1.4. Why this number, the formula below will tell.</details>

# %%
from course_lib.widgets.signal import signal, signal_explorer

signal_explorer()

# %% tags=["folded"]
signal(depth=20, width=100, activation="logistic", initializer="N(0,1)",
       scale=1.0).figure()

# %% [markdown]
# ## How fast does a gradient grow?
#
# (Above: the same picture standing still, for print.) What you felt can be computed. On its way down one layer $\delta$ passes the transposed weights, then the slopes:
#
# $$\delta^{(l)} = \bigl(\delta^{(l+1)}\, W^\top\bigr) \cdot f'\bigl(z^{(l)}\bigr).$$
#
# Here $l$ counts the layers, and $W$ holds the weights between layers $l$ and $l + 1$. Let layer $l + 1$ have $n$ units, and let the weights have mean 0, standard deviation $\sigma$, and nothing to do with $\delta$.
#
# **Exercise `gradient_growth`** (2 points). Derive by which factor the RMS of $\delta$ changes from layer $l + 1$ to layer $l$, from $n$, $\sigma$ and the slopes of layer $l$. (Variances of independent terms add up. Take $\delta$ to have nothing to do with the slopes either.) Worked example: $n = 36$, $\sigma = 0.5$ and the slopes $(0.1, 0.7)$ give 1.5.

# %% tags=["exercise"]
gradient_growth

# %% [markdown]
# <details><summary>What it comes to</summary>
#
# Each element of $\delta W^\top$ is a sum of $n$ independent terms $\delta_j w_j$ of mean 0, so its variance is $n\,\sigma^2$ times the mean of $\delta^2$. The slope multiplies it, and mean squares of independent factors multiply: $g = \sqrt{n\,\sigma^2} \cdot \text{RMS of } f'(z)$.
#
# </details>
#
# Call the factor $g$. Twenty layers multiply by it nineteen times: $g = 0.8$ leaves 1%, $g = 1.2$ makes 32 times as much. Only $g \approx 1$ survives depth. Seven networks to try it on, each with 20 layers of 100: weights after Glorot have variance 2/(fan in + fan out), after He 2/(fan in); U(±1/√n) is uniform between these ends. Tanh is the logistic function stretched to twice the height and squeezed to half the width, from −1 to 1 with a slope of 1 at its best; ReLU is $\max(z, 0)$.

# %%
from course_lib.studies.depth import DRAWS, maker

makers = {name: maker(name) for name in DEPTHS}
profiles = {name: profile(make, data, seeds) for name, make in makers.items()}
print(*makers, sep="\n")

# %% [markdown]
# Each was just measured before any training, on 512 images, for five seeds. Formula against measurement, as factors from layer to layer. First column: $g$ from your function. Second: what $\delta$ really did on its way down. Third: by which factor the activations grow on their way up. Last: the saturated share, where for ReLU half is as it should be, since a ReLU unit is off, with slope 0, for half of all inputs. Look for the sick ones.

# %% tags=["nbval-check-output"]
sigma = {"N(0,1)": 1, "Glorot": 0.1, "He": 0.02**0.5, "U(±1/√n)": (1 / 300) ** 0.5}
by_formula = {}
print("                  by formula   down     up   saturated")
for name, p in profiles.items():
    slopes, std = p.slope[:, :-1], sigma[name.split(", ")[1]]  # one RMS a layer
    by_formula[name] = np.array([np.mean([gradient_growth(100, std, np.array([s]))
                                          for s in each]) for each in slopes])
    print(f"{name:16} {by_formula[name].mean():11.2f} {p.backwards.mean():6.2f} "
          f"{p.forwards.mean():6.2f} {p.saturated.mean():9.0%}")

# %% [markdown]
# The formula assumed that weights and gradients have nothing to do with each other, which is only nearly so; still it is never far off. From the slopes alone, before a single training step, you know what depth will do to a gradient.

# %%
off = {name: np.abs(p.backwards / by_formula[name] - 1).max()
       for name, p in profiles.items()}
claim("The formula gives the growth a layer within 10%, for all seven and every seed",
      max(off.values()) < 0.1, f"at most {max(off.values()):.1%} off")

# %% [markdown]
# Further below you will see all seven trained, by plain gradient descent and by *Adam*, a rule that gives every single weight a step of about the same length, however small its gradient is (notebook 05 takes it apart). Each network has six rates to choose from for each rule; the one with the lowest training loss counts. Commit yourself now: plain gradient descent first.

# %%
counts = ["none", "one", "two", "three", "four", "five", "all seven"]
guess_plain = predict("plain", "By gradient descent, how many of seven get 80% right?",
                      options=counts)
guess_plain

# %% [markdown]
# ## Four diseases
#
# Meanwhile the causes, one by one: a gradient that **vanishes**, one that **explodes**, a signal that grows **faint**, and an image that is **drowned**. (Saturation, the flat slopes, is a suspect still.) A factor near 1 looks harmless and isn't, nineteen times over. What is left of $\delta$ at each layer on its way from the top, at the right, to the bottom, at the left? Mind the axis. The bands, which span the five seeds, are hardly wider than the lines.

# %% tags=["folded"]
deltas = {name: p.delta / p.delta[:, -1:] for name, p in profiles.items()}
plots.lines(deltas, title="Logistic with Glorot vanishes, tanh with N(0,1) explodes",
            log=True, among=DEPTHS, xlabel="hidden layer (1 is nearest the image)",
            ylabel="RMS of ∂L/∂z, over the top's")

# %% [markdown]
# Lowest at layer 1 is the famous **vanishing gradient**: Glorot's weights keep $\sqrt{n\sigma^2} = 1$ and no unit is saturated; but then every slope is near its best, and the best is 1/4. Highest at layer 1 is the one that **explodes**: tanh has a slope of up to 1, and weights from N(0,1) are ten times as large. The old recipe does neither. Its large weights happen to make up for its flat slopes.

# %%
g = {name: profiles[name].backwards for name in profiles}
for name, low, high in [("logistic, Glorot", 0.22, 0.25), ("tanh, N(0,1)", 2.1, 2.5),
                        ("logistic, N(0,1)", 0.85, 1.05)]:
    claim(f"{name}: the gradient is multiplied by {low} to {high} a layer",
          low < g[name].min() and g[name].max() < high,
          f"{g[name].min():.3f} to {g[name].max():.3f}")

# %%
quiz("quarter")

# %% [markdown]
# Is that a law for these recipes? The formula contains $n$. Three sizes of network, of which the second is the one above; the columns are the weights' gradient, first hidden layer over last, so that 1 is level.
#
# **Change and see.** Before you run the cell, change the last shape to `(50, 100)`: which rows will change, which won't? The claim below is about the old recipe in layers of 200.

# %%
shapes = [(10, 100), (20, 100), (50, 200)]

# %% tags=["nbval-check-output"]
ends = {}
print(f"{'':16}" + "".join(f"{d:6} of {n}" for d, n in shapes))
for name in DEPTHS:
    act, draw = name.split(", ")
    p = [profile(partial(deep_network, *shape, act, DRAWS[draw]), data, seeds[:3],
                 batch_size=256) for shape in shapes]
    ends[name] = [np.log10(q.gradient[:, 0] / q.gradient[:, -1]).mean() for q in p]
    print(f"{name:16}" + "".join(f"  10^{e:6.1f}" for e in ends[name]))

# %% [markdown]
# "Sigmoid gradients vanish" isn't a law. In layers of 200 the old recipe's gradient grows: $\sqrt{n}$ is 1.41 times as large, the sums are too, so the slopes are flatter, 0.85 times, and 1.2 is left of it, in all. And look at the last four rows. Whatever else is wrong with them, their weight gradients are level.

# %%
old_ends = ends["logistic, N(0,1)"]
claim("The old recipe's gradient falls by 5 to 30 times over 10 layers of 100, "
      "and grows by 60 to 800 times over 50 of 200",
      0.7 < -old_ends[0] < 1.5 and 1.8 < old_ends[2] < 2.9,
      f"10^{old_ends[0]:.1f} and 10^{old_ends[2]:.1f}")

# %% [markdown]
# ### Level, and faint
#
# A weight's gradient is a *product* of what comes up and what comes down, $dw = x^\top \delta$. If both shrink by the same factor a layer, one going up and the other going down, their product is the same everywhere and tells of neither. So look at the signal, too: here the activations on their way up, relative to the first layer's.

# %% tags=["folded"]
careful = [name for name in profiles if "N(0,1)" not in name]
ups = {name: profiles[name].activation / profiles[name].activation[:, :1]
       for name in careful}
plots.lines(ups, title="Signals grow faint behind level weight gradients", log=True,
            among=DEPTHS,
            xlabel="hidden layer (1 is nearest the image)",
            ylabel="RMS of activations, over layer 1's")

# %% [markdown]
# Half of the ReLU units are off, so with Glorot's weights the signal loses a factor of $\sqrt{1/2} \approx 0.71$ a layer. U(±1/√n) is the initializer that Glorot and Bengio criticised in 2010. Why does it let tanh's signal shrink?

# %%
quiz("uniform-weights")

# %% [markdown]
# The error loses the same on its way down. The pattern of the signal is kept, but it is **faint**: so small beside the biases and beside any step that the output is as good as the same for every image.

# %%
for name, factor in [("ReLU, Glorot", 2**-0.5), ("tanh, U(±1/√n)", 3**-0.5)]:
    p = profiles[name]
    both = np.array([p.forwards, p.backwards]) / factor
    level = growth(p.gradient, skip=1)
    claim(f"{name}: signal and error shrink by {factor:.2f} a layer within 12%, "
          "while the weights' gradients stay level within 8%",
          np.abs(both - 1).max() < 0.12 and np.abs(level - 1).max() < 0.08,
          f"at most {np.abs(both - 1).max():.0%} and {np.abs(level - 1).max():.0%} off")

# %%
quiz("level-gradients")

# %% [markdown]
# ### Why a mean of one half hurts
#
# The logistic function has one more flaw: its outputs are all positive, around 1/2. Much of what a layer passes on is then a constant, the same for every image, and only the rest tells images apart. Here is that rest, as a share: the RMS of the deviation from the mean over all images, divided by the RMS of the whole signal.

# %% tags=["folded"]
kept = {name: profiles[name].different
        for name in ("tanh, Glorot", "logistic, N(0,1)", "logistic, Glorot")}
plots.lines(kept, title="With logistic units the constant drowns the image", log=True,
            among=DEPTHS,
            xlabel="hidden layer (1 is nearest the image)",
            ylabel="share that differs by image")

# %% [markdown]
# With tanh nearly all of the signal differs from image to image. With logistic units and N(0,1) less than a tenth does at the top. With Glorot's weights the differences fall to a quarter at each layer; from layer 10 on, what is left is the rounding error of `float32`. This image isn't faint, it is **drowned**: what tells it from others is lost, whatever you multiply by.

# %%
top = {name: share[:, -1] for name, share in kept.items()}
claim("At layer 20 more than half of tanh's signal differs by image, "
      "of logistic Glorot's less than 1/10,000",
      top["tanh, Glorot"].min() > 0.5 and top["logistic, Glorot"].max() < 1e-4,
      f"{top['tanh, Glorot'].min():.2f} and {top['logistic, Glorot'].max():.0e}")

# %% [markdown]
# Positive inputs also tie the hands of learning. The gradient of the weight from input $i$ into unit $j$ is $x_i\,\delta_j$, summed over the batch. If all $x_i$ are positive, a single image moves all weights of a unit up or all down. Over a batch of 64 images the sums may differ. Take a logistic network, and as a control the same with 1/2 subtracted: for which share of the units in layer 2 do *all* 100 weights still go the same way?

# %%
guess_sided = predict("sided", "Units whose weights all move one way, batch of 64:",
                      low=0, high=100, unit="%")
guess_sided

# %%
def one_way(activation, seed):
    network = deep_network(3, 100, activation, glorot_normal,
                           rng=np.random.default_rng(seed))
    dw = signals(network, data.x_train[:64], data.y_train[:64]).gradients[1]
    return np.mean(np.abs(np.sign(dw).sum(axis=0)) == 100)

centred = (lambda z: logistic(z) - np.float32(0.5), logistic_derivative)

# %%
sided = {name: np.mean([one_way(f, s) for s in seeds])
         for name, f in [("logistic", "logistic"), ("logistic − 1/2", centred)]}
claim("For more than a fifth of the logistic units all weights move the same way, "
      "for no centred one", sided["logistic"] > 0.2 and sided["logistic − 1/2"] == 0,
      f"{sided['logistic']:.0%} and {sided['logistic − 1/2']:.0%}, five seeds")
guess_sided.against(100 * sided["logistic"])

# %% [markdown]
# Does the constant matter in training? Four logistic layers, with and without the 1/2, everything else equal: the same first weights and the same order of images for each seed. Either may choose its own rate among four, by its training loss.

# %%
def at_best_rate(activation, rates=(0.3, 1.0, 3.0, 10.0)):
    make = partial(deep_network, 4, 100, activation, glorot_normal)
    runs = {lr: repeat(make, data, sgd, seeds[:3], lr=lr, epochs=2) for lr in rates}
    def loss(lr):
        whole = [run.step_loss[-50:] for run in runs[lr] if not run.stopped]
        return np.mean(whole or 99)
    best = min(rates, key=loss)
    return best, runs[best]

# %% tags=["folded"]
pair = {name: at_best_rate(f)
        for name, f in [("logistic", "logistic"), ("logistic − 1/2", centred)]}
ends_pair = final_accuracy({f"{name}, rate {lr:g}": runs
                            for name, (lr, runs) in pair.items()})
plots.dots(ends_pair, title="The same function without its constant learns far better",
           xlabel="share of validation images that are right (gradient descent)")

# %%
with_half, without = ends_pair.values()
claim("Centring alone gains more than 10 percentage points, for every seed",
      min(np.subtract(without, with_half)) > 0.10,
      f"{np.mean(with_half):.2f} and {np.mean(without):.2f} on average")

# %% [markdown]
# **Change and see.** Subtract 0.25 instead of 0.5 in `centred`, and run the cells from there again. Is half of the cure half of the gain? And does any single unit still move all its weights one way?

# %% [markdown]
# ## Who learns?
#
# Now the seven networks, trained: 400 steps, three seeds, each at its own best rate. These 252 runs are stored (`make studies` runs them again); one of them is repeated here, to see that it comes out as stored. First plain gradient descent.

# %%
from course_lib.studies import load
from course_lib.studies.depth import DEPTH_STUDY, best_rates, train

best = best_rates(load(DEPTH_STUDY))
stored = best["gradient descent"]["tanh, Glorot"]
again = train("tanh, Glorot", "gradient descent", stored[0], 0).valid_accuracy[-1]
spread = [row["valid_accuracy"] for row in stored[1]]
claim("Run again, tanh with Glorot ends as stored, within two percentage points",
      min(spread) - 0.02 < again < max(spread) + 0.02,
      f"{again:.3f}, stored {spread[0]:.3f}")

# %% tags=["folded"]
def ends_of(rule):
    return {f"{name} (rate {lr:g})": [row["valid_accuracy"] for row in runs]
            for name, (lr, runs) in best[rule].items()}

plots.dots(ends_of("gradient descent"), reference=(0.1, "guessing"),
           title="Gradient descent, each at its best rate: two of seven learn",
           xlabel="share of validation images that are right")

# %%
guess_plain.against("two")

# %% [markdown]
# Were you too hopeful? And by Adam? It doesn't care how small a gradient is. Whom does that help, and whom can't it help? The tables and figures above have all you need; think of what is the network's own and what the rule's.

# %%
guess_adam = predict("adam", "And by Adam?", options=counts)
guess_adam

# %% tags=["folded"]
plots.dots(ends_of("Adam"), reference=(0.1, "guessing"),
           title="Adam, each at its best rate: three more get further",
           xlabel="share of validation images that are right")

# %%
guess_adam.against("three")

# %%
quiz("network-or-rule")

# %% [markdown]
# Three groups. *Tanh with Glorot* and *ReLU with He*, which keep signal and gradient, learn by either rule. *Logistic with Glorot* and *tanh with N(0,1)* are dead by both, at every rate tried. And the three between get further by Adam, one of them nearly as far as the healthy. For these, the network wasn't the whole story. No *single* rate helped them: three times the old recipe's best rate halves what it gets. A rule that gives every weight a step of its own does. Which part of Adam it is, and how much of the rest is saturation's, we haven't separated.

# %%
plain, adam = ({name: np.mean([row["valid_accuracy"] for row in runs])
                for name, (_, runs) in best[rule].items()} for rule in best)
healthy = ["tanh, Glorot", "ReLU, He"]
dead = [row["valid_accuracy"] for row in load(DEPTH_STUDY)
        if row["network"] in ("logistic, Glorot", "tanh, N(0,1)")]
between = ["logistic, N(0,1)", "ReLU, Glorot", "tanh, U(±1/√n)"]

# %%
claim("The healthy get more than 85% by both rules, means of three seeds; "
      "the dead less than 25% by either rule, at every rate, every seed",
      min(min(plain[n], adam[n]) for n in healthy) > 0.85 and max(dead) < 0.25,
      f"the best of {len(dead)} runs of the dead: {max(dead):.0%}")
claim("The others stay below 45% by gradient descent, and Adam adds 15 points or more",
      max(plain[n] for n in between) < 0.45
      and min(adam[n] - plain[n] for n in between) > 0.15,
      ", ".join(f"{n}: {plain[n]:.0%} and {adam[n]:.0%}" for n in between))

# %%
quiz("old-recipe")

# %% [markdown]
# ## Exploding
#
# Now the other extreme: ReLU with weights from N(0,1). Half of the units are on, with slope 1, the others off, with slope 0. What does your formula say for $n = 100$ and $\sigma = 1$? Work it out before you look.

# %%
guess_growth = predict("growth", "ReLU with N(0,1): growth from layer to layer",
                       low=-1, high=2, log=True, unit="times")
guess_growth

# %% tags=["folded"]
wild = partial(deep_network, 20, 100, "ReLU", standard_normal)
exploding = profile(wild, data, seeds)
ways = {"activations": exploding.activation, "∂L/∂z": exploding.delta}
plots.lines(ways, log=True,
            title="Up and down the same factor at every layer",
            xlabel="hidden layer (1 is nearest the image)", ylabel="RMS")

# %% [markdown]
# Straight lines on a logarithmic axis: growth is geometric. The formula gives the factor; what it can't know is chance. With only 100 units the factor varies a little from seed to seed, by a few percent a layer, and by much more for the product of nineteen.

# %%
expected = gradient_growth(100, 1.0, np.array([0.0, 1.0]))
factors = np.concatenate([exploding.forwards, exploding.backwards])
claim("Signal and gradient grow by what the formula says, within 10%",
      np.abs(factors / expected - 1).max() < 0.1,
      f"predicted {expected:.2f}, measured {factors.min():.2f} to {factors.max():.2f}")
guess_growth.against(float(factors.mean()))

# %% [markdown]
# What becomes of such a network in training? Its loss should begin near $\ln 10 \approx 2.3$, and begins with more than fifteen digits. One step with gradients of that kind throws the weights far away, numbers overflow, and the loss is NaN. `fit` notices, stops, and says where it saw it first.

# %%
doomed = wild(rng=np.random.default_rng(seed))
run = fit(doomed, data, sgd, lr=0.03, rng=np.random.default_rng(seed))
claim("The exploding run breaks off within ten steps",
      run.stopped != "" and len(run.step_loss) <= 10,
      f"{run.stopped}; the first loss was {run.step_loss[0]:.0e}")

# %% [markdown]
# ### Numbers that don't fit
#
# There is a second edge, at the small end. Half precision, `float16`, takes half the memory and is quick; its smallest positive number is $6 \cdot 10^{-8}$, its largest 65504. What is smaller than half the smallest becomes 0. Take the tanh network with U(±1/√n), whose gradients are level and small, everything that is computed on the way back: the gradients at the logits, at every layer, and of every weight and bias. How many of these numbers are lost?

# %%
def lost(gradients, scale=1.0):
    halves = [(np.float32(scale) * g).astype(np.float16) for g in gradients]
    return np.mean([np.mean((h == 0) & (g != 0))
                    for h, g in zip(halves, gradients, strict=True)])

# %%
faint, x, y = makers["tanh, U(±1/√n)"], data.x_train[:64], data.y_train[:64]
faint = faint(rng=np.random.default_rng(seed))
logits, caches = faint.forward(x)
dlogits = softmax_cross_entropy(logits, y)[1]
small = [dlogits, *signals(faint, x, y).deltas,
         *faint.backward(dlogits, caches).values()]
print(f"{lost(small):.0%} of the gradients become 0 in float16")

# %% [markdown]
# The cure is as simple as it can be: multiply the loss by a large number before going back, and every gradient is larger by that number; divide it away, in `float32`, before the step. How large may it be?
#
# **Exercise `loss_scale`** (2 points). By which power of two can all gradients be multiplied so that none exceeds 65504? Take the largest; it may be below 1. If all gradients are 0, it is 1. Worked example: for the gradients $(0.5, -3)$ it is 16384, since three times as much is 49152, and twice that would be too large.

# %% tags=["exercise"]
loss_scale

# %%
scale = loss_scale(small)
largest = max(np.abs(g).max() for g in small) * scale
claim("In float16 more than 4% of these gradients are lost; scaled, fewer than 0.1%, "
      "and none overflows",
      lost(small) > 0.04 and lost(small, scale) < 1e-3 and largest <= 65504,
      f"{lost(small):.1%}; with the scale {scale:.0e} {lost(small, scale):.2%}")

# %% [markdown]
# Why a power of two? Because multiplying by it changes no digit of the number, only its exponent. Frameworks don't compute the scale from the gradients of the step at hand: they try, halve it whenever something overflows, and double it again after a while.
#
# ## Clipping
#
# The cure for an explosion is better weights to begin with. But even a network that began well can meet a cliff: one batch with a huge gradient, and one step undoes a week of training. Recurrent networks and language models meet cliffs all the time. Against them there is **gradient clipping**, of two kinds that differ in a way that matters.
#
# **Exercise `clip_by_value`** (1 point). Every element that is beyond ±limit becomes ±limit; the others stay. Worked example: $(0.9,\ 100)$ clipped to 1 becomes $(0.9,\ 1)$. Return a new array; the caller's own stays as it is.

# %% tags=["exercise"]
clip_by_value

# %% [markdown]
# **Exercise `clip_by_global_norm`** (2 points). Take all gradients of a network together as one long vector. Its length is the *global norm*. If it is above the limit, shorten the vector to the limit, and keep its direction; else leave it alone. Worked example: the arrays $(3)$ and $(4)$ have norm 5; with limit 1 they become $(0.6)$ and $(0.8)$. Gradients that explode are what this is for, so be prepared for them: the square of $10^{25}$ is too large for `float32`.

# %% tags=["exercise"]
clip_by_global_norm

# %% [markdown]
# What is the difference?

# %%
quiz("clipping")

# %% [markdown]
# A gradient of two elements, $(5,\ 0.9)$, and what the two kinds of clipping with limit 1 make of it. One cuts it off at the dotted square, the other shortens it to the circle.

# %% tags=["folded"]
gradient = np.array([5.0, 0.9])
clipped = {"gradient": gradient, "clipped by value": clip_by_value(gradient, 1.0),
           "clipped by norm": clip_by_global_norm([gradient], 1.0)[0]}
plots.arrows(clipped, title="By value turns the arrow, by norm shortens it", limit=1.0)

# %%
def angle(a, b):
    cosine = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))

turned = {name: angle(gradient, vector) for name, vector in clipped.items()}
claim("Clipping by norm keeps the direction; by value turns this gradient by over 30°",
      turned["clipped by norm"] < 1e-3 and turned["clipped by value"] > 30,
      f"{turned['clipped by norm']:.0f}° and {turned['clipped by value']:.0f}°")

# %% [markdown]
# Now a rate that is far too large. Ten ReLU layers with He's weights are healthy, but a learning rate of 1 throws them out in the very first steps. Put the belt on: before each step, the gradients of all layers together are clipped. The same runs without and with it, and as a baseline a sane rate without a belt; three seeds each. The function also notes whether it had anything to clip.

# %%
limit, bites = 1.0, []

def belt(gradients):
    clipped = clip_by_global_norm(gradients, limit)
    bites.append(bool(np.any(clipped[0] != gradients[0])))
    return clipped

steep = partial(repeat, partial(deep_network, 10, 100, "ReLU", he_normal), data, sgd,
                seeds[:3], epochs=2)
belts = {"rate 1": steep(lr=1.0), "rate 1, clipped": steep(lr=1.0, transform=belt),
         "rate 0.03": steep(lr=0.03)}

# %% tags=["folded"]
plots.dots(final_accuracy(belts), title="Clipping saves the run; a sane rate is better",
           reference=(0.1, "guessing"),
           xlabel="share of validation images that are right")

# %%
worst = min(final_accuracy(belts)["rate 1, clipped"])
claim("At rate 1 every run breaks off; clipped, every run gets more than 70%",
      all(run.stopped for run in belts["rate 1"]) and worst > 0.7,
      f"clipped: at least {worst:.0%}; it bit at {np.mean(bites):.0%} of the steps")

# %% [markdown]
# It bit at nearly every step: that isn't a belt any more but a smaller rate in disguise, and the sane rate does better. **Change and see.** Set `limit` to 100 and run the cells again; then to 0.1. Is it still of use, and how often does it bite? If a belt bites once in a thousand steps, it does what it is for.

# %% [markdown]
# ## The same in TensorFlow
#
# What you wrote by hand, TensorFlow does by itself: `GradientTape` records the forward pass and plays it back in reverse. Take the healthy tanh network, with your `dense_backward`, and keep its weight gradients for 64 images. Then give exactly the same weights and images to TensorFlow.

# %%
import keras
import tensorflow as tf

new_recipe = partial(deep_network, 20, 100, "tanh", glorot_normal,
                     dense_backward=dense_backward)
network = new_recipe(rng=np.random.default_rng(seed))
images, labels = data.x_train[:64], data.y_train[:64].astype(int)
by_hand = signals(network, images, labels).gradients
weights = {name: tf.Variable(value) for name, value in network.params.items()}

# %% [markdown]
# The forward pass in TensorFlow's own functions: twenty dense layers with tanh, a last one without, softmax and cross-entropy in one. The network's first layer standardizes the pixels and flattens the images; we take its output as it is. The tape then gives the gradient for any variable.

# %%
with tf.GradientTape() as tape:
    a = network.layers[0].forward(images)[0]
    for i in range(1, 22):
        z = a @ weights[f"dense {i}/w"] + weights[f"dense {i}/b"]
        a = tf.tanh(z)
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, z)
    loss = tf.reduce_mean(losses)
by_tape = tape.gradient(loss, [weights[f"dense {i}/w"] for i in range(1, 21)])

# %%
gaps = [rms(own - theirs.numpy()) / rms(theirs)
        for own, theirs in zip(by_hand, by_tape, strict=True)]
claim("All 20 weight gradients by hand equal TensorFlow's, within 1e-4",
      max(gaps) < 1e-4, f"at most {max(gaps):.0e}")

# %% [markdown]
# In Keras, clipping is an option of every optimizer: `clipvalue` cuts elements, `clipnorm` shortens each array by its own norm, `global_clipnorm` shortens all arrays together. Which of the three keep the direction of the whole step?

# %%
quiz("keras-clipping")

# %% [markdown]
# To see what really arrives, take one step of plain gradient descent, learning rate 1, from weights of 0: the new weights are minus the clipped gradients. Three random gradients, and all three options with limit 0.5, against your functions.

# %%
def keras_clips(gradients, **option):
    weights = [keras.Variable(np.zeros_like(g)) for g in gradients]
    grads = [tf.constant(g) for g in gradients]
    keras.optimizers.SGD(1.0, **option).apply(grads, weights)
    return [-w.numpy() for w in weights]

# %%
rng = np.random.default_rng(seed)
several = [rng.standard_normal(shape, dtype=np.float32)
           for shape in [(20, 30), (30,), (30, 5)]]
clips = {"clipvalue": [clip_by_value(g, 0.5) for g in several],
         "clipnorm": [clip_by_global_norm([g], 0.5)[0] for g in several],
         "global_clipnorm": clip_by_global_norm(several, 0.5)}

# %%
gaps = []
for option, ours in clips.items():
    pairs = zip(ours, keras_clips(several, **{option: 0.5}), strict=True)
    gaps += [np.abs(own - theirs).max() for own, theirs in pairs]
claim("All three ways of clipping equal Keras's, within 1e-6",
      max(gaps) < 1e-6, f"at most {max(gaps):.0e}")

# %% [markdown]
# ## Debug lab
#
# A network of ten layers doesn't learn: after 150 steps it is at 10%, like guessing. You have seen four diseases. Here is the patient, measured in both directions, before any training: what ails it?

# %%
from course_lib.exercises.nb01_vanishing_gradients import SICK, network_from

config = dict(SICK)
patient = profile(partial(network_from, config), data, seeds)

# %% tags=["folded"]
def both_ways(p, title):
    lines = {"activations": p.activation, "∂L/∂z": p.delta, "∂L/∂w": p.gradient}
    return plots.lines(lines, log=True, title=title, ylabel="RMS",
                       xlabel="hidden layer (1 is nearest the image)")

both_ways(patient, "The patient from the inside")

# %% [markdown]
# Name the cause before you try a cure. Look at each line by itself: does it change from layer to layer, in which direction, and by which factor? Then ask which of the diseases does that.

# %%
quiz("patient")

# %% [markdown]
# These are its settings; `network_from(config)` builds it from them.

# %%
print(config)

# %% [markdown]
# **Exercise `mend`** (2 points). Return settings with which the network learns: it is then trained for 150 steps, from two seeds, and must get 75% of 2,000 validation images right both times. Depth, width, data and number of steps stay as they are. Every cure that works is right. Worked example: `{**config, "lr": 0.1}` is a copy of the settings with another learning rate, which won't be enough.

# %% tags=["exercise"]
mend

# %%
def with_your_settings():
    return profile(partial(network_from, mend(config)), data, seeds)

both_ways(with_your_settings(), "With your settings, or the course's if yours are open")

# %% [markdown]
# ## The first network, mended
#
# Back to the beginning: twenty layers of 100, the same images, steps, rule and learning rate, on your own backward pass. Two words of the recipe have changed, tanh for logistic and Glorot for N(0,1). Neither change alone does it, as the seven networks showed. How far does it get?

# %%
guess_cured = predict("cured", "Share that the mended 20-layer network gets right:",
                      low=0, high=100, unit="%")
guess_cured

# %% tags=["folded"]
cured = repeat(new_recipe, data, sgd, seeds[:3], lr=0.03, epochs=2)
plots.dots(final_accuracy({**old, "20 hidden, mended": cured}),
           reference=(0.1, "guessing"),
           title="The same twenty layers, with weights that suit the slope (rate 0.03)",
           xlabel="share of validation images that are right")

# %%
worst = min(run.valid_accuracy[-1] for run in cured)
claim("Mended, the 20-layer network gets more than 80% right, for every seed",
      worst > 0.8, f"at least {worst:.0%}")
guess_cured.against(100 * np.mean([run.valid_accuracy[-1] for run in cured]))

# %% [markdown]
# ## What to remember
#
# 1. Backward mirrors forward, layer by layer from the top. Finite differences judge it.
# 2. From layer to layer a gradient is multiplied by $g$: the root of fan times variance, times the RMS of the slopes. Only $g \approx 1$ survives depth.
# 3. Four diseases: a gradient that vanishes, one that explodes, a signal that grows faint behind level gradients, an image that is drowned in a constant. Look at activations *and* gradients.
# 4. Some of what looks like a sick network is a rule that doesn't suit it: give every contestant its best rate, and try another rule, before you diagnose. And every *because* needs a control.
# 5. Clipping by global norm shortens a step and keeps its direction. It is a seat belt, not a cure. A loss scale keeps small gradients from becoming 0.
#
# **Today.** Logistic units have left the hidden layers; they live on as gates, and as the last unit of a yes-or-no question. He's or Glorot's weights (notebook 02), ReLU and its smooth kin such as GELU (03), normalization layers (04), and residual connections, which give every layer a path with $g = 1$, together train hundreds of layers. Clipping by global norm, often to 1, is usual in training language models; half precision there mostly means `bfloat16`, which has the range of `float32` and needs no scale.
#
# **To read.** S. Hochreiter, *Untersuchungen zu dynamischen neuronalen Netzen*, 1991 (where the vanishing gradient was found). Y. Bengio, P. Simard, P. Frasconi, *Learning long-term dependencies with gradient descent is difficult*, 1994. Y. LeCun, L. Bottou, G. Orr, K.-R. Müller, *Efficient BackProp*, 1998 (on centred units). X. Glorot, Y. Bengio, *Understanding the difficulty of training deep feedforward neural networks*, 2010. R. Pascanu, T. Mikolov, Y. Bengio, *On the difficulty of training recurrent neural networks*, 2013. K. He et al., *Delving deep into rectifiers*, 2015. P. Micikevicius et al., *Mixed precision training*, 2018.

# %%
quiz("larger-rate")

# %% [markdown]
# ### In your own words
#
# A friend shows you a plot in which the weight gradients of all thirty layers have the same size, and concludes that the network is healthy. What do you answer, and what else do you ask to see? (2 points, marked by a person.)

# %% [markdown] tags=["answer"] grade_id="healthy-gradients" points=2
# *Double-click here and write your answer in place of this line.*

# %% [markdown]
# **A small project.** Take `train_network` and make it learn with four hidden layers in three epochs, to 90% or more, by changing *one* thing: the weights, the activation, the rate, or a belt. Change nothing else, try three seeds, and write down what you expected before each try. There is room for cells of your own below.

# %% [markdown]
# That was notebook 01. First, what it added to the library of your own (`course export FOLDER` in a terminal writes it out); then what you have done. Whatever is open you can come back to. Next, in notebook 02, the weights: how large must they be, for any activation, so that a signal passes fifty layers both ways?

# %%
mine.added("01_vanishing_gradients")

# %%
progress()
