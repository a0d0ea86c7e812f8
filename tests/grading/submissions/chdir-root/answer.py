import os


def add(a, b):
    return a + b


os.chdir('/')
