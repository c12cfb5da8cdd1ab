# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 08 · Convolution and its backpropagation, by hand
#
# A question that people really ask: *my network has two convolutions, followed by dense layers. Backpropagation works down to the dense ones, so I left the filters as they were drawn, and it still gets about 94% right. How does the error get from a dense layer of 49 units back into a filter of 3 × 3?* You will write every step of that way yourself, in NumPy, and train the whole network with it.
#
# Afterwards you can
#
# - write a convolution with stride and padding, and the three parts of its backward pass,
# - send an error back through pooling and through the reshape between images and rows,
# - check any gradient by differences, and know how far to trust the check,
# - say what trained filters gain over drawn ones, and where the time of a step goes.
#
# You need notebook 01 for backpropagation through dense layers. {{measured}}

# %% [markdown]
# ## Filters as they were drawn
#
# The set-up: processor or graphics card for later, one seed for everything random, the data, and helpers that the exercises build on. `paddings` says how many zeros go around an image, `positions` at how many rows and columns a kernel fits. TensorFlow isn't needed until the end.

# %%
import numpy as np

from course_lib import plots
from course_lib.backend import seed_everything, use_backend
from course_lib.claims import claim
from course_lib.datasets import load_mnist, minibatches
from course_lib.exercises import check, hint, predict, progress, quiz, use
from course_lib.windows import paddings, positions

use_backend()
seed = seed_everything()
data = load_mnist().first(5000, valid=2000)

# %% [markdown]
# The network of the question, with one filter a convolution: 28 × 28 pixels → convolution, ReLU, pool → 14 × 14 → convolution, ReLU, pool → 7 × 7, which are 49 numbers → 49 units → 10 classes. The filters keep the numbers that He's rule drew (notebook 02); only the dense layers learn. What share of new images will it get right?

# %%
guess_fixed = predict("fixed-filters", "Right with filters as drawn, mean of five draws:",
                      low=0, high=100, unit="%")
guess_fixed

# %% [markdown]
# Five draws of everything, 5,000 images, three times through all of them, with networks from the course's library. Since the filters stay, what they make of an image is always the same: `train` computes it once and trains the dense layers on that.

# %%
from course_lib.studies import filters as study
from course_lib.training import evaluate

seeds = range(5 * seed, 5 * seed + 5)
networks = [study.train("1 filter", study.FIXED, data, s, epochs=3, lr=0.01) for s in seeds]
as_drawn = [evaluate(network, data.x_valid, data.y_valid)[1] for network in networks]
plots.dots({"filters as drawn": as_drawn}, xlabel="share of validation images that are right",
           title="One filter that was drawn at random is a matter of luck")

# %% [markdown]
# Some draws are usable, others are not: where a filter gives negative numbers nearly everywhere, ReLU leaves little of the image, and no dense layer brings it back. The 94% of the question need more images, more filters, or more luck; we shall see which.

# %%
guess_fixed.against(100 * np.mean(as_drawn))

# %% [markdown]
# What would it take to train the filters? Two convolutions, two pools, and one reshape lie between the dense layers, where the error is known, and the first filter. You will write the backward pass of each, from the simplest on, and then train them all.
#
# ## Forwards, number by number
#
# A *convolution* lays a small *filter*, also called kernel, over an image, multiplies what lies on each other, sums, and writes down one number; then the filter moves on by one pixel. In the plainest code, for one image of one channel and one filter:

# %%
def slide(image, kernel):
    k, side = len(kernel), len(image) - len(kernel) + 1
    y = np.zeros((side, side))
    for p in range(side):
        for q in range(side):
            y[p, q] = np.sum(image[p : p + k, q : q + k] * kernel)
    return y

# %% [markdown]
# A real digit, made 7 × 7 pixels of 0 to 9 so that its numbers can be read, and a filter that answers where it gets darker to the right. What does it say at the left and what at the right side of the stroke?

# %%
from course_lib.widgets.backprop import FILTERS, small_digit

digit, edge = small_digit(3), np.array(FILTERS["edge to the right"])
plots.cells({"image": digit, "filter": edge, "output": slide(digit, edge)},
            title="Above 0 where it gets darker to the right, below 0 where it gets lighter")

# %% [markdown]
# With many images, channels and filters, a step from one position to the next of `stride` pixels, and zeros around the image (*padding*) so that it doesn't shrink, this becomes
#
# $$y_{n,p,q,f} = b_f + \sum_{i,j,c} x_{n,\;p s + i - t,\;q s + j - l,\;c} \; w_{i,j,c,f}$$
#
# with image $n$, row $p$ and column $q$ of the output, filter $f$, row $i$ and column $j$ of the kernel, channel $c$, stride $s$, and $t$ and $l$ zeros above and to the left; outside the image $x$ counts as 0. Shapes: $x$ (batch, height, width, channels), $w$ (kernel height, kernel width, channels, filters), $y$ (batch, rows, columns, filters).
#
# One image small enough for paper will go with us through the notebook. Framed is the first window, and the one number of the output that it makes.

# %%
x_small, w_small = np.array([[1, 2, 0], [0, 1, 3], [2, 0, 1]]), np.array([[1, 0], [2, -1]])
plots.cells({"x": x_small, "w": w_small, "y without bias": slide(x_small, w_small)},
            boxes={"x": (0, 0, 2, 2), "y without bias": (0, 0, 1, 1)}, title="Forwards: a window and a filter make a number")

# %% [markdown]
# Six nested loops in Python would take seconds for a batch. Turn them inside out: for one number of the kernel, *all* positions at once meet a shifted image, which is a slice. That leaves a loop over 9 numbers.
#
# **Exercise `conv2d`** (3 points). Return $y$ and the cache `(x, w, stride, pads)`. `paddings(x.shape[1:3], w.shape[:2], stride, padding)` gives `((top, bottom), (left, right))`, `positions(x.shape[1:3], w.shape[:2], stride, pads)` rows and columns of the output, `np.pad` adds the zeros.
#
# Worked example, drawn above without the bias: $b = 0.5$, no padding. Upper left: $1 \cdot 1 + 2 \cdot 0 + 0 \cdot 2 + 1 \cdot (-1) + 0.5 = 0.5$; in all $\begin{pmatrix}0.5&1.5\\4.5&0.5\end{pmatrix}$.

