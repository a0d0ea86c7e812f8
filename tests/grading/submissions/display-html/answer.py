from IPython.display import HTML, display


def add(a, b):
    return a + b


display(HTML('<b>海</b>'))
HTML('<script>alert(1)</script>')
