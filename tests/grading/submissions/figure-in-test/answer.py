import matplotlib.pyplot as plt


def add(a, b):
    plt.plot([1, 2, 4])
    return a + b
