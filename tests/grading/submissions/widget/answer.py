from IPython.display import display
from ipywidgets import IntSlider


def add(a, b):
    return a + b


display(IntSlider(value=3))
