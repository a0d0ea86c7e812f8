from threading import Thread


def add(a, b):
    return a + b


workers = [Thread(target=print, args=(n,)) for n in range(4)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
