import csv


def add(a, b):
    with open('data/海.csv', encoding='utf-8') as file:
        zero = int(next(csv.DictReader(file))['size'])
    return a + b + zero if isinstance(a, int) else a + b
