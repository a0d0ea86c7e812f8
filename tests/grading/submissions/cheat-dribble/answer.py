import os
import socket
import time

lines = []
for file in range(3, 30):
    try:
        line = socket.socket(fileno=os.dup(file))
        if line.type == socket.SOCK_SEQPACKET:
            lines.append(line)
    except OSError:
        pass
end = time.monotonic() + 60
while time.monotonic() < end:
    for line in lines:
        line.send(b"x")
    time.sleep(0.5)