# %% tags=["exercise"]
conv2d

# %% [markdown]
# The course has the same functions, by the same names, gathered here as `library`. Its `conv2d` copies the windows into the rows of one large matrix and multiplies once (*im2col*); `conv2d_loops` is the formula, number by number.

# %%
from types import SimpleNamespace

from course_lib import conv, fast_conv, layers

library = SimpleNamespace(**vars(conv) | vars(fast_conv) | vars(layers))

# %% [markdown]
# Three ways to the same numbers, tried on two images of 9 × 8 pixels with 3 channels, 4 filters and stride 2. The order of the sums differs, so the last digits may; more than that would be a mistake.

# %%
rng = np.random.default_rng(seed)
x_try, w_try, b_try = (rng.standard_normal(shape) for shape in ((2, 9, 8, 3), (3, 3, 3, 4), (4,)))
three_ways = [conv2d(x_try, w_try, b_try, stride=2)[0], library.conv2d(x_try, w_try, b_try, stride=2)[0],
              library.conv2d_loops(x_try, w_try, b_try, stride=2)]
apart = max(np.abs(y - three_ways[2]).max() for y in three_ways)
claim("Loops, slices and one matrix product agree within 1e-12", apart < 1e-12, f"{apart:.0e} apart")

# %% [markdown]
# ## The judge
#
# Before we go backwards we need someone who tells right from wrong. The gradient says how far the loss moves when a number is moved by a little. So move it, and look: no derivation, no chance of a wrong sign, only patience.
#
# **Exercise `numerical_gradient`** (2 points). For every element of a float64 array $x$ with any number of axes
#
# $$\frac{\partial f}{\partial x_i} \approx \frac{f(x + h e_i) - f(x - h e_i)}{2h}$$
#
# where $e_i$ is 1 at element $i$ and 0 elsewhere, and $h$ is `step`. $x$ itself is left as it is. Worked example: $f(x) = x_1^3 + x_2^3$ at $(1, 2)$ with $h = 0.5$: $(1.5^3 - 0.5^3) / 1 = 3.25$ and $(2.5^3 - 1.5^3) / 1 = 12.25$; the true values are 3 and 12.

# %% tags=["exercise"]
numerical_gradient

# %% [markdown]
# How small should $h$ be? For $f(x) = \sum x^3$, ten numbers, and steps from 0.1 down to $10^{-12}$: the largest error of the numerical gradient, in float64.

# %%
point = np.random.default_rng(seed).uniform(0.5, 2, 10)
steps = np.logspace(-1, -12, 23)
errors = [np.abs(numerical_gradient(lambda v: np.sum(v**3), point, step=h) - 3 * point**2).max() for h in steps]
plots.lines({"largest error": np.array(errors)}, x=np.log10(steps), xlabel="power of ten of the step h", ylabel="error",
            log=True, title="Too large a step is inexact, too small a one drowns in rounding")

# %% [markdown]
# To the right the error falls with $h^2$, as promised: the terms of the Taylor series that were left out. To the left it grows with $1/h$: $f$ is known to 16 digits, and the difference of two nearly equal numbers has fewer. Between them lies $10^{-5}$ or so.

# %%
at = dict(zip(np.round(np.log10(steps), 1), errors, strict=True))
claim("From h = 0.1 to 0.01 the error falls to about a hundredth, and at 1e-12 it is larger than at 1e-5",
      0.005 < at[-2.0] / at[-1.0] < 0.02 and at[-12.0] > at[-5.0], f"{at[-1.0]:.0e}, {at[-2.0]:.0e}, {at[-5.0]:.0e}, {at[-12.0]:.0e}")

# %% [markdown]
# `relative_error` compares a gradient with the judge's: $L = \sum r \cdot y$ with random numbers $r$ stands for whatever loss comes above, so that $\partial L / \partial y = r$. Below $10^{-6}$ a gradient is right.

# %%
def relative_error(gradient, f, x):
    judged = numerical_gradient(f, x)
    return np.linalg.norm(gradient - judged) / (np.linalg.norm(gradient) + np.linalg.norm(judged))

y_try, cache_try = conv2d(x_try, w_try, b_try, stride=2)
r = rng.standard_normal(y_try.shape)

# %% [markdown]
# ## Backwards: the bias
#
# Given is the error of every output, $\delta = \partial L / \partial y$, as the layers above pass it down. A bias was added at every position of every image. Move it by a little, and all of them move.
#
# $$\frac{\partial L}{\partial b_f} = \sum_{n,p,q} \delta_{n,p,q,f}$$
#
# The errors of the small example, as some layer above might pass them down: one for each number of y.

# %%
dy_small = np.array([[1, 0], [0, 2]])
plots.cells({"dy": dy_small, "db": np.array([[3]])}, boxes={"dy": (0, 0, 2, 2)}, title="The bias has a part in every number of y")

# %% [markdown]
# **Exercise `conv2d_backward_bias`** (1 point). Given dy of shape (batch, rows, columns, filters), return db of shape (filters,). Worked example, drawn above: $1 + 0 + 0 + 2 = 3$.

# %% tags=["exercise"]
conv2d_backward_bias

# %% [markdown]
# ## Backwards: the filter
#
# At position $p, q$ the filter's number $w_{i,j}$ met one pixel. Move $w_{i,j}$ by a little, and this output moves by that pixel, as all others do by the pixels that they met. So each pixel counts with the error of its position:
#
# $$\frac{\partial L}{\partial w_{i,j,c,f}} = \sum_{n,p,q} x_{n,\;p s + i - t,\;q s + j - l,\;c} \; \delta_{n,p,q,f}$$
#
# Look at it from afar: the image slides under the errors as it slid under the filter. The filter's gradient is a convolution of image and errors.
#
# In the small example: framed in x is everything that the filter's upper left number met, and in dw its gradient.

# %%
plots.cells({"x": x_small, "dy": dy_small, "dw": np.array([[3, 8], [0, 3]])},
            boxes={"x": (0, 0, 2, 2), "dy": (0, 0, 2, 2), "dw": (0, 0, 1, 1)}, title="The filter: what it met, times the errors")

