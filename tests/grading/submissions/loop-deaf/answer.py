import signal
import time

for each in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM, signal.SIGHUP):
    signal.signal(each, signal.SIG_IGN)
end = time.time() + 120
while time.time() < end:
    pass
