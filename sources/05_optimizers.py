# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 05 · Optimizers and schedules
#
# One network, one algorithm, three learning rates: the first run crawls, the second learns, the third breaks. You will find out where the border lies and why, write the five update rules by which nearly every network is trained, see ten of them race, and let the learning rate itself change while a network learns.
#
# Afterwards you can
#
# - write momentum, Nesterov, AdaGrad, RMSprop and Adam from memory, with $\varepsilon$ in its place,
# - say of a surface and its settings whether a run will crawl, arrive, swing or diverge,
# - read a map of rules and rates, and tell a good rule from a well-chosen rate,
# - set up a schedule, and see in a plot that it really fires.
#
# You need notebook 01. {{measured}}

# %% [markdown]
# ## Three learning rates
#
# The set-up: processor or graphics card, one seed for everything random, and the data. Unless it is said otherwise, networks here learn from the first 6,400 training images of MNIST, 64 at a time, and are judged on the 5,000 validation images, which they never learn from.

# %%
import numpy as np

from course_lib import plots
from course_lib.backend import seed_everything, use_backend
from course_lib.claims import claim
from course_lib.datasets import load_mnist
from course_lib.exercises import check, hint, predict, progress, quiz, use

use_backend()
seed = seed_everything()
data = load_mnist().first(6400)

# %% [markdown]
# The network has two hidden layers of 100 ReLU units. It learns by *gradient descent* in its plainest form, often called SGD: after each batch every weight $w$ moves against its gradient $g$, by $w \leftarrow w - \eta\,g$. The number $\eta$ (eta) is the **learning rate**. At $\eta = 0.1$ this network gets about 94% right after 300 steps. What at 0.001?

# %%
guess_crawl = predict("crawl", "Share of digits right after 300 steps at rate 0.001:", low=0, high=100,
                      unit="%")
guess_crawl

# %% [markdown]
# Three networks at each rate, from three seeds. For each seed the weights begin the same, and the images come in the same order, three times through. Each dot is one seed, the bar is their mean; a blind guess is right one time in ten.

# %%
from functools import partial
from course_lib.initializers import he_normal
from course_lib.models import dense_network
from course_lib.optimizers import sgd
from course_lib.training import final_accuracy, fit, repeat

seeds = range(5 * seed, 5 * seed + 5)
make = partial(dense_network, [100, 100], "ReLU", he_normal)
opening = {f"rate {lr}": repeat(make, data, sgd, seeds[:3], lr=lr, epochs=3) for lr in (0.001, 0.1, 1.0)}
plots.dots(final_accuracy(opening), title="One rate crawls, one learns, one breaks", reference=(0.1, "guessing"),
           xlabel="share of validation images that are right")

# %% [markdown]
# Too small a rate wastes the time, too large a rate loses everything. A sentence with a tick, as below, is one that the notebook has just checked by itself.

# %%
crawling, learning, broken = final_accuracy(opening).values()
claim("At 0.001 every run gets less than 75% right, at 0.1 more than 90%, at 1 less than 30%",
      max(crawling) < 0.75 and min(learning) > 0.90 and max(broken) < 0.30,
      f"at most {max(crawling):.0%}, at least {min(learning):.0%}, at most {max(broken):.0%}")

# %% [markdown]
# And your guess beside what was measured. Most people expect more of a small rate: it goes in the right direction, after all, only not far enough. Three times through the images isn't nearly sufficient for it.

# %%
guess_crawl.against(100 * np.mean(crawling))

# %% [markdown]
# ## How long may a step be?
#
# Nobody can look at the loss over 90,000 weights, so begin with one. Let the loss be $L = \tfrac12 \lambda w^2$, a parabola; $\lambda$ (lambda), its **curvature**, says how sharply it bends. Its slope is $\lambda w$. In the plainest code, with $\lambda = 20$ and $\eta = 0.09$:

# %%
w, lr, curvature = 1.0, 0.09, 20.0
for _ in range(6):
    w = w - lr * curvature * w
    print(round(w, 3), end="  ")

# %% [markdown]
# It jumps across the minimum and back, each time a little nearer. The formula says why. One step makes of $w$
#
# $$w - \eta\lambda w = (1 - \eta\lambda)\,w:$$
#
# every step multiplies the distance by the same factor, here $1 - 0.09 \cdot 20 = -0.8$. The run arrives if that factor is smaller than 1 in size. Between 0 and 1 it glides in; between −1 and 0 it swings; beyond −1 it diverges. A network has many directions, each with a curvature of its own. Take two, 1 and 20:

# %%
from course_lib.surfaces import SURFACES, arrival, descend, hessian

bowl = SURFACES["bowl"]
walks = {f"rate {lr}": descend(bowl.gradient, sgd, bowl.start, 30, lr=lr) for lr in (0.01, 0.09, 0.101)}
plots.walks(bowl, walks, title="Too slow along the valley, or too far across it")

# %% [markdown]
# A bowl seen from above; grey lines join places of equal height. At 0.01 the walk is still far away after 30 steps; at 0.09 it zigzags in; at 0.101 each zigzag is wider than the last. Where exactly is the border?

# %%
guess_limit = predict("limit", "Curvatures 1 and 20. Plain gradient descent diverges from which rate on?",
                      options=["2 / 1 = 2", "1 / 20 = 0.05", "2 / 20 = 0.1"])
guess_limit

# %% [markdown]
# Try 41 rates from 0.08 to 0.12, a thousand steps each, and take the largest one with which the walk ends nearer to the minimum than it began. The curvatures come from the matrix of second derivatives, the **Hessian**, here found by finite differences: its eigenvalues are the curvatures.

# %%
curvatures = np.linalg.eigvalsh(hessian(bowl.gradient, np.array([0.3, -0.5])))
rates = np.linspace(0.08, 0.12, 41)
ends = [np.abs(descend(bowl.gradient, sgd, bowl.start, 1000, lr=lr)[-1]).max() for lr in rates]
limit = rates[np.array(ends) < 0.9].max()
claim("The largest rate with which plain descent arrives is 2 / the largest curvature, within 2%",
      abs(limit * curvatures.max() / 2 - 1) < 0.02, f"{limit:.3f}, curvatures {np.round(curvatures, 3)}")
guess_limit.against("2 / 20 = 0.1")

# %% [markdown]
# So the *sharpest* direction sets the limit, $\eta < 2/\lambda_{\max}$, and the *flattest* one pays: at that rate its distance shrinks by no more than a factor $1 - 2\lambda_{\min}/\lambda_{\max}$ a step, here 0.9. In a deep network the curvatures differ by thousands. All that follows is about this one trouble.

# %% [markdown]
# ## Momentum
#
# Across the valley the gradients change sign at every step; along it they all point the same way. B. Polyak's idea (1964): add them up. What alternates cancels, what agrees gathers speed, as with a heavy ball. The sum needs a little friction, or the ball would never stop: keep a share $\beta$ (beta), say 0.9, of the speed $v$.
#
# $$v \leftarrow \beta v - \eta\,g, \qquad w \leftarrow w + v.$$

# %% [markdown]
# All rules of this notebook have one form: `w, state = rule(w, grad, state, lr=...)`. The state is whatever the rule must remember for the next step; it is `None` before the first.
#
# **Exercise `momentum`** (1 point). `w`, `grad` and `v` are arrays of one shape. Change none of them in place: return a new `w`, and the state. Worked example with one weight, $\eta = 0.1$, $\beta = 0.5$, the gradient always 1, and $w = 1$ at first: $v$ is $-0.1,\ -0.15,\ -0.175$, so $w$ becomes $0.9,\ 0.75,\ 0.575$.

# %% tags=["exercise"]
momentum

