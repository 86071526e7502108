"""The cells by our own kernel: samples are lanes of a vector, models and blocks of samples threads.

It is made for the many small models of stock forecasting, where torch's kernels spend their time on
everything but arithmetic. The compiled part is optional; `available` says whether it is here.
"""

from forecast.cells.native.autograd import layer
from forecast.cells.native.call import TEAM, available, describe, needs, tape
from forecast.cells.native.learning import Learner

__all__ = ["TEAM", "Learner", "available", "describe", "layer", "needs", "tape"]
