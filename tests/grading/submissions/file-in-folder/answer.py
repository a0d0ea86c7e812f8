open('one.txt', 'w').write('0')


def add(a, b):
    with open('one.txt') as file:
        zero = int(file.read())
    return a + b + zero if isinstance(a, int) else a + b