# %% [markdown]
# How fast does it get? Let the ball roll down a plane on which the gradient is always 1, with $\eta = 0.01$, and measure its speed at each of 1,000 steps. Friction takes $(1 - \beta)\,v$ at every step, the slope adds $\eta g$; where the two are equal, the speed stays.

# %%
plane = lambda w: np.ones(2)
speeds = {f"beta {beta}": -np.diff(descend(plane, partial(momentum, beta=beta), (0, 0), 1000, lr=0.01)[:, 0])
          for beta in (0.0, 0.9, 0.99)}

# %% [markdown]
# The speed is the length of a step, since a step is the unit of time here. The axis is logarithmic: a tenfold speed is always the same distance upwards. Look at where each line ends, and at how long it takes to get there.

# %%
plots.lines(speeds, log=True, xlabel="step", ylabel="length of the step",
            title="Each nine in beta multiplies the final speed by ten")

# %% [markdown]
# That gives the **terminal velocity** $\eta g / (1 - \beta)$: with $\beta = 0.9$ steps grow to ten times plain descent's, with 0.99 to a hundred times.

# %%
final = {beta: speeds[f"beta {beta}"][-1] * (1 - beta) / 0.01 for beta in (0.0, 0.9, 0.99)}
claim("The final speed is lr · gradient / (1 - beta), within 1%", all(abs(f - 1) < 0.01 for f in final.values()),
      ", ".join(f"beta {beta}: {f:.3f} of it" for beta, f in final.items()))

# %% [markdown]
# On the bowl momentum gathers speed along the valley, and its limit is higher, too: $2(1 + \beta)/\lambda_{\max}$, nearly twice plain descent's. `arrival` says from which step on a walk stays less than 0.001 above the floor. Each rule at twenty rates, and the best of them:

# %%
def soonest(surface, rule, rates, steps=400):
    return min(arrival(surface, descend(surface.gradient, rule, surface.start, steps, lr=lr)) for lr in rates)

rates = np.geomspace(0.002, 0.2, 20)
arrivals = {f"beta {beta}": soonest(bowl, partial(momentum, beta=beta), rates) for beta in (0.0, 0.5, 0.7, 0.9)}
claim("Each at its best rate, beta 0.5 needs less than half of plain descent's steps, beta 0.9 more than plain descent",
      2 * arrivals["beta 0.5"] < arrivals["beta 0.0"] < arrivals["beta 0.9"],
      ", ".join(f"{name}: {steps} steps" for name, steps in arrivals.items()))

# %% [markdown]
# So momentum helps a lot, and more of it isn't better: with 0.9 the ball swings about the floor for longer than plain descent needs to creep there. By Polyak's formula the best $\beta$ for a bowl is $\bigl((\sqrt\kappa - 1)/(\sqrt\kappa + 1)\bigr)^2$, where $\kappa = \lambda_{\max}/\lambda_{\min}$: 0.4 here, and 0.88 for a ratio of 1,000.

# %% [markdown]
# And on digits? Take the rate at which the first network crawled, 0.001, and switch momentum on. By the formula its steps should become about ten times as long. So the fair comparison isn't with plain descent at 0.001; it is with plain descent at 0.01.

# %%
rolling = {"plain, rate 0.001": opening["rate 0.001"],
           "momentum 0.9, rate 0.001": repeat(make, data, momentum, seeds[:3], lr=0.001, epochs=3),
           "plain, rate 0.01": repeat(make, data, sgd, seeds[:3], lr=0.01, epochs=3)}
plots.dots(final_accuracy(rolling), title="Momentum 0.9 does what a rate ten times as large does",
           xlabel="share of validation images that are right")

# %% [markdown]
# Momentum mends the crawl, but here it does no more than a larger rate would have done. Where plain descent has a good rate to itself, momentum's advantage must come from somewhere else: from valleys like the bowl's, in which no rate is good for all directions.

# %%
crawl, roll, larger = map(np.mean, final_accuracy(rolling).values())
claim("At 0.001 momentum gets at least 15 points more right than plain descent", roll - crawl > 0.15,
      f"{roll:.1%} against {crawl:.1%}")

# %% [markdown]
# That much any book shows. Now the comparison that is seldom made, with the rate that momentum's steps amount to. Each mean is of three seeds, and the runs began with the same weights.

# %%
claim("Plain descent at ten times the rate is within 3 points of it", abs(roll - larger) < 0.03,
      f"{larger:.1%} against {roll:.1%}")

# %% [markdown]
# ### Next to no friction
#
# What if somebody sets $\beta = 0.99999$? Speed is then kept for a hundred thousand steps. Try it before you discuss it: the bowl, at rate 0.01, for 2,000 steps. With $\beta = 0.9$ it has arrived after about 90. How high will the ball still swing in the last 500 steps?

# %%
guess_friction = predict("friction", "Greatest height in the last 500 steps, in % of the height at the start:",
                         low=0, high=110, unit="%")
guess_friction

# %% [markdown]
# Three amounts of friction. A swing passes through the floor again and again, so look at how high it gets: each point is the greatest height in 50 steps, on a logarithmic axis. A straight line downwards means that the swing loses the same share of its height in every 50 steps.

# %%
swings = {f"beta {beta}": descend(bowl.gradient, partial(momentum, beta=beta), bowl.start, 1999, lr=0.01)
          for beta in (0.9, 0.99, 0.99999)}
heights = {name: bowl.value(path.T) for name, path in swings.items()}
tops = {name: np.maximum(high.reshape(40, 50).max(axis=1), 1e-12) for name, high in heights.items()}
plots.lines(tops, x=np.arange(50, 2001, 50), log=True, xlabel="step", ylabel="greatest height in 50 steps",
            title="Without friction it swings on and on")

# %% [markdown]
# It rushes through the minimum, climbs the other side, and comes back as high as it began. On digits it is no better: at rate 0.01 three networks with $\beta = 0.99999$, beside the same three with 0.9.

# %%
friction = {f"beta {beta}": repeat(make, data, partial(momentum, beta=beta), seeds[:3], lr=0.01, epochs=3)
            for beta in (0.9, 0.99999)}
steady_runs, swinging = final_accuracy(friction).values()
last = heights["beta 0.99999"][-500:].max() / heights["beta 0.99999"][0]
claim("With beta 0.99999 the walk still swings higher than a third of its start after 1,500 steps; with 0.9 it rests",
      last > 1 / 3 and heights["beta 0.9"][-500:].max() < 1e-6, f"{last:.0%} of the start")
claim("On digits every run with beta 0.99999 ends below every run with 0.9", max(swinging) < min(steady_runs),
      f"at most {max(swinging):.0%} against at least {min(steady_runs):.0%}")
guess_friction.against(100 * last)

# %% [markdown]
# ## Nesterov's look ahead
#
# Momentum measures the slope where it *is*, though it already knows that its speed will carry it on. Y. Nesterov (1983): measure the slope where the ball is about to be, so that it brakes before it overshoots. In the form that all libraries use, $w$ itself stands one look ahead:
#
# $$v \leftarrow \beta v - \eta\,g, \qquad w \leftarrow w + \beta v - \eta\,g,$$
#
# with the new $v$ in the second formula. (Momentum would be $w + v$: with the same $v$, Nesterov's $w$ stands where the next step's speed, $\beta v$, will carry it.)

# %% [markdown]
# **Exercise `nesterov`** (2 points). State and shapes as in `momentum`. Worked example, with the same numbers as there, $\eta = 0.1$, $\beta = 0.5$, gradient 1, $w = 1$: $v$ is $-0.1,\ -0.15,\ -0.175$ again, and $w$ becomes $1 - 0.05 - 0.1 = 0.85$, then $0.85 - 0.075 - 0.1 = 0.675$, then $0.4875$.

# %% tags=["exercise"]
nesterov