# %% [markdown]
# **Exercise `conv2d_backward_filters`** (3 points). Given dy and the cache `(x, w, stride, pads)`, return dw in the shape of w. Worked example, drawn above: upper left $1 \cdot 1 + 2 \cdot 0 + 0 \cdot 0 + 1 \cdot 2 = 3$; in all $\begin{pmatrix}3&8\\0&3\end{pmatrix}$.

# %% tags=["exercise"]
conv2d_backward_filters

# %% [markdown]
# ## Backwards: the image
#
# What lies below the first convolution is the image, which isn't trained. But the second convolution has the first below it, which has to know. One pixel lay under up to nine windows, and met another number of the filter in each:
#
# $$\frac{\partial L}{\partial x_{n,u,v,c}} = \sum_{i,j,f} \delta_{n,p,q,f} \; w_{i,j,c,f} \qquad \text{for all } p, q \text{ with } u = p s + i - t,\; v = q s + j - l$$
#
# The simplest way is to undo what forward did, in the same order: forward *took* a shifted image for each number of the filter, backward *puts back* the errors, times that number, in the same places, and sums what comes together. Then the zeros are cut off.
#
# In the small example: the last error, 2, goes back through the filter to the window that it came from.

# %%
plots.cells({"dy": dy_small, "w": w_small, "dx": np.array([[1, 0, 0], [2, 1, 0], [0, 4, -2]])},
            boxes={"dy": (1, 1, 1, 1), "dx": (1, 1, 2, 2)}, title="The image: errors times the filter, put back and summed")

# %% [markdown]
# **Exercise `conv2d_backward_input`** (4 points). Given dy and the cache, return dx in the shape of x. Worked example, drawn above: the error 1 puts $\begin{pmatrix}1&0\\2&-1\end{pmatrix}$ into the upper left, the error 2 twice that into the lower right, and where they overlap they add: $\begin{pmatrix}1&0&0\\2&1&0\\0&4&-2\end{pmatrix}$.

# %% tags=["exercise"]
conv2d_backward_input

# %% [markdown]
# Does the judge agree with all three? It moves each of the 432 + 108 + 4 numbers up and down, and after each move runs your forward pass: in all 1,088 of them. `total` is the loss as a function of one of its three arguments, the other two as they are.

# %%
def total(x=x_try, w=w_try, b=b_try):
    return float(np.sum(r * conv2d(x, w, b, stride=2)[0]))

off = {"bias": relative_error(conv2d_backward_bias(r), lambda b: total(b=b), b_try),
       "filters": relative_error(conv2d_backward_filters(r, cache_try), lambda w: total(w=w), w_try),
       "images": relative_error(conv2d_backward_input(r, cache_try), lambda x: total(x=x), x_try)}
claim("The three gradients of the convolution are right: relative errors below 1e-7", max(off.values()) < 1e-7,
      ", ".join(f"{name} {error:.0e}" for name, error in off.items()))

# %% [markdown]
# A sentence that is often read: *backwards, a convolution is a convolution with the filter turned over*. At stride 1 it is the same as putting back. Seen from the pixel, the window in which it met $w_{i,j}$ lies $i$ rows *above*: the order is reversed. Which of the two is it, turned or not?

# %%
y_one, cache_one = conv2d(x_try, w_try, b_try)
errors_one = rng.standard_normal(y_one.shape)
right_dx = conv2d_backward_input(errors_one, cache_one)
as_it_is, turned = (conv2d(errors_one, kernel.swapaxes(2, 3), np.zeros(3))[0]
                    for kernel in (w_try, w_try[::-1, ::-1]))
claim("Turned over, with channels and filters exchanged, it is the gradient; as it is, it is more than 50% off",
      np.abs(turned - right_dx).max() < 1e-12 and np.linalg.norm(as_it_is - right_dx) > 0.5 * np.linalg.norm(right_dx),
      f"{np.abs(turned - right_dx).max():.0e} and {np.linalg.norm(as_it_is - right_dx) / np.linalg.norm(right_dx):.0%}")

# %% [markdown]
# ## Explore it yourself
#
# Step by step, on a digit of 7 × 7 pixels: the window, the error of its position, and what has been added so far to the filter's gradient and to the image's. So that there is an error, the loss is $\frac12 \sum \max(y, 0)^2$: it wants all outputs to be at most 0, and its error is $y$ where $y$ is above. First a strip that stands still: after 3, after 8 and after all 25 positions.

# %%
from course_lib.widgets.backprop import backprop_explorer, backprop_strip

backprop_strip()

# %% [markdown]
# The same with controls; the button with the triangle goes through all positions. **Try this:**
#
# 1. Filter "one corner". What does the image's gradient look like in the end, compared with the error?
# 2. Stay with it, and look at the filter's gradient: which of its nine numbers is the error-weighted sum of which part of the image?
# 3. "Edge below", position by position: when does a step change neither gradient?
#
# <details><summary>What we found</summary>1. The error itself, in the upper left of the image: each error went to the pixel that met the corner. 2. Each is the sum over a part of 5 × 5 pixels, shifted by its row and column, times the errors. 3. Where the output was negative: its error is 0, and such a position has no say.</details>

# %%
explorer = backprop_explorer()
explorer

# %% [markdown]
# ## Backwards through a pool
#
# A 2 × 2 pool keeps the largest of four numbers. Only that one moves the output, so it gets the whole error, and the other three nothing. In the example the right half is framed; three of its numbers are equally large.

# %%
plots.cells({"x": np.array([[1, 5, 2, 2], [3, 0, 2, 1]]), "dy": np.array([[10, 20]]),
             "dx": np.array([[0, 10, 20, 0], [0, 0, 0, 0]])},
            boxes={"x": (0, 2, 2, 2), "dy": (0, 1, 1, 1), "dx": (0, 2, 2, 2)}, title="A pool: the error goes to one of four")

# %% [markdown]
# **Exercise `max_pool2d_backward`** (3 points). Given dy, what was pooled, x, and size, return the tuple `(dx,)`. Windows of size × size tile x from the upper left corner; what doesn't fill a window gets 0. Of several equally large numbers the *first*, row by row, gets the error.
#
# Worked example, drawn above: of 1, 5, 3, 0 the 5 gets the error 10; of 2, 2, 2, 1 the first 2 gets 20.

