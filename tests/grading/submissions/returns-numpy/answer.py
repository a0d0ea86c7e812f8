import numpy as np


def add(a, b):
    return np.add(a, b) if not isinstance(a, str) else a + b
