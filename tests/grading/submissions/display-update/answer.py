from IPython.display import display


def add(a, b):
    return a + b


shown = display('一', display_id=True)
shown.update('二')