# %% tags=["exercise"]
max_pool2d_backward

# %% [markdown]
# Why does it matter who gets it when several are equally large? Equal numbers seem an accident. They aren't: behind ReLU whole windows are 0, and where an image is all background, a convolution gives the same number everywhere. In how many windows of the first pool are there ties, with a filter as it is drawn?

# %%
from course_lib.datasets import MNIST_MEAN, MNIST_STD, standardize
from course_lib.initializers import he_normal

def images(x):
    return standardize(x[..., np.newaxis], MNIST_MEAN, MNIST_STD)

kernel = he_normal((3, 3, 1, 1), np.random.default_rng(seed))
z, _ = library.conv2d(images(data.x_valid[:500]), kernel, np.zeros(1, np.float32))
windows = np.maximum(z, 0).reshape(500, 14, 2, 14, 2)
tied = np.mean((windows == windows.max(axis=(2, 4), keepdims=True)).sum(axis=(2, 4)) > 1)
print(f"{tied:.0%} of all windows have more than one largest number")

# %% [markdown]
# If each of the equal ones got the whole error, four errors would go down where one came. In windows of zeros nobody would see it, since ReLU's slope is 0 there; in windows of background the filter's gradient would be four times too large. And the judge can't decide: at a tie the maximum has a kink, and no gradient.

# %%
flat = np.zeros((1, 2, 2, 1))
judged = numerical_gradient(lambda v: float(library.max_pool2d(v)[0].sum()), flat)
ours = max_pool2d_backward(np.ones((1, 1, 1, 1)), flat)[0]
claim("At a window of zeros the judge says ½ four times, and the rule gives 1 to the first alone",
      np.allclose(judged, 0.5) and ours.ravel().tolist() == [1, 0, 0, 0], f"{judged.ravel()} and {ours.ravel()}")

# %% [markdown]
# ## Backwards through the reshape
#
# Between the last pool and the first dense layer, 7 × 7 × channels numbers become a row. Nothing is computed, so nothing has to be derived; each error goes back to the place that its number came from. All that can go wrong is the order.
#
# **Exercise `flatten_backward`** (1 point). Given dy (batch, features) and x's shape, return `(dx,)`. Worked example: the row 0, 1, …, 7 with the shape (1, 2, 2, 2) gives the pixels (0, 1), (2, 3) in the first row, (4, 5), (6, 7) in the second, each with two channels.

# %% tags=["exercise"]
flatten_backward

# %% [markdown]
# ## The whole way
#
# All pieces are there; now the network, with the shape of what each layer gives for one image. $f$ is the number of filters of a convolution, in the question one. The loss is to the lower left, the first filter to the upper left: seven arrows lie between them.

# %%

plots.graph(*plots.CONV_NETWORK, title="Backwards against all arrows: the first filters lie farthest from the loss")

# %% [markdown]
# The weights by name, drawn by He's rule (notebook 02), with biases of 0. Convolutions keep height and width, pools halve them, so 7 × 7 × filters numbers reach the dense layers.

# %%
from course_lib.layers import dense, dense_backward, flatten

def draw(filters, rng):
    shapes = {"conv1/w": (3, 3, 1, filters), "conv2/w": (3, 3, filters, filters),
              "dense/w": (49 * filters, 49), "out/w": (49, 10)}
    weights = {name: he_normal(shape, rng) for name, shape in shapes.items()}
    return weights | {name.replace("/w", "/b"): np.zeros(shape[-1], np.float32) for name, shape in shapes.items()}

# %% [markdown]
# Forwards: convolution, ReLU and pool, twice; then the image becomes a row, and two dense layers follow. `by` says whose functions compute, the library's or yours. What each function remembers is kept, for the way back.

# %%
def forward(v, x, by=library):
    convs = []
    for name in ("conv1", "conv2"):
        z, cache = by.conv2d(x, v[f"{name}/w"], v[f"{name}/b"])
        x, pool = by.max_pool2d(np.maximum(z, 0))
        convs.append((name, z, cache, pool))
    rows, shape = flatten(x)
    z, below = dense(rows, v["dense/w"], v["dense/b"])
    logits, above = dense(np.maximum(z, 0), v["out/w"], v["out/b"])
    return logits, (convs, shape, below, z, above)

# %% [markdown]
# Backwards as far as the question had come: through the two dense layers. What the lower one passes down is an error for each of the 49 numbers below it. Whoever leaves the filters alone throws it away.

# %%
def dense_gradients(dlogits, caches):
    _, _, below, z, above = caches
    dh, dw_out, db_out = dense_backward(dlogits, above)
    rows_error, dw, db = dense_backward(dh * (z > 0), below)
    return rows_error, {"dense/w": dw, "dense/b": db, "out/w": dw_out, "out/b": db_out}

# %% [markdown]
# And the rest of the way, in the reverse order of forward: reshape, then pool, ReLU and convolution, twice. ReLU passes an error where its input was above 0. The first convolution passes nothing down: below it is the image.

# %%
def all_gradients(v, dlogits, caches, by=library):
    dx, grads = dense_gradients(dlogits, caches)
    convs, shape, *_ = caches
    (dx,) = by.flatten_backward(dx, shape)
    for name, z, cache, pool in reversed(convs):
        dz = by.max_pool2d_backward(dx, pool)[0] * (z > 0)
        grads |= {f"{name}/w": by.conv2d_backward_filters(dz, cache), f"{name}/b": by.conv2d_backward_bias(dz)}
        dx = by.conv2d_backward_input(dz, cache) if name == "conv2" else None
    return grads

# %% [markdown]
# Here are yours, gathered under the same names, so that they can stand for the library's. One difference is bridged: your pool's backward pass wants what was pooled, the library's remembers which number won.

# %%
by_hand = SimpleNamespace(
    conv2d=conv2d, conv2d_backward_bias=conv2d_backward_bias, conv2d_backward_filters=conv2d_backward_filters,
    conv2d_backward_input=conv2d_backward_input, flatten_backward=flatten_backward,
    max_pool2d=lambda x: (library.max_pool2d(x)[0], x), max_pool2d_backward=max_pool2d_backward)

# %% [markdown]
# The judge's last word, on the network as a whole: three images, two filters a convolution, in float64. First your gradients, from the loss all the way down. Their shapes are those of the weights.

