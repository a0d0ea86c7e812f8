from IPython.display import clear_output


def add(a, b):
    print(a)
    clear_output(wait=True)
    return a + b