# %% [markdown]
# The two on one surface: the bent valley that H. Rosenbrock drew in 1960 to torture optimizers, $(1 - x)^2 + 10\,(y - x^2)^2$. Its floor is nearly flat along the bend and steep across it: the curvatures at the lowest point are 0.4 and 102. Same start, same rate 0.01, same $\beta = 0.9$.

# %%
valley = SURFACES["valley"]
bends = {name: descend(valley.gradient, rule, valley.start, 120, lr=0.01)
         for name, rule in {"momentum": momentum, "Nesterov": nesterov}.items()}
plots.walks(valley, bends, title="Nesterov overshoots less")

# %% [markdown]
# Both swing across the floor at the bend; momentum swings wider, and runs past the lowest point as well, so that it needs longer until it stays within 0.001 of the floor.

# %%
turns = {name: arrival(valley, path) for name, path in bends.items()}
claim("In the valley, at rate 0.01, Nesterov arrives before momentum does", turns["Nesterov"] < turns["momentum"],
      ", ".join(f"{name} after {steps} steps" for name, steps in turns.items()))

# %% [markdown]
# Nothing is free. Braking early means that steep directions get a stronger push, so that Nesterov's limit on a bowl is lower than momentum's: $2(1 + \beta)/\bigl(\lambda(1 + 2\beta)\bigr)$ instead of $2(1 + \beta)/\lambda$. Look for both limits as we did for plain descent's, in steps of 2%.

# %%
def stable_until(rule):
    rates = np.geomspace(0.02, 0.4, 152)
    paths = [descend(bowl.gradient, rule, bowl.start, 2000, lr=lr) for lr in rates]
    return max(lr for lr, path in zip(rates, paths, strict=True) if arrival(bowl, path, near=20) < 1900)

limits = {"plain": stable_until(sgd), "momentum": stable_until(momentum), "Nesterov": stable_until(nesterov)}
foreseen = {"plain": 2 / 20, "momentum": 3.8 / 20, "Nesterov": 3.8 / 20 / 2.8}
claim("All three limits are those of the formulas, within 3%",
      all(abs(limits[name] / foreseen[name] - 1) < 0.03 for name in limits),
      ", ".join(f"{name} {limits[name]:.3f}, foreseen {foreseen[name]:.3f}" for name in limits))

# %% [markdown]
# ## Every weight its own rate
#
# The other way out of the trouble: give each direction a step size of its own. J. Duchi, E. Hazan and Y. Singer (**AdaGrad**, 2011) divide each weight's step by the root of all its squared gradients so far, gathered in $s$:
#
# $$s \leftarrow s + g^2, \qquad w \leftarrow w - \eta\,\frac{g}{\sqrt{s + \varepsilon}}.$$
#
# Squares, roots and divisions are taken weight by weight. The tiny $\varepsilon$ (epsilon) avoids a division by 0. Keras puts it inside the root, the paper beside it; the check accepts both.

# %% [markdown]
# **Exercise `adagrad`** (2 points). $s$ begins at `initial_accumulator`, 0.1 in Keras. Worked example with $\eta = 0.1$, `initial_accumulator` 0, $w = 1$: a gradient of 3 makes $s = 9$, the step is $0.1 \cdot 3/3 = 0.1$, so $w = 0.9$. A gradient of 4 then makes $s = 25$, the step is $0.1 \cdot 4/5$, and $w = 0.82$.

# %% tags=["exercise"]
adagrad

# %% [markdown]
# Note what cancels: a gradient ten times as large has a root ten times as large. But $s$ only grows. On the plane with gradient 1 it is about $t$ after $t$ steps, so the step is $\eta/\sqrt{t}$.
#
# G. Hinton's cure, in a lecture of 2012 (**RMSprop**): forget. Let $s$ be a moving *average* of the squares, $s \leftarrow \rho s + (1 - \rho) g^2$ with $\rho$ (rho) about 0.9, from $s = 0$ on; the step stays as it was, $w \leftarrow w - \eta\,g/\sqrt{s + \varepsilon}$.

# %% [markdown]
# **Exercise `rmsprop`** (2 points). The two extras of the signature, `beta` and `centered`, may be left unused; the check doesn't ask for them. Worked example with $\eta = 0.1$, $\rho = 0.5$, $w = 1$, the gradient always 2: $s$ is 2, then 3; the steps are $0.1 \cdot 2/\sqrt2 = 0.141$ and $0.1 \cdot 2/\sqrt3 = 0.115$, so $w = 0.859$, then $0.743$.

# %% tags=["exercise"]
rmsprop

# %% [markdown]
# Both on the plane where the gradient is always 1, for 2,000 steps at $\eta = 0.01$. The axis is logarithmic. Will AdaGrad's walk come to a stop?

# %%
guess_stop = predict("stop", "AdaGrad on an endless plane, gradient 1: how far does it get if it walks for ever?",
                     options=["to a certain place", "as far as you like"])
guess_stop

# %% [markdown]
# The length of each step, for both rules. On logarithmic axes a step that doesn't change is a level line; whatever shrinks as $1/\sqrt{t}$ falls quickly at first, then ever more slowly.

# %%
walked = {name: descend(plane, rule, (0, 0), 2000, lr=0.01)[:, 0]
          for name, rule in {"AdaGrad": adagrad, "RMSprop": rmsprop}.items()}
lengths = {name: -np.diff(x) for name, x in walked.items()}

# %% [markdown]
# Two lines, two fates. AdaGrad begins near the learning rate, 0.01, and leaves it at once; RMSprop begins above it, for a reason that we come to, and is back after some twenty steps.

# %%
plots.lines(lengths, log=True, xlabel="step", ylabel="length of the step",
            title="AdaGrad's step shrinks, RMSprop's settles at the learning rate")

# %% [markdown]
# The steps fall as $1/\sqrt{t}$: after four times as many steps they are half as long. Their sum, about $2\eta\sqrt{t}$, grows without end: AdaGrad slows down and never quite stops. The usual sentence that it "stops learning" is about patience, not about a limit.

# %%
ratio, far = lengths["AdaGrad"][399] / lengths["AdaGrad"][1599], -walked["AdaGrad"][-1] / (2 * 0.01 * 2000**0.5)
claim("AdaGrad's step at 1,600 is half of that at 400, within 1%", abs(ratio / 2 - 1) < 0.01, f"ratio {ratio:.3f}")
claim("AdaGrad has walked 2 · lr · √steps, within 5%; RMSprop's step ends at lr, within 1%",
      abs(far - 1) < 0.05 and abs(lengths["RMSprop"][-1] / 0.01 - 1) < 0.01, f"{far:.3f} of it")
guess_stop.against("as far as you like")

# %% [markdown]
# Look at RMSprop's first step: three times as long as the learning rate. Its average began at 0, so after one step it holds only a tenth of $g^2$, and the root of a tenth is 0.32. That small flaw is the next rule's main point.

# %% [markdown]
# ## Adam
#
# D. Kingma and J. Ba (2015) put the two ideas together: a moving average $m$ of the gradients, like momentum, over the root of a moving average $s$ of their squares. With $\beta_1 = 0.9$ and $\beta_2 = 0.999$ both begin at 0, and are too small at first, by factors that are known exactly: $1 - \beta_1^t$ and $1 - \beta_2^t$ after $t$ steps. Three steps by hand, gradients 4, 2, 1:

# %% tags=["nbval-check-output"]
m = s = 0.0
print("t   g      m        s       m/√s   corrected")
for t, g in enumerate([4.0, 2.0, 1.0], 1):
    m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g**2
    raw, corrected = m / s**0.5, m / (1 - 0.9**t) / (s / (1 - 0.999**t)) ** 0.5
    print(f"{t}  {g:.0f}  {m:6.3f}  {s:8.5f}  {raw:6.2f}  {corrected:8.2f}")