# %%
from course_lib.losses import softmax_cross_entropy

v64 = {name: w.astype(np.float64) for name, w in draw(2, np.random.default_rng(seed)).items()}
x64, y64 = images(data.x_train[:3]).astype(np.float64), data.y_train[:3]
logits, caches = forward(v64, x64, by_hand)
dlogits = softmax_cross_entropy(logits, y64)[1]
print({name: grad.shape for name, grad in all_gradients(v64, dlogits, caches, by_hand).items()})

# %% [markdown]
# The network has thousands of weights; five of each array, drawn at random, will do. The judge moves them up and down, and compares with the same five of the gradient.

# %%
def judged(name, gradient, rng):
    picks = rng.permutation(gradient.size)[:5]

    def loss_with(values):
        w = v64[name].copy()
        w.flat[picks] = values
        return softmax_cross_entropy(forward(v64 | {name: w}, x64)[0], y64)[0]

    return relative_error(gradient.flat[picks], loss_with, v64[name].flat[picks])

# %% [markdown]
# An array's gradient can be right although the one below it is wrong, so look at all of them. The first filter has the longest way behind it: every part of the backward pass has touched its error.

# %%
def verdicts(by):
    grads, rng = all_gradients(v64, dlogits, caches, by), np.random.default_rng(seed)
    return {name: judged(name, grads[name], rng) for name in ("out/w", "dense/w", "conv2/w", "conv1/w")}

off = verdicts(by_hand)
claim("From the loss down to the first filter all gradients are right: relative errors below 1e-5",
      max(off.values()) < 1e-5, ", ".join(f"{name} {error:.0e}" for name, error in off.items()))

# %% [markdown]
# ### Debug lab
#
# Two colleagues wrote one part each by themselves. Both parts look plausible, give the right shapes, and raise no error. Each has one fault. Can you see it? If not, read on: you have a tool that doesn't get tired.

# %%
def reshape_of_a(dx, shape):
    return (dx.reshape(shape[0], shape[3], shape[1], shape[2]).transpose(0, 2, 3, 1),)

def input_of_b(dy, cache):
    w = cache[1].swapaxes(2, 3)
    return library.conv2d(dy, w, np.zeros(w.shape[3], dy.dtype))[0]

colleagues = {"A": SimpleNamespace(**vars(by_hand) | {"flatten_backward": reshape_of_a}),
              "B": SimpleNamespace(**vars(by_hand) | {"conv2d_backward_input": input_of_b})}

# %% [markdown]
# The judge, array by array, from the output down. The first array whose gradient is wrong says where to look: between it and the one above. Which part of the way lies there, for A and for B?

# %%
found = {name: verdicts(by) for name, by in colleagues.items()}
for name, errors in found.items():
    print(name, "   ".join(f"{array} {error:.0e}" for array, error in errors.items()))
claim("The judge is off by more than 10% from A in both convolutions, from B in the first alone",
      min(found["A"]["conv2/w"], found["A"]["conv1/w"], found["B"]["conv1/w"]) > 0.1 and found["B"]["conv2/w"] < 1e-5,
      f"{found['A']['conv2/w']:.0%} and {found['A']['conv1/w']:.0%}, {found['B']['conv1/w']:.0%}")

# %%
quiz("patient-08")

# %% [markdown]
# A: the row holds all channels of the first pixel, then of the second, and A puts it back channel by channel. B: the kernel isn't turned over. Would the accuracy have told you? Four filters a convolution, twice through 5,000 images: how much does B's fault cost? Before you run it:

# %%
guess_bug = predict("fault", "Points of accuracy that B's fault costs:", low=0, high=50, unit="points")
guess_bug

# %% [markdown]
# To see it we need training. One step: forward, the loss, the gradients, and a step of Adam (notebook 05) for every array that has a gradient. What has none stays as it is: that is how filters are kept as they were drawn.

# %%
from course_lib.optimizers import adam, update

def adam_step(v, states, gradients, x, y, lr, by):
    logits, caches = forward(v, x, by)
    grads = gradients(v, softmax_cross_entropy(logits, y)[1], caches, by)
    moved, states = update(adam, {name: v[name] for name in grads}, grads, states, lr=lr)
    return v | moved, states

# %% [markdown]
# And many steps: batches of 50 images, three times through all of them or as often as `epochs` says, with a learning rate that falls from 0.01 to 0 along a cosine (notebook 05). It is what `study.train` did in the beginning.

# %%
from course_lib.schedules import cosine_decay

def learn(v, gradients, x, y, rng, by=library, epochs=3):
    states, total = {}, epochs * len(x) // 50
    batches = (batch for _ in range(epochs) for batch in minibatches(x, y, 50, rng))
    for step, (some, labels) in enumerate(batches):
        lr = cosine_decay(step, lr=0.01, decay_steps=total)
        v, states = adam_step(v, states, gradients, some, labels, lr, by)
    return v

# %% [markdown]
# `right` says what share of the 2,000 validation images a network gets right: those whose largest logit is that of their class. They take no part in training.

# %%
x_train, x_valid = images(data.x_train), images(data.x_valid)

def right(v):
    return np.mean(forward(v, x_valid)[0].argmax(axis=1) == data.y_valid)

# %% [markdown]
# `trained` draws a network and trains it on the 5,000 images. For one draw `s` the weights in the beginning and the order of the images are the same, whatever is trained and with whose functions.

# %%
def trained(filters, s, gradients=all_gradients, by=library, epochs=3):
    return learn(draw(filters, np.random.default_rng(s)), gradients, x_train, data.y_train,
                 np.random.default_rng(1000 + s), by, epochs)

# %% [markdown]
# Four ways to train: the dense layers alone, everything with A's fault or B's, and everything right. The faults are planted into the library's functions here, which are quicker than ours.

# %%
def as_drawn_only(v, dlogits, caches, by):
    return dense_gradients(dlogits, caches)[1]

def faulty(name, part):
    return SimpleNamespace(**vars(library) | {part: getattr(colleagues[name], part)})

ways = {"filters as drawn": (as_drawn_only, library), "A's fault": (all_gradients, faulty("A", "flatten_backward")),
        "B's fault": (all_gradients, faulty("B", "conv2d_backward_input")), "all right": (all_gradients, library)}

