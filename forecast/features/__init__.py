"""From a history to the arrays a model reads: inputs, scaling, windows."""
