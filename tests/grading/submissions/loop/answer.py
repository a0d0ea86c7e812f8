import time

end = time.time() + 120
while time.time() < end:
    pass