# %% [markdown]
# The last column is the step in units of the learning rate. With the correction the first step is exactly 1, whatever the gradient; without it 3.16, and then they grow. How much too long are uncorrected steps, and for how long? Under a constant gradient the factor is $(1 - \beta_1^t)/\sqrt{1 - \beta_2^t}$:

# %%
t = np.arange(1, 3001)
excess = (1 - 0.9**t) / np.sqrt(1 - 0.999**t)
plots.lines({"uncorrected step / corrected step": excess}, x=t, log=True, xlabel="step", ylabel="factor",
            title="Without correction the steps are up to 6.6 times too long", reference=(1, "as corrected"))

# %% [markdown]
# In one line, with $t$ counted from 1:
#
# $$w \leftarrow w - \eta\,\frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t} \cdot \frac{m}{\sqrt{s} + \varepsilon}, \qquad m \leftarrow \beta_1 m + (1 - \beta_1)\,g, \quad s \leftarrow \beta_2 s + (1 - \beta_2)\,g^2,$$
#
# where $m$ and $s$ are renewed first. Here $\varepsilon$ stands beside the root, never inside: $10^{-7}$ inside would count as its root, 0.0003, and stop every weight with small gradients.

# %% [markdown]
# **Exercise `adam`** (3 points). The state holds $m$, $s$ and $t$; a $t$ that never advances is the commonest error in home-made Adams. (Dividing the corrected $m$ by the root of the corrected $s$, plus $\varepsilon$, as in the paper's algorithm 1, is accepted as well. `amsgrad` may be left unused.) Worked example: the table above, with $\eta = 0.1$ and $w = 1$ at first: the first step is $0.1 \cdot 1.00$, so $w = 0.9$; the second is $0.1 \cdot 0.93$.

# %% tags=["exercise"]
adam

# %% [markdown]
# Test two promises with your function, or with the course's if yours is still open: the first step is $\eta$ whatever the size of the gradient, from a thousandth to a million; and on the plane every step is $\eta$, from the first on, since both averages are right from the first on.

# %%
sizes = np.array([1e-3, 1.0, 1e3, 1e6])
first = -adam(np.zeros(4), sizes, lr=0.01)[0]
even = -np.diff(descend(plane, adam, (0, 0), 500, lr=0.01)[:, 0])
claim("Adam's first step is lr, within 1%, for gradients from 0.001 to a million",
      np.allclose(first, 0.01, rtol=0.01), f"{first.min():.5f} to {first.max():.5f}")
claim("Under a constant gradient all its steps are lr, within 0.1%", np.allclose(even, 0.01, rtol=1e-3),
      f"{even.min():.6f} to {even.max():.6f} in 500 steps")

# %% [markdown]
# And the curve drawn above, now with your own steps as the measure: how much longer the uncorrected steps on that plane would have been than those which your function really took.

# %%
excess = 0.01 * excess[:500] / even
claim("Beside them uncorrected steps are too long most of all between steps 5 and 20, by a factor between 6 and 7",
      5 <= t[excess.argmax()] <= 20 and 6 < excess.max() < 7, f"{excess.max():.2f} at step {t[excess.argmax()]}")

# %% [markdown]
# ## Explore it yourself: the race
#
# Six rules start together on one surface, all with the same rate. First a picture that stands still: the valley at rate 0.01. The map shows the walks, and beside it is their height above the floor; below are the learning rate in use, with plain descent's limit $2/\lambda_{\max}$, and the length that the steps really have.

# %%
from course_lib.widgets.race import race, race_explorer

race(surface="valley", rate=0.01).figure()

# %% [markdown]
# The same with controls. Click into the map, or move *x* and *y*, to start somewhere else; $\beta$ is for momentum and Nesterov. **Try this:**
#
# 1. Bowl, constant rate: raise the rate slowly past 0.1, plain descent's limit. In which order do the rules leave the picture? Which of them never do?
# 2. Saddle: set *y* to 0, the ridge's top line. Who gets away? Then move *y* by one step.
# 3. Plateau, rate 0.1, *x* at −2.5: who crosses the plain, where the gradient is next to nothing? Then let the rate fall (*schedule* "exponential").
#
# <details><summary>What we found</summary>1. With β = 0.9: Nesterov first, at 0.07, as its formula says; then plain descent at 0.1; momentum at 0.19. AdaGrad, RMSprop and Adam never diverge: the length of their steps doesn't depend on the slope's height. But RMSprop never comes to rest either; it keeps jumping by about the learning rate. 2. At y = 0 nobody: the gradient's y is exactly 0, and all rules stop on the saddle. A step of 0.05 aside is enough for all of them. 3. All of them in the end: RMSprop and Adam march across at full speed, since they divide by the small gradients; momentum gathers speed; plain descent takes its time. When the rate falls, RMSprop comes to rest at last, and plain descent and AdaGrad, who are late, stay on the plain.</details>

# %%
explorer = race_explorer()
explorer

# %% [markdown]
# `race` computes what the explorer draws, so what was seen can be claimed. Here is the first question, just beyond plain descent's limit.

# %%
beyond = race("bowl", 0.112).summary
claim("On the bowl at rate 0.112 plain descent and Nesterov diverge, momentum and the adaptive rules don't",
      {name for name, end in beyond.items() if end > 1e3} == {"SGD", "Nesterov"},
      ", ".join(f"{name} {end:.2g}" for name, end in beyond.items()))

# %% [markdown]
# ## Ten rules on real digits
#
# Five more rules in a line each, given in `course_lib.optimizers`:
#
# | name | what is different | by |
# |---|---|---|
# | AdamW | Adam, and every weight also shrinks by $\eta$ times a *weight decay* | Loshchilov, Hutter, 2019 |
# | Nadam | Adam with Nesterov's look ahead | Dozat, 2016 |
# | Lion | the *sign* of an average of gradients: every step is exactly $\eta$ | Chen et al., 2023 |
# | FTRL | AdaGrad's step sizes, one for each coordinate; $w$ is found anew from the sum of all gradients; l1 makes it exactly 0 | McMahan et al., 2013 |
# | SGD | nothing is remembered | Cauchy, 1847; Robbins, Monro, 1951 |

# %% [markdown]
# Which is best? A comparison is only fair if each rule has its own best learning rate, and the search for it costs all the same. So: ten rules, ten rates from 0.00003 to 1, three seeds, 300 runs; 1,800 steps of 64 images each, on all 55,000. The rest of the settings are Keras's defaults. Two guesses before you look.

# %%
guess_spread = predict("rules", "Each rule at its best rate: points of test accuracy from the first to the last:",
                       low=0, high=10, unit="points")
guess_spread

# %% [markdown]
# And the second guess: what if somebody compares all ten at one and the same learning rate, 0.01, which may seem the fair thing to do? By how many points would the last be behind the first?

# %%
guess_same = predict("same-rate", "All rules at one rate, 0.01: points from the first to the last:",
                     low=0, high=100, unit="points")
guess_same

# %% [markdown]
# The runs were made once by `make studies` and stored. Each cell is the mean validation accuracy of three seeds, in percent; a frame marks the best rate of each rule. Read it row by row: how wide is the bright part, and where does it lie?

# %%
from course_lib.studies import load
from course_lib.studies.rules import RATES, STUDY, best_rates, by_rate, train

rows = load(STUDY)
table = {rule: {lr: [run["valid_accuracy"] for run in runs] for lr, runs in rates.items()}
         for rule, rates in by_rate(rows).items()}
plots.rate_map(table, title="Every rule has a good rate, and no rate is good for every rule")

# %% [markdown]
# Every frame lies inside the grid, so none of the rules was cut short by it. Adam and its kin are good from about 0.0003 to 0.003, SGD from 0.01 to 0.3, Lion only at the smallest rates: its steps are all $\eta$ long, in every weight. FTRL needs large ones, since it finds $w$ anew from the gradients: He's weights are gone after one step, and at a small rate what replaces them is next to 0 for long. The rates at which a rule is good differ by a factor of a thousand from rule to rule.