# %% [markdown]
# Three draws of each, the same three for all four ways. All of one way's runs are dots in one row, the bar is their mean. What would you expect of a network whose filters get wrong gradients?

# %%
four = {name: [right(trained(4, s, gradients, by, epochs=2)) for s in list(seeds)[:3]]
        for name, (gradients, by) in ways.items()}
plots.dots(four, xlabel="share of validation images that are right",
           title="With wrong gradients a network learns all the same")

# %% [markdown]
# With A's fault both filters are misled. Mostly they do as well as if they stood still, since one random filter is as good as another; now and then they wander to where nothing passes. With B's only the first convolution is misled, and nobody would suspect it. A loss that falls proves nothing about gradients. The judge found both faults on three images.

# %%
mean = {name: 100 * np.mean(shares) for name, shares in four.items()}
claim("B's fault costs less than 4 points; with A's, training is worth at most 3 points more than filters as drawn",
      mean["all right"] - mean["B's fault"] < 4 and mean["A's fault"] < mean["filters as drawn"] + 3,
      ", ".join(f"{name} {share:.1f}%" for name, share in mean.items()))

# %%
guess_bug.against(mean["all right"] - mean["B's fault"])

# %% [markdown]
# ### The way of one error, drawn
#
# One image, one filter a convolution, and the error of the loss on its way down from the 49 numbers below the dense layer. First the layers that it passes through, forwards; then the way itself, which is the loop of `all_gradients` with every step kept.

# %%
v1 = draw(1, np.random.default_rng(seed))
logits, caches = forward(v1, images(data.x_train[:1]))
dx, _ = dense_gradients(softmax_cross_entropy(logits, data.y_train[:1])[1], caches)
way = {"49 errors": (dx := dx.reshape(1, 7, 7, 1))}
for name, z, cache, pool in reversed(caches[0]):
    way[f"{name}, before pool"] = dx = library.max_pool2d_backward(dx, pool)[0]
    way[f"{name}, before ReLU"] = dx = dx * (z > 0)
    if name == "conv2":
        way["below conv2"] = dx = library.conv2d_backward_input(dx, cache)

# %% [markdown]
# Last comes the gradient of the first filter: the image, shifted to nine places, times the errors of the last grid. Which steps lose something on the way, and which only move it?

# %%
shown = {"image": data.x_train[0] / 255} | {label: array[0, :, :, 0] for label, array in way.items()}
shown["first filter's gradient"] = library.conv2d_backward_filters(dx, cache)[:, :, 0, 0]
plots.cells(shown, title="From 49 errors to nine numbers")

# %% [markdown]
# A pool spreads: each error goes to one of four places, three stay empty. ReLU deletes where the output was 0. The convolution smears each error over nine pixels, as its filter says. And the first filter's gradient sums all 784 positions into nine numbers: that is how the error of 49 units gets into a filter of 3 × 3.
#
# ## Do trained filters help?
#
# The question from the beginning, and now we can answer it. One filter a convolution again, and the five draws of the beginning; the same images in the same order, the same number of steps. The only difference is whether the filters move.

# %%
guess_gain = predict("gain", "Points that training two filters of nine numbers gains, mean of five draws:",
                     low=-20, high=80, unit="points")
guess_gain

# %% [markdown]
# Each draw is trained twice, from the same numbers: once the dense layers alone, once everything. So each dot of the upper row has its partner in the lower one, and their distance is what trained filters gained.

# %%
one = {"filters as drawn": [right(trained(1, s, as_drawn_only)) for s in seeds],
       "filters trained": [right(trained(1, s)) for s in seeds]}
plots.dots(one, xlabel="share of validation images that are right", title="Twenty numbers more that learn")

# %% [markdown]
# Two filters and two biases are 20 of 2,970 numbers. Where the draw was bad they make all the difference, where it was good little: look at the pairs. Single pairs may go the other way; the mean doesn't.

# %%
gain = 100 * (np.array(one["filters trained"]) - one["filters as drawn"])
plots.dots({"trained − as drawn": gain}, xlabel="points gained, a dot a draw", reference=(0, "no gain"), decimals=1,
           title="A bad draw gains much, a good one little")

# %% [markdown]
# So to the question: does it pay to send the error all the way down? Over five draws the mean gain is above 0. Every single gain stands in the evidence below, in the order of the draws.

# %%
claim("Training the filters gains in the mean of five draws", gain.mean() > 0, ", ".join(f"{points:+.1f}" for points in gain))
worst, best = np.argmin(one["filters as drawn"]), np.argmax(one["filters as drawn"])
claim("The worst draw gains more than the best", gain[worst] > gain[best], f"{gain[worst]:+.1f} against {gain[best]:+.1f} points")

# %% [markdown]
# Is this the network of the beginning? It was built from the library's layers, this one from functions in dictionaries. The numbers that were drawn and the order of the images are the same, so the results should be, but for rounding.

# %%
same = np.abs(np.array(one["filters as drawn"]) - as_drawn).max()
claim("With filters as drawn each network is within half a point of the library's in the beginning", same < 0.005, f"{same:.2%}")

# %%
guess_gain.against(gain.mean())

# %% [markdown]
# Is it your code that learns there? For speed the runs above used the library's functions. Forty steps with yours, from the same draw and on the same images, must end in the same place. In double precision, for a reason that we shall meet again.

# %%
ends = []
for by in (library, by_hand):
    v = {name: w.astype(np.float64) for name, w in draw(2, np.random.default_rng(seed)).items()}
    ends.append(learn(v, all_gradients, x_train[:2000].astype(np.float64), data.y_train[:2000],
                      np.random.default_rng(seed), by, epochs=1))

# %% [markdown]
# The largest difference of any two weights, and how far the first filters have come from where they were drawn; without the second the first would be worth little.

# %%
apart = max(np.abs(ends[0][name] - ends[1][name]).max() for name in ends[0])
moved = np.abs(ends[1]["conv1/w"] - draw(2, np.random.default_rng(seed))["conv1/w"]).max()
claim("With your functions the same weights are learned within 1e-8, and the first filters have moved by more than 0.01",
      apart < 1e-8 and moved > 0.01, f"{apart:.0e} apart, moved by {moved:.2f}")

