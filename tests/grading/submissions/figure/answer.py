import matplotlib.pyplot as plt


def add(a, b):
    return a + b


plt.plot([1, 2, 4])
plt.show()
