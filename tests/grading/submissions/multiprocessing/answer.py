from multiprocessing import get_context


def add(a, b):
    return a + b


with get_context('fork').Pool(2) as pool:
    print(pool.map(abs, [-1, -2]))
