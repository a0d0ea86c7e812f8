import tempfile


def add(a, b):
    return a + b


with tempfile.TemporaryFile('w+') as file:
    file.write('海')
