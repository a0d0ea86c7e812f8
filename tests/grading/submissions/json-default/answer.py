import json

json.JSONEncoder.default = lambda self, thing: {"real": thing.real}


def add(a, b):
    json.dumps(1j)
    return a + b
