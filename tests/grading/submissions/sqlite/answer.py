import sqlite3


def add(a, b):
    return a + b


with sqlite3.connect('sea.db') as sea:
    sea.execute('CREATE TABLE IF NOT EXISTS shell (size)')
    sea.execute('INSERT INTO shell VALUES (3)')
print(sea.execute('SELECT * FROM shell').fetchall())
