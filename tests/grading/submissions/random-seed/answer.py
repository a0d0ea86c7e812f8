import random


def add(a, b):
    return a + b


random.seed(7)
print(random.random())
