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
# # 00 · Start here
#
# Welcome. In this course every technique for training deep networks is first seen failing or working on real data, then derived, then written by you in a few lines of NumPy, checked at once, and found again in TensorFlow. At its end you own a library of your own, and know every line of it.
#
# Afterwards you can
#
# - find your way through the course, and say where you are in it,
# - use its exercises, hints, predictions, claims, explorers and quizzes, each tried once.
#
# **Who it is for.** You have met neural networks, as a student or at work, and want to understand what happens in them when they learn, and when they don't. You need some Python (functions, loops, arrays), matrix products, and the chain rule. TensorFlow you need not know. {{measured}}
#
# A notebook is a page of text and *cells* of code. Click a cell and press Shift+Enter to run it and go to the next; the result appears below. Always run from top to bottom. Should anything get stuck, choose *Kernel → Restart Kernel* from the menu: nothing that you wrote is lost, only the variables; run again from the top.

# %% [markdown]
# ## The data
#
# The first code cell of each notebook imports what it needs, chooses the processor or the graphics card, and fixes the *seed* from which everything random is drawn, so that you see the same numbers as everybody else. Nothing is downloaded: the data came with the course.

# %%
import numpy as np

from course_lib import mine, plots
from course_lib.backend import seed_everything, use_backend
from course_lib.claims import claim
from course_lib.datasets import load_mnist
from course_lib.exercises import check, hint, predict, progress, quiz, use

use_backend()
seed = seed_everything()
mnist = load_mnist()

# %% [markdown]
# Nearly everything here is tried on MNIST: small images of handwritten digits, real, hard enough to fail on, and small enough to train on in seconds. A pixel is a whole number from 0, paper, to 255, ink. There are 55,000 images to train on, 5,000 to compare settings with (*validation*), and 10,000 that stay unseen until the end (*test*).

# %%
plots.digits(mnist.x_train[:10], mnist.y_train[:10],
             title="The first ten training images")

# %% [markdown]
# ## Predictions
#
# Before an experiment you are asked what you expect. Take the question seriously for ten seconds: people who commit themselves before they look remember better, even if they were wrong. Type a number and press Enter, or skip it. What share of all these pixels is plain paper, with the value 0?

# %%
guess = predict("paper", "Share of pixels that are 0, in all training images:",
                low=0, high=100, unit="%")
guess

# %% [markdown]
# Below, your prediction stands beside what was measured. It is remembered, so that you find it here when you come back. If you change it now and run the next cell again, the picture changes with it.

# %%
paper = 100 * np.mean(mnist.x_train == 0)
guess.against(paper)

# %% [markdown]
# ## Claims
#
# A sentence with a tick is one that the notebook has checked by itself a moment ago, with the numbers it rests on in brackets. A sentence that doesn't hold gets a cross. So you need not take our word for anything, and if you change an experiment, you see which sentences survive.

# %%
claim("Four pixels in five are plain paper", 78 < paper < 83, f"{paper:.1f}%")

# %% [markdown]
# **Change and see.** Write `mnist.x_train < 128` in the cell that computes `paper`, and run it and the claim again. What do you count now, and what becomes of the sentence? Then put the cell back.

# %% [markdown]
# ## Exercises
#
# An exercise is a function for you to write. Its cell holds the beginning, with a description and the last line `raise NotImplementedError`, which you replace. Then run the cell below it: `check` tries your function on several inputs, some of them nasty, and tells you what it found. You can check as often as you like, and no exercise is a barrier: as long as one is open, the course's own function is used in its place.
#
# **Exercise `standardize`** (1 point). Networks learn best from numbers of mean 0 and standard deviation 1. Given the mean and the standard deviation of the training images, standardize any pixels, and return them as `float32`, numbers that take four bytes each. Worked example: the pixels 0, 10 and 20 with mean 10 and standard deviation 5 become −2, 0 and 2.
#
# Try a wrong answer first, `return x / std` for example, to see how a mistake is explained.

# %% tags=["exercise"]
standardize