# %%
best = best_rates(rows)
inside = [RATES[0] < lr < RATES[-1] for lr, _ in best.values()]
at_one = [100 * np.mean(rates[0.01]) for rates in table.values()]
claim("The best rate of every rule lies inside the grid, and the best rates differ by a factor of 1,000",
      all(inside) and max(lr for lr, _ in best.values()) / min(lr for lr, _ in best.values()) > 999,
      ", ".join(f"{rule} {lr:g}" for rule, (lr, _) in best.items()))
claim("At one rate for all, 0.01, the rules are more than 80 points apart", np.ptp(at_one) > 80,
      f"{max(at_one):.1f}% to {min(at_one):.1f}%")
guess_same.against(np.ptp(at_one))

# %% [markdown]
# Now each at its best rate, chosen on the validation images and reported on the test images: accuracy; steps until 97% of the validation images were right for the first time, asked every 50 steps; and seconds of training on the machine that made the study. One setting is run again live.

# %%
order = sorted(best, key=lambda rule: -np.mean([run["test_accuracy"] for run in best[rule][1]]))
shown = {"test accuracy": "test_accuracy", "steps to 97%": "steps_to_97", "seconds": "seconds"}
columns = {name: {rule: [run[key] for run in best[rule][1]] for rule in order} for name, key in shown.items()}
from course_lib.training import accuracy

network, history, seconds = train("Adam", 0.001, seed)
live = accuracy(network, data.x_test, data.y_test)
plots.table_chart(columns, title="At their best rates all ten come out together", live=("Adam", live))

# %% [markdown]
# That is the finding: at its own best rate, every one of ten rules reaches 97%, within 0.4 points of the others on the test images, and the seeds of one rule spread over as much. Plain SGD is among the first, with the least work per step. With three seeds nobody can rank them, and we don't. What the rules do differ in is *where* their good rates lie, and how wide the bright band is.

# %%
means = {rule: 100 * np.mean(columns["test accuracy"][rule]) for rule in order}
widest = max(100 * np.ptp(columns["test accuracy"][rule]) for rule in order)
claim("At their best rates all ten rules are within half a point of test accuracy, and every run reaches 97%",
      np.ptp(list(means.values())) < 0.5 and all(min(steps) > 0 for steps in columns["steps to 97%"].values()),
      f"{max(means.values()):.2f}% to {min(means.values()):.2f}%; seeds of one rule up to {widest:.2f} points apart")
claim("The live run is within 0.8 points of the stored mean", abs(100 * live - means["Adam"]) < 0.8, f"{live:.2%}")
guess_spread.against(np.ptp(list(means.values())))

# %% [markdown]
# Two warnings. This is a small network on an easy task, and 1,800 steps; in transformers, whose layers have gradients of very different size, Adam is ahead of SGD by far (Zhang et al., 2020). And the advice that one finds in textbooks, to take Adam nearly always, isn't borne out by accuracy here: its lead disappears as soon as each rule may choose its rate. What speaks for it is its band of good rates, which lies about the same place in many networks.

# %% [markdown]
# ## Why not go straight to the minimum?
#
# Newton's method divides by the curvature itself: $w \leftarrow w - H^{-1} g$, where $H$ is the Hessian, the matrix of all second derivatives. It needs no learning rate, and no valley is too narrow for it. One step on the bowl, and ten on the saddle, from where the race started:

# %%
def newton(surface, steps):
    w = np.array(surface.start)
    for _ in range(steps):
        w = w - np.linalg.solve(hessian(surface.gradient, w), surface.gradient(w))
    return w

# %% [markdown]
# `solve` finds $H^{-1} g$ without computing the inverse. On the bowl $H$ is the same everywhere; on the saddle it has a negative curvature along $y$, and dividing by a negative number turns the step round, uphill.

# %%
saddle = SURFACES["saddle"]
ends = newton(bowl, 1), newton(saddle, 10)
off = [np.abs(end).max() for end in ends]
claim("On the bowl Newton's method arrives in one step", off[0] < 1e-6, f"{off[0]:.0e} off")
claim("On the saddle it goes to the saddle point itself, a quarter above the hollows",
      off[1] < 1e-6 and saddle.value(ends[1]) - saddle.floor > 0.2, f"ends at {np.round(ends[1], 6) + 0}")

# %% [markdown]
# The saddle shows one reason against it: any place without slope attracts it, and large networks have far more saddles than minima (Dauphin et al., 2014). The other is size. $H$ has a row and a column for each weight. How much memory does it need for the network above, in `float32`?

# %%
guess_memory = predict("hessian", "Memory for the Hessian of the network with two layers of 100:",
                       low=-3, high=3, unit="GB", log=True)
guess_memory

# %% [markdown]
# Count the weights and biases and square their number; four bytes for each element of the matrix. For comparison, what Adam keeps: two numbers a weight, $m$ and $s$.

# %%
weights = sum(array.size for array in make(rng=np.random.default_rng(seed)).params.values())
gigabytes = 4 * weights**2 / 1e9
claim("The network has 89,610 weights, and its Hessian would take 32 GB",
      weights == 89_610 and round(gigabytes) == 32,
      f"{weights:,} squared, times 4 bytes: {gigabytes:.1f} GB; Adam keeps {8 * weights / 1e6:.1f} MB")
guess_memory.against(gigabytes)

# %% [markdown]
# For a network of 100 million weights it would be 40 million GB, and inverting it is worse. AdaGrad, RMSprop and Adam can be seen as its poor relations: they keep one number for each weight, as if the Hessian had only its diagonal, and use the size of the gradients in place of the curvature.

# %% [markdown]
# ## Weights that are exactly 0
#
# A model for a telephone or for millions of requests a second should be small and quick: most of its weights 0, and not stored. Three ways to get there. *Cut*: train as usual, then set the smallest weights to 0. *l1*: add $c \sum |w|$ to the loss, which pulls every weight towards 0 with the same force $c$. *FTRL* with l1, made for exactly that.

# %%
from course_lib.optimizers import ftrl
from course_lib.regularizers import l1

small = partial(dense_network, [100], "ReLU", he_normal)
kernels = lambda network: {name: w for name, w in network.params.items() if name.endswith("/w")}

def trained(rule, number, **options):
    rng = np.random.default_rng(number)
    network = small(rng=rng)
    fit(network, data, rule, epochs=4, rng=rng, **options)
    return network

# %% [markdown]
# Two ways to write l1. The usual one adds its gradient, $c \cdot \mathrm{sign}(w)$, to the loss's. The other shrinks each weight by $\eta c$ *after* the step, and stops at 0 if it would cross: the **proximal step** (Daubechies et al., 2004), here as a constraint that `fit` applies after every update. Which of the two gives more exact zeros?

# %%
guess_zeros = predict("zeros", "Share of weights exactly 0, for l1 added as a gradient:", low=0, high=100,
                      unit="%")
guess_zeros

# %% [markdown]
# The proximal step and the cut, in plain code. `shrink` makes every weight smaller by $\eta c = 0.1 \cdot 0.003$ and lets none change its sign; `cut` finds the size below which 70% of all weights lie, and multiplies those by 0.

# %%
def shrink(w):
    return np.sign(w) * np.maximum(np.abs(w) - np.float32(0.1 * 0.003), 0)

def cut(network, share=0.7):
    limit = np.quantile(np.abs(np.concatenate([w.ravel() for w in kernels(network).values()])), share)
    network.params = network.params | {name: w * (np.abs(w) > limit) for name, w in kernels(network).items()}
    return network

# %% [markdown]
# Plain descent at rate 0.1, 400 steps, three seeds, $c = 0.003$ both times; FTRL at rate 0.1 with l1 of 0.03. Cutting takes away 70% of the plainly trained network's weights, in all layers by one limit. Nothing is trained afterwards.

