import numpy as np


def mean(numbers):
    return np.mean(numbers)