# %% [markdown]
# Three kinds of help are there for you. The report says in which case, as small as possible, your answer differs; if it recognises your mistake, it says what you probably did. And there are three hints, to be opened one by one: the idea, the formula, and nearly the code. They stand under the report, and here:

# %%
hint("standardize")

# %% [markdown]
# What happened in the last cell below the check, `standardize = use(standardize)`? It gives *your* function to the experiments that follow, if it passed. So the network you see training later trains on your code. Here your function, or the course's if yours is still open, treats ten thousand images at once.

# %%
images = mnist.x_train[:10_000]
mean, std = images.mean(), images.std()
inputs = standardize(images, mean, std)
claim("The standardized images have mean 0 and standard deviation 1, within 0.001",
      abs(inputs.mean(dtype=float)) < 1e-3 and abs(inputs.std(dtype=float) - 1) < 1e-3,
      f"{abs(inputs.mean(dtype=float)):.5f} and {inputs.std(dtype=float):.5f}")

# %% [markdown]
# ## Explorers
#
# An explorer is a picture with controls. Above each there is a picture that stands still, for print and to compare with. Here is what the pixels look like if you subtract 0 and divide by 100: most are paper, at 0, no value lies below it, and the standard deviation isn't 1 yet.

# %%
from course_lib.widgets.pixels import pixels, pixels_explorer

pixels(mean=0, std=100).figure()

# %% [markdown]
# Now with controls. Move a slider with the mouse; or click it once, or reach it with the Tab key, and use the arrow keys. Or type: `explorer.controls["mean"].value = 20`, in a new cell. **Try this:**
#
# 1. Find the mean for which the result has mean 0. Does the spread matter for it?
# 2. Find the setting of *Std* for which the result's standard deviation is nearest to 1.
# 3. Compare the two with the numbers that the claim above used: `print(mean, std)` in a new cell.

# %%
explorer = pixels_explorer()
explorer

# %% [markdown]
# ## The course
#
# {{contents}}

# %% [markdown]
# ## Quizzes
#
# Now and then a question with a few options. Every option explains itself at once, the wrong ones too, so it is worth choosing them all. Nothing is counted against you. Without a mouse, or if you prefer typing, `quiz("first-quiz", 2)` takes the second option.

# %%
quiz("first-quiz")

# %% [markdown]
# ## Where you are
#
# The panel shows every notebook with your points; the one you were in last is unfolded, and each exercise is a link to its cell. It is read from a file of your own on this machine. So it survives restarts, and you can always come back to what is open. The hours are those of somebody who reads everything and solves every exercise. Each notebook needs 01 and little else, and says at its top what helps.

# %%
progress()

# %% [markdown]
# Every function of yours that passes its check is kept, with its source, and they make up a library of your own. `mine` shows how far it has come, and hands your functions to later notebooks; `course export FOLDER`, typed in a terminal (*File → New → Terminal*), writes it out as a package that runs with NumPy alone.

# %%
mine

# %% [markdown]
# ## Is your machine ready?
#
# Each row of the table is all right, or says what to do about it. A graphics card isn't needed: every notebook is made for an ordinary processor with two cores. (The first time this takes some seconds, since TensorFlow is loaded.)

# %%
from course_lib.delivery.doctor import doctor

doctor()

# %% [markdown]
# ## Where to go from here
#
# To 01: twenty layers, an old recipe, and what becomes of it. Two shorter ways through the course:
#
# - **For the impatient.** Open 01, run all its cells, and read only the headings and the sentences with a tick, until you come to its explorer: make the signal die, and save it.
# - **The exercises and labs only, for those who know the field.** Open a notebook, run all its cells once, and go from exercise to exercise by the links in the panel above, up to the debug lab. What is open blocks nothing. Read the text around an exercise where a check or a claim surprises you. This takes about half the hours.
#
# Each notebook ends with the panel of your progress, and the links below take you to its neighbours. To begin a notebook afresh, type `course reset 1` in a terminal: you get a clean copy, and your old one is kept beside it.
#
# The functions that you write stand, as we would write them, in the folder `course_lib`. Reading them is no cheating, once you have tried: the library is the model answer, short enough to read in one sitting.
