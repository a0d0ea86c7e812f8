import numpy as np


def mean(numbers):
    return np.array([0, 0])