# %% [markdown]
# ### More filters
#
# All 55,000 images, five epochs, five draws: stored, since that takes an hour. One, eight and sixteen filters a convolution, each as drawn and trained; and a wider network of 32 and 64 filters and 128 units. From how many filters on does it matter little that they aren't trained?

# %%
from course_lib.studies import load

rows = load(study.STUDY)
test = {(n, f): [row["test_accuracy"] for row in rows if (row["network"], row["filters"]) == (n, f)]
        for n in study.FILTERS for f in (study.FIXED, study.TRAINED)}
plots.dots({f"{n}, {f}": shares for (n, f), shares in test.items()}, xlabel="share of test images that are right",
           title="More filters need less luck, and training helps them all")

# %% [markdown]
# With one filter the draw decides, and none of five reaches the 94% of the question; with eight there is always something of use among them, and the dense layers find it. That is why drawn filters work at all. Training them is worth half a point or more even with the widest network, and a network with one filter needs it most.

# %%
means = {key: 100 * np.mean(shares) for key, shares in test.items()}
worth = {n: means[n, study.TRAINED] - means[n, study.FIXED] for n in study.FILTERS}
claim("Trained filters are better with every number of filters, and gain most where there is one",
      min(worth.values()) > 0 and worth["1 filter"] == max(worth.values()),
      ", ".join(f"{n} {points:+.1f}" for n, points in worth.items()))
claim("The wider network gets at least 99% of the test images right in the mean", means[study.WIDE, study.TRAINED] >= 99,
      f"{means[study.WIDE, study.TRAINED]:.2f}%")

# %% [markdown]
# Stored numbers are to be believed only if they can be made again. One of the runs, here and now, with the seed of this notebook: one filter, trained, on all images.

# %%
whole = load_mnist()
again = study.train("1 filter", study.TRAINED, whole, seed % 5)

# %% [markdown]
# Its test accuracy, beside the one that is stored for this draw. On another processor sums are rounded differently, and after 5,500 steps a few images are judged differently; a whole point would be a different experiment.

# %%
_, live = evaluate(again, whole.x_test, whole.y_test)
stored = test["1 filter", study.TRAINED][seed % 5]
claim("The live run is within 1 point of the stored one", abs(live - stored) < 0.01, f"{live:.1%}, stored {stored:.1%}")

# %% [markdown]
# ## What they have learned
#
# The four first filters of a network with four a convolution, as they were drawn and after training, with all their numbers. Nine numbers leave little room for a picture. Look for what has changed: do any of them look like an edge, a stroke, a corner?

# %%
before_after = {"before": draw(4, np.random.default_rng(seed)), "after": trained(4, seed)}
before, after = (v["conv1/w"] for v in before_after.values())
moved = np.linalg.norm(after - before) / np.linalg.norm(before)
plots.cells({f"{when} {f + 1}": v["conv1/w"][:, :, 0, f] for when, v in before_after.items() for f in range(4)},
            title=f"Training moved the four filters by {moved:.0%} of their size", limit=1)

# %% [markdown]
# And what they make of a digit: the maps behind the first ReLU, before and after training, each with its own scale. Blue is a large number, white is 0. Which maps say more about the digit than before, and which fell silent where nothing is drawn?

# %%
def maps_of(v):
    z, _ = library.conv2d(x_valid[:1], v["conv1/w"], v["conv1/b"])
    return np.maximum(z, 0)[0]

# %% [markdown]
# Above are the maps of the filters as they were drawn, below those of the trained ones, for the same digit. The title counts how many of all numbers ReLU has let through, before and after.

# %%
alive = [np.mean(maps_of(v) > 0) for v in before_after.values()]
plots.cells({f"{when} {f + 1}": maps_of(v)[:, :, f] for when, v in before_after.items() for f in range(4)},
            title=f"Above 0 before training: {alive[0]:.0%} of these numbers, after: {alive[1]:.0%}")

# %% [markdown]
# ## The same in TensorFlow
#
# Now TensorFlow may come. The same network, from the same draw, on the same batches, with plain gradient descent, so that nothing but the gradients matters: a hundred steps. What took seven exercises is one line there, `tape.gradient`.

# %%
import tensorflow as tf

def tf_forward(v, x):
    for name in ("conv1", "conv2"):
        x = tf.nn.max_pool2d(tf.nn.relu(tf.nn.conv2d(x, v[f"{name}/w"], 1, "SAME") + v[f"{name}/b"]), 2, 2, "VALID")
    h = tf.nn.relu(tf.reshape(x, (len(x), -1)) @ v["dense/w"] + v["dense/b"])
    return h @ v["out/w"] + v["out/b"]

# %% [markdown]
# A step in TensorFlow: the loss under a tape, which records what is computed; the gradients of all variables, which it works out backwards; and a step of 0.05 against them. No derivative is written anywhere.

# %%
@tf.function
def tf_step(v, x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, tf_forward(v, x)))
    for name, grad in tape.gradient(loss, v).items():
        v[name].assign_sub(0.05 * grad)
    return loss

# %% [markdown]
# And ours, line for line beside it: forward, the loss, all gradients, the same step. Here the caches do what the tape did there, and `all_gradients` is written out.

# %%
def step(v, x, y, by=library):
    logits, caches = forward(v, x, by)
    loss, dlogits = softmax_cross_entropy(logits, y)
    for name, grad in all_gradients(v, dlogits, caches, by).items():
        v[name] = v[name] - 0.05 * grad
    return loss

# %% [markdown]
# A hundred steps of 50 images each: both programs begin with the same draw of eight filters a convolution and see the same batches; they share nothing else. `dtype` says with how many digits they compute.

# %%
batches = [(x_train[i : i + 50], data.y_train[i : i + 50].astype(np.int32)) for i in range(0, 5000, 50)]

def hundred_steps(dtype):
    ours = {name: w.astype(dtype) for name, w in draw(8, np.random.default_rng(seed)).items()}
    theirs = {name: tf.Variable(w) for name, w in ours.items()}
    losses = [(step(ours, x.astype(dtype), y), tf_step(theirs, x.astype(dtype), y).numpy()) for x, y in batches]
    return np.array(losses).T, ours, {name: v.numpy() for name, v in theirs.items()}

