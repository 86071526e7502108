"""Names of array shapes; NumPy only.

An axis has one name everywhere: model, row, sample, time, feature, hidden, horizon, token.
"""

import numpy as np
from jaxtyping import Bool, Float, Int

Series = Float[np.ndarray, "row"]
Table = Float[np.ndarray, "row feature"]
Windows = Float[np.ndarray, "sample time feature"]
Targets = Float[np.ndarray, "sample horizon"]
Answers = Float[np.ndarray, "history horizon"]
Rows = Int[np.ndarray, "row"]
Mask = Bool[np.ndarray, "row"]
