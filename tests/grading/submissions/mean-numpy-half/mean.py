import numpy as np


def mean(numbers):
    return np.floor(np.mean(numbers))
