import socket

socket.socket = None


def add(a, b):
    return 0