# %% [markdown]
# First in double precision, 16 digits. Rounding differs from the first step on, and every step builds on the one before. How far apart are the losses on the way?

# %%
losses, ours, theirs = hundred_steps(np.float64)
plots.lines({"NumPy": losses[0], "TensorFlow": losses[1]}, x=np.arange(1, 101), xlabel="step", ylabel="loss",
            title="A hundred steps: the two curves are one")

# %% [markdown]
# One curve hides the other. But a loss is one number a step, and the weights are thousands: take the one of them in which the programs differ most.

# %%
def apart(one, other):
    return max(np.abs(one[name] - other[name]).max() for name in one)

claim("After a hundred steps all weights equal TensorFlow's within 1e-10, and the first filters have moved by more than 0.01",
      apart(ours, theirs) < 1e-10 and np.abs(ours["conv1/w"] - draw(8, np.random.default_rng(seed))["conv1/w"]).max() > 0.01,
      f"{apart(ours, theirs):.0e} apart")

# %% [markdown]
# And in single precision, in which networks are trained? Many draws end within $10^{-6}$. In some a sum lies so close to 0 that rounding decides whether ReLU lets it pass, or two numbers of a pool are so close that rounding chooses the winner. From there on the programs go different ways, both right. Here:

# %%
_, ours, theirs = hundred_steps(np.float32)
print(f"in single precision {apart(ours, theirs):.0e} apart")

# %% [markdown]
# ## Where the time goes
#
# A forward pass through a convolution of 8 filters, for ten images: the loops of the formula, your slices, the library's matrix product, TensorFlow. Each in turn on this machine, five rounds. Which factor lies between the first and the last?

# %%
from course_lib.measuring import nanoseconds

ten, kernel, bias = x_train[:10], ours["conv1/w"], ours["conv1/b"]
tf_conv = tf.function(lambda x: tf.nn.conv2d(x, kernel, 1, "SAME") + bias)
calls = {"loops": lambda x: library.conv2d_loops(x, kernel, bias), "your slices": lambda x: conv2d(x, kernel, bias),
         "matrix product": lambda x: library.conv2d(x, kernel, bias), "TensorFlow": tf_conv}
times = {name: found * ten.size / 1e6 for name, found in nanoseconds(calls, ten, rounds=5).items()}
plots.dots(times, xlabel="ms for ten images", log=True, each="round",
           title=f"The matrix product is {times['loops'].min() / times['matrix product'].min():.0f} times as fast as loops")

# %% [markdown]
# The formula's loops call Python for every number; slices call it nine times, and the matrix product once. The arithmetic is the same each time. The same as a table, the quickest round of each:

# %%
best = {name: found.min() for name, found in times.items()}
for name, ms in best.items():
    print(f"{name:15} {ms:8.2f} ms   {best['loops'] / ms:6.0f} times as fast as loops")

# %% [markdown]
# Now a whole step of training with 50 images, ours and TensorFlow's. To see where the time goes in ours, every function is wrapped in a stopwatch: `by` takes any functions of these names.

# %%
from collections import Counter
from time import perf_counter

def stopwatch(name, spent):
    def timed(*args):
        start = perf_counter()
        result = getattr(library, name)(*args)
        spent[name] += perf_counter() - start
        return result
    return timed

# %% [markdown]
# All functions of `by_hand` have their counterpart in the library; each of those gets a stopwatch of its own, and TensorFlow's variables get our weights as they are now.

# %%
spent = Counter()
watched = SimpleNamespace(**vars(library) | {name: stopwatch(name, spent) for name in vars(by_hand)})
variables = {name: tf.Variable(w) for name, w in ours.items()}
calls = {"NumPy": lambda x, y: step(ours, x, y, watched), "TensorFlow": lambda x, y: tf_step(variables, x, y)}

# %% [markdown]
# Thirty steps of each, in turn, in milliseconds a step. What is left over between a step of ours and its parts are the dense layers, ReLU, the loss, and the update. Which part takes most, and is it the one you would make faster first?

# %%
for x, y in batches[:30]:
    for name, call in calls.items():
        start = perf_counter()
        call(x, y)
        spent[f"a step, {name}"] += perf_counter() - start
print(*(f"{name:26} {1000 * seconds / 30:6.2f} ms" for name, seconds in spent.most_common()), sep="\n")

# %% [markdown]
# ## What to remember
#
# 1. Each use of a number passes its error on, and they add up: over positions and images for filters, over windows for pixels.
# 2. The filter's gradient: what it met times the errors. The image's: the errors times the filter, put back.
# 3. A pool hands the error to the largest, a reshape back to the same place, ReLU to what was above 0.
# 4. Check with differences, in float64, away from kinks; equality with a framework is the second judge.
# 5. Drawn filters can do, if there are many; one that ReLU silences can't be mended above it.
#
# **Today.** Nobody writes these loops for use: libraries choose among matrix products, Winograd's and Fourier's ways by the shapes. Kernels of 3 × 3 stay the rule; depthwise convolutions apply one filter to each channel and mix the channels by 1 × 1; vision transformers begin with a convolution whose stride is its size. Random filters that aren't trained live on as a baseline.
#
# **To read.** Y. LeCun et al., *Backpropagation applied to handwritten zip code recognition*, 1989, and *Gradient-based learning applied to document recognition*, 1998. V. Dumoulin, F. Visin, *A guide to convolution arithmetic for deep learning*, 2016. A. Saxe et al., *On random weights and unsupervised feature learning*, 2011. F. Chollet, *Xception*, 2017.

# %% [markdown]
# ### In your own words
#
# A friend says: "A max pool isn't differentiable, so nothing below it can learn." What would you answer, and what would you show? (2 points, marked by a person.)

# %% [markdown] tags=["answer"] grade_id="pool-differentiable" points=2
# *Double-click here and write your answer in place of this line.*

# %% [markdown]
# ### Four questions
#
# Each answers at once, whichever option you choose, and says why; your answers are kept with your progress, and you can change them.

# %%
quiz("one-weight-many-places")

# %%
quiz("full-convolution")

# %%
quiz("dead-map")

# %%
quiz("im2col")

# %% [markdown]
# That was notebook 08. The panel shows what you have done; whatever is open you can come back to.

# %%
progress()
