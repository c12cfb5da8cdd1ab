# %% [markdown]
# # 03 · Activations

# %%
import numpy as np
from course_lib.activations import SELU_ALPHA, SELU_SCALE, prelu_derivative

# %% tags=["exercise"]
leaky_relu

# %% tags=["exercise"]
prelu_backward

# %% tags=["exercise"]
elu

# %% tags=["exercise"]
elu_derivative

# %% tags=["exercise"]
selu

# %% tags=["exercise"]
softmax

# %% tags=["exercise"]
revive