# %%
ways = {"nothing": lambda n: trained(sgd, n, lr=0.1),
        "cut 70%": lambda n: cut(trained(sgd, n, lr=0.1)),
        "l1, gradient": lambda n: trained(sgd, n, lr=0.1, penalty=partial(l1, strength=0.003)),
        "l1, proximal": lambda n: trained(sgd, n, lr=0.1, constraint=shrink),
        "FTRL, l1": lambda n: trained(partial(ftrl, l1=0.03), n, lr=0.1)}
sparse = {way: [train_one(number) for number in seeds[:3]] for way, train_one in ways.items()}

# %% [markdown]
# One table for all. The size is that of the usual way to store a sparse matrix: for each weight that isn't 0 its value and its column, 4 + 2 bytes. Without zeros that would cost *more* than the plain matrix, which needs 4 bytes a weight, so the smaller of the two counts.

# %%
def zeros(network):
    return np.mean(np.concatenate([w.ravel() for w in kernels(network).values()]) == 0)

share = {way: [100 * zeros(network) for network in found] for way, found in sparse.items()}
right = {way: [accuracy(network, data.x_valid, data.y_valid) for network in found] for way, found in sparse.items()}
count = 784 * 100 + 100 * 10
size = {way: [count * min(4, 6 * (1 - z / 100)) / 1000 for z in found] for way, found in share.items()}
plots.table_chart({"validation accuracy": right, "exact zeros, %": share, "kB": size},
                  title="Cutting and FTRL keep the accuracy; l1 as a gradient gives no zeros")

# %% [markdown]
# l1 as a gradient gives none: a step of fixed size jumps across 0 and back for ever, and floating-point numbers hardly ever meet 0 by chance. The proximal step, with the same $c$ and about the same accuracy, makes more than two in five exactly 0. FTRL does better on both counts, and so does the bluntest way, cutting: a network of this width has far more weights than it needs.

# %%
mean = {way: (np.mean(share[way]), 100 * np.mean(right[way])) for way in ways}
claim("l1 as a gradient gives less than 0.1% zeros; the proximal step more than 40%, FTRL more than 60%",
      mean["l1, gradient"][0] < 0.1 and mean["l1, proximal"][0] > 40 and mean["FTRL, l1"][0] > 60,
      ", ".join(f"{way} {z:.1f}%" for way, (z, _) in mean.items()))
claim("Cutting 70% and FTRL lose less than 2.5 points, the proximal step more than that",
      max(mean["nothing"][1] - mean[way][1] for way in ("cut 70%", "FTRL, l1")) < 2.5
      < mean["nothing"][1] - mean["l1, proximal"][1], ", ".join(f"{way} {a:.1f}%" for way, (_, a) in mean.items()))
guess_zeros.against(mean["l1, gradient"][0])

# %% [markdown]
# ## A rate that changes
#
# Large steps are good at first, small ones at the end: so let the rate fall. Here is a schedule as it stands in a published notebook, made for runs of a hundred thousand steps: a tenth of the rate after step 50,000. Our run has 300 steps. Nothing complains. What will the rate be at the end?

# %%
from course_lib.schedules import piecewise_constant

hopeful = partial(piecewise_constant, lr=0.05, boundaries=[50_000, 80_000], factors=[0.1, 0.01])
rng = np.random.default_rng(seed)
run = fit(make(rng=rng), data, momentum, lr=hopeful, epochs=3, rng=rng)
claim("A schedule whose first boundary lies beyond the last step never fires: one rate in all 300 steps",
      len(run.lr) == 300 and set(run.lr) == {0.05}, f"rates used: {sorted(set(run.lr))}")

# %% [markdown]
# Hence the habit of this notebook: plot the rate *that the run used*, `history.lr`, not the one that you meant. A schedule is a function from the step's number, from 0 on, to a rate; `fit` takes it in the place of a number.
#
# **Exercise `exponential_decay`** (1 point). In every `decay_steps` steps $T$ the rate is multiplied by `decay_rate` $r$: $\ \eta_t = \eta\, r^{\,t/T}$. With `staircase` the exponent $t/T$ is rounded down. `step` may be an array of steps. Worked example, $\eta = 0.1$, $T = 10$, $r = 0.5$: 0.05 at step 10, 0.0707 at step 5, and 0.05 at step 19 with the staircase.

# %% tags=["exercise"]
exponential_decay

# %% [markdown]
# **Exercise `power_decay`** (1 point). Fast at first, then ever more slowly, without end:
#
# $$\eta_t = \frac{\eta}{(1 + t/T)^{c}},$$
#
# $T$ is `decay_steps` and $c$ is `power`, 1 by default. Worked example with $\eta = 0.1$, $T = 10$, $c = 1$: 0.05 at step 10, and 0.025 not at step 20 but at step 30.

# %% tags=["exercise"]
power_decay

# %% [markdown]
# The last kind looks at the run. **Exercise `performance_schedule`** (3 points). You get the list of all validation losses so far, one an epoch, and return the rate of the next epoch. Before the first epoch it is empty, and the rate is $\eta$. The rate is multiplied by `factor` whenever the loss hasn't come down by more than `min_delta` below the *best so far* for `patience` epochs in a row; then the count begins anew. (`cooldown` and `min_lr` may be left unused.) Worked example: losses 1.0, 0.9, 0.95, 0.95, $\eta = 0.1$, factor 0.5, patience 2: two epochs in a row without progress, so 0.05.

# %% tags=["exercise"]
performance_schedule

# %% [markdown]
# Eight short runs of 300 steps, on 640 images thirty times through, each with a schedule of its own. **Warm-up** begins near 0 and rises first, against wild first steps; **cosine** follows half a wave; **1cycle** (L. Smith, 2018) rises and falls once. The performance schedule reads the history that `fit` is just writing.

# %%
from course_lib.schedules import cosine_decay, one_cycle, warm_up
from course_lib.training import History

record, lr, T = History(), 0.05, 300
planned = {"constant": lr, "piecewise": partial(piecewise_constant, lr=lr, boundaries=[150, 250], factors=[0.3, 0.1]),
           "exponential": partial(exponential_decay, lr=lr, decay_steps=100, decay_rate=0.3),
           "power": partial(power_decay, lr=lr, decay_steps=50),
           "cosine": partial(cosine_decay, lr=lr, decay_steps=T),
           "warm-up, cosine": lambda t: warm_up(t, lr=cosine_decay(t, lr=lr, decay_steps=T), warmup_steps=30),
           "1cycle": partial(one_cycle, lr=lr, steps=T),
           "performance": lambda t: performance_schedule(record.valid_loss, lr=lr, factor=0.5, patience=3)}

# %% [markdown]
# Each panel shows the rates out of the run's own record, none is drawn from a formula. Check yours against the formulas above: where is the exponential one after 100 steps, and the power one after 50?

# %%

few = data.first(640)._replace(x_valid=data.x_valid[:1000], y_valid=data.y_valid[:1000])
used = {}
for name, rate in planned.items():
    rng, history = np.random.default_rng(seed), record if name == "performance" else History()
    used[name] = fit(make(rng=rng), few, momentum, lr=rate, epochs=30, rng=rng, history=history, progress=False).lr
plots.panels({name: {"": rates} for name, rates in used.items()}, xlabel="step", ylabel="learning rate in use",
             title="Every schedule fired, but the constant one")

# %% [markdown]
# The performance schedule's stairs have no plan: it is the validation loss that rises after some epochs of learning 640 images by heart, and each time the patience of three epochs runs out, the rate is halved.

