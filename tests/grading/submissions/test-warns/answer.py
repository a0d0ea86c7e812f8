import warnings


def add(a, b):
    warnings.warn('小心')
    return a + b
