from IPython.display import display
from ipywidgets import Output


def add(a, b):
    return a + b


box = Output()
display(box)
with box:
    print('里面')