# %%
swing = {name: max(rates) / min(rates) if min(rates) else np.inf for name, rates in used.items()}
claim("The largest rate used is at least 1.9 times the smallest in all schedules but the constant one",
      swing.pop("constant") == 1 and min(swing.values()) > 1.9 and {len(rates) for rates in used.values()} == {300},
      ", ".join(f"{name} {ratio:.3g}" for name, ratio in swing.items()))
claim("After 100 steps the exponential rate is 0.3 of the first, after 50 the power rate half of it",
      abs(used["exponential"][100] / lr - 0.3) < 1e-6 and abs(used["power"][50] / lr - 0.5) < 1e-6,
      f"{used['exponential'][100]:.4f} and {used['power'][50]:.4f}")

# %% [markdown]
# ## Finding a rate in one run
#
# The map above cost 300 runs. L. Smith's **range test** (2017) costs a fraction of one: begin at a tiny rate, multiply it by the same factor at every step, and watch the loss. It falls, then flattens, then explodes. A good rate lies *below* the lowest point, where the loss is still falling. Your exponential schedule can do it, with a decay rate above 1.

# %%
rising = partial(exponential_decay, lr=1e-4, decay_steps=100, decay_rate=1e5)
rng = np.random.default_rng(seed)
test = fit(make(rng=rng), data, momentum, lr=rising, epochs=1, rng=rng)
smooth = [test.step_loss[0]]
for loss in test.step_loss[1:-1]:
    smooth.append(0.8 * smooth[-1] + 0.2 * min(loss, 10))
tried = np.array(test.lr[:len(smooth)])
plots.lines({"smoothed training loss": smooth}, x=np.log10(tried), log=True, xlabel="log₁₀ of the learning rate",
            ylabel="loss", title=f"Range test: lowest at {tried[np.argmin(smooth)]:.2g}, then it explodes")

# %% [markdown]
# Three parts: too small to learn, learning, too large. Each seed gives a somewhat different lowest point, since it rests on a few batches: read it to a factor of two, not to a digit.

# %%
lowest = tried[np.argmin(smooth)]
peak = lowest / 2
claim("The range test breaks off before its end; its loss is lowest at a rate between 0.02 and 0.2",
      bool(test.stopped) and 0.02 < lowest < 0.2, f"lowest at {lowest:.3f}; {test.stopped}")

# %% [markdown]
# Take half of that rate as the peak of a 1cycle schedule. Is it better than a constant rate, with the same budget? Momentum, 600 steps on 12,800 images, five seeds; for the constant rate we grant the better of two, 0.01 and 0.03, whichever does better on these very seeds. What do you expect?

# %%
guess_cycle = predict("one-cycle", "Points of validation accuracy that 1cycle gains over the better constant rate:",
                      low=-3, high=3, unit="points")
guess_cycle

# %% [markdown]
# Three times five networks. Every seed begins with the same weights and sees the same images in the same order in all three rows; only the rate's course differs.

# %%
more = load_mnist().first(12_800)
train_with = lambda rate: repeat(make, more, momentum, seeds, lr=rate, epochs=3)
cycle = {"constant 0.01": train_with(0.01), "constant 0.03": train_with(0.03),
         f"1cycle up to {peak:.2g}": train_with(partial(one_cycle, lr=peak, steps=600))}
plots.dots(final_accuracy(cycle), title="1cycle does better than a constant rate, on the same budget", decimals=4,
           xlabel="share of validation images that are right")

# %% [markdown]
# It does. The usual explanation: at a constant rate the weights keep jumping about the minimum by steps of the same length, and the network that you happen to stop at is one of those jumps. When the rate falls, they settle.

# %%
*constant, cycled = map(np.array, final_accuracy(cycle).values())
better = max(constant, key=np.mean)
rate_used = cycle[f"1cycle up to {peak:.2g}"][0].lr
claim("1cycle beats the better constant rate by more than 0.3 points in the mean, and its rate rose and fell",
      100 * (cycled - better).mean() > 0.3 and rate_used[0] < max(rate_used) > rate_used[-1],
      f"{cycled.mean():.2%} against {better.mean():.2%}, seed by seed {np.round(100 * (cycled - better), 1)}")
guess_cycle.against(100 * (cycled - better).mean())

# %% [markdown]
# ## The same in TensorFlow
#
# All ten rules are in Keras. Give both the same 50 gradients and the same weights, and compare where they arrive; the first five are your own functions if they passed. Each uses its own defaults, which are the same in both, and the rate 0.001.

# %%
import keras

from course_lib import optimizers as course

theirs = {nesterov: keras.optimizers.SGD(momentum=0.9, nesterov=True), momentum: keras.optimizers.SGD(momentum=0.9),
          adagrad: keras.optimizers.Adagrad(), rmsprop: keras.optimizers.RMSprop(), adam: keras.optimizers.Adam(),
          course.sgd: keras.optimizers.SGD(), course.adamw: keras.optimizers.AdamW(),
          course.nadam: keras.optimizers.Nadam(), ftrl: keras.optimizers.Ftrl(), course.lion: keras.optimizers.Lion()}

# %% [markdown]
# Both get the same weights and one gradient after the other; the state of ours is handed on from step to step, Keras keeps its own inside of the optimizer. What counts is the largest difference between any two weights at the end.

# %%
def both(rule, optimizer, start, grads):
    optimizer.learning_rate, w, state, variable = 0.001, start, None, keras.Variable(start, dtype="float64")
    for grad in grads:
        w, state = rule(w, grad, state, lr=0.001)
        optimizer.apply([keras.ops.convert_to_tensor(grad, dtype="float64")], [variable])
    return np.abs(w - variable.numpy()).max()

# %% [markdown]
# The gradients are of ordinary size, drawn from N(0,1). Both compute in `float64`, so that rounding doesn't hide anything. What remains comes from numbers that Keras keeps in `float32` all the same, such as $\beta_2$: of $1 - 0.999$, a thousandth, only five digits are right there, which Adam's first steps feel. A forgotten correction would leave a thousand times as much and more.

# %%
rng = np.random.default_rng(seed)
start, grads = rng.standard_normal(20), rng.standard_normal((50, 20))

# %% [markdown]
# All ten in turn. The claim names the rule with the largest difference, which is the one to look at first if it should ever fail on another version of Keras.

# %%
gaps = {rule.__name__: both(rule, optimizer, start, grads) for rule, optimizer in theirs.items()}
claim("All ten rules equal Keras's to 1e-6 after 50 steps", max(gaps.values()) < 1e-6,
      f"at most {max(gaps.values()):.0e}, {max(gaps, key=gaps.get)}")

# %% [markdown]
# Where does Keras put $\varepsilon$? In AdaGrad and RMSprop inside the root, in Adam beside it, and PyTorch beside it in all three. With gradients of ordinary size nobody notices. With tiny ones, here $10^{-6}$, the two places differ visibly, and our functions in `course_lib` follow Keras.

# %%
tiny = 1e-6 * grads
apart = {rule.__name__: both(rule, optimizer, start, tiny) for rule, optimizer in
         {course.adagrad: keras.optimizers.Adagrad(), course.rmsprop: keras.optimizers.RMSprop(),
          course.adam: keras.optimizers.Adam()}.items()}
claim("With gradients of a millionth, too, course_lib's three rules equal Keras's to 1e-6",
      max(apart.values()) < 1e-6, ", ".join(f"{name} {gap:.0e}" for name, gap in apart.items()))

# %% [markdown]
# Schedules have names of their own there: power decay with power 1 is `InverseTimeDecay`, the performance schedule is the callback `ReduceLROnPlateau`. In Keras a schedule goes into the optimizer in the place of the rate, and a callback into `model.fit`.

# %%
named, steps = keras.optimizers.schedules, np.arange(300)
twins = {"exponential": named.ExponentialDecay(0.05, 100, 0.3), "power": named.InverseTimeDecay(0.05, 50, 1.0),
         "cosine": named.CosineDecay(0.05, 300),
         "piecewise": named.PiecewiseConstantDecay([150, 250], [0.05, 0.015, 0.005])}
