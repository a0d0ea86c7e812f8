import os


def add(a, b):
    return a + b


os.environ['HAI'] = '草'
os.environ.pop('PATH', None)