gaps = {name: np.abs([float(twin(t)) - planned[name](t) for t in steps]).max() for name, twin in twins.items()}
claim("Four schedules equal Keras's to 1e-8 at all 300 steps", max(gaps.values()) < 1e-8,
      ", ".join(f"{name} {gap:.0e}" for name, gap in gaps.items()))

# %% [markdown]
# The callback needs only a model with an optimizer, so it can be led by hand through the thirty validation losses that the performance schedule saw above. Beside it your function, asked after every epoch.

# %%
from types import SimpleNamespace

model = SimpleNamespace(optimizer=keras.optimizers.SGD(0.05))
plateau = keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=3)
plateau.set_model(model)
plateau.on_train_begin()

# %% [markdown]
# Keras lowers the rate in the optimizer itself, after each epoch; ours is a function of all losses so far, so ask it with the first loss, the first two, and so on. Both lists hold 30 rates.

# %%
wanted = []
for epoch, loss in enumerate(record.valid_loss):
    plateau.on_epoch_end(epoch, {"val_loss": loss})
    wanted.append(float(model.optimizer.learning_rate))
mine = [performance_schedule(record.valid_loss[:n], lr=0.05, factor=0.5, patience=3) for n in range(1, 31)]
claim("The performance schedule equals ReduceLROnPlateau on the 30 losses of the run above",
      np.allclose(mine, wanted), f"both end at {mine[-1]:.5f}, having begun at 0.05")

# %% [markdown]
# ## Debug lab
#
# A network with two hidden layers stays far below the 90% that others reach in 200 steps. It learns by momentum with an exponential schedule; `half_life` is the number of steps in which the rate is halved. `train_from` builds and trains it. Here are its loss and its rate, and beside them the same run without the schedule, which somebody tried first and found *worse*.

# %%
from course_lib.exercises.nb05_optimizers import PATIENT, train_from

config = dict(PATIENT)
print(config)
patients = {"the patient": train_from(config, seed),
            "half-life 1,000": train_from({**config, "half_life": 1000}, seed)}
plots.panels({name: {"loss": np.minimum(run.step_loss, 1e6), "learning rate": run.lr} for name, run in patients.items()},
             log=True, xlabel="step", ylabel="loss, learning rate", title="One run crawls, the other diverges")

# %% [markdown]
# In numbers: how many of 2,000 validation images does each get right at the end? Then name the cause before you try a cure. What is left of the rate after 30 steps, and what does the loss do at the first ten?

# %%
crawl, diverge = (run.valid_accuracy[-1] for run in patients.values())
claim("The patient gets less than 85% right, without its schedule less than 60%", crawl < 0.85 and diverge < 0.60,
      f"{crawl:.0%} and {diverge:.0%}")

# %%
quiz("steady-05")

# %% [markdown]
# **Exercise `steady`** (2 points). Return settings with which the network learns: it is trained for 200 steps on 1,280 images, from two seeds, and must get 85% of 2,000 validation images right both times. Network, data and number of steps stay as they are. There is more than one cure. Worked example: `{**config, "half_life": 1000}` is a copy of the settings with a longer half-life, which is half of a cure.

# %% tags=["exercise"]
steady

# %% [markdown]
# The patient with your settings, or with the course's if yours are still open. Look at both lines once more: the loss should fall from the first steps on, and there should be something left of the rate while it does.

# %%
run = train_from(steady(dict(PATIENT)), seed)
plots.panels({"mended": {"loss": np.minimum(run.step_loss, 1e6), "learning rate": run.lr}}, log=True, xlabel="step",
             ylabel="loss, learning rate", title=f"Mended: {run.valid_accuracy[-1]:.0%} right after 200 steps")

# %% [markdown]
# ## The three runs, mended
#
# Back to the beginning: 300 steps, the same seeds, the same images in the same order. Nobody guesses a rate any more: momentum, and the 1cycle schedule up to the peak that the range test gave. Several things have changed at once, since this is no comparison of methods but the recipe that you can now follow.

# %%
recipe = partial(one_cycle, lr=peak, steps=300)
mended = {**opening, "range test and 1cycle": repeat(make, data, momentum, seeds[:3], lr=recipe, epochs=3)}
plots.dots(final_accuracy(mended), reference=(0.1, "guessing"), xlabel="share of validation images that are right",
           title="A rate that was looked for, and that falls at the end")

# %% [markdown]
# No run breaks, none crawls, and the mean is above that of the best guess of the beginning. The range test was one more run of 100 steps; that is the price of not guessing.

# %%
found = final_accuracy(mended)["range test and 1cycle"]
claim("With the recipe every run gets more than 92% right, and their mean is above that of each guessed rate",
      min(found) > 0.92 and np.mean(found) > max(np.mean(runs) for runs in (crawling, learning, broken)),
      f"at least {min(found):.1%}; mean {np.mean(found):.1%} against {np.mean(learning):.1%} at rate 0.1")

# %% [markdown]
# ## What to remember
#
# 1. On a bowl plain descent arrives if the rate is below $2/\lambda_{\max}$. The sharpest direction sets the limit, the flattest one pays.
# 2. Momentum's steps grow to $\eta g/(1 - \beta)$; Nesterov brakes earlier and has a lower limit.
# 3. AdaGrad, RMSprop and Adam divide by the size of each weight's own gradients, so that steps are about $\eta$ long, however steep it is. Adam corrects its averages for having begun at 0; count $t$.
# 4. Ten rules at their own best rates came out within half a point. At a common rate they were 80 points apart: search the rate before you change the rule.
# 5. Let the rate fall at the end, and plot the rate that the run used.
#
# **Today.** AdamW with warm-up and a cosine, or a straight line, down to nearly 0 is the standard for transformers; SGD with momentum and a falling rate is still common for convolutional networks. Lion needs half of Adam's memory, and a rate three to ten times smaller. FTRL lives in advertising, where models are linear and sparse. Where memory is short, Adafactor keeps only row and column sums of $s$ (Shazeer, Stern, 2018); second-order ideas return as Shampoo (Gupta et al., 2018) and Muon (Jordan et al., 2024).
#
# **To read.** B. Polyak, *Some methods of speeding up the convergence of iteration methods*, 1964. J. Duchi, E. Hazan, Y. Singer, *Adaptive subgradient methods*, 2011. D. Kingma, J. Ba, *Adam*, 2015. G. Goh, *Why momentum really works*, Distill, 2017. L. Smith, *Cyclical learning rates for training neural networks*, 2017, and *A disciplined approach to neural network hyper-parameters*, 2018. I. Loshchilov, F. Hutter, *Decoupled weight decay regularization*, 2019. R. Schmidt, F. Schneider, P. Hennig, *Descending through a crowded valley*, 2021, compares fifteen rules. A. Géron, *Hands-on machine learning*, 1st ed. 2017, chapter 11.

# %% [markdown]
# ### In your own words
#
# A colleague reports: "Optimizer B beats our Adam by 2 points. We used the same learning rate for both, to be fair." What do you answer, and which experiment do you propose instead? (2 points, marked by a person.)

# %% [markdown] tags=["answer"] grade_id="same-rate-for-all" points=2
# *Double-click here and write your answer in place of this line.*

# %% [markdown]
# ### Five questions
#
# The first two are the chapter's own. Each answers at once, whichever option you choose, and says why; your answers are kept with your progress, and you can change them.

# %%
quiz("high-beta")

# %%
quiz("sparse-ways")

# %%
quiz("stability")

# %%
quiz("never-fires")

# %%
quiz("which-rule")

# %% [markdown]
# That was notebook 05. The panel shows what you have done; whatever is open you can come back to. Next, in notebook 06, a network that learns its thousand images by heart, and what can be done about it.

# %%
progress()
