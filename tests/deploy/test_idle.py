"""A real hub: a server nobody uses is ended, one in use is not."""

import json
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest

from deploy import hub
from tests.deploy.stand_in import PASSWORD, make_class

PATIENCE = 300  # never waited for on a machine that keeps up


class Pupil:
    """A pupil of the running classroom, with the hub's API in their own name."""

    def __init__(self, address, name):
        self.user, self.token = f"{address}hub/api/users/{name}", ""
        auth = {"username": name, "password": PASSWORD}
        self.token = self.ask("POST", "/tokens", {"auth": auth})["token"]

    def ask(self, method, path="", body=None):
        headers = {"Content-Type": "application/json", "Authorization": f"token {self.token}"}
        headers = headers if self.token else {"Content-Type": "application/json"}
        data = json.dumps(body).encode() if body else b"" if method == "POST" else None
        request = urllib.request.Request(self.user + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            content = answer.read()
        return json.loads(content) if content else None

    @property
    def server(self):
        return self.ask("GET")["servers"].get("")

    def is_at_work(self):
        """What a server tells the hub, ahead of time: the test does not depend on how fast it is."""
        soon = (datetime.now(UTC) + timedelta(minutes=30)).isoformat()
        self.ask("POST", "/activity", {"servers": {"": {"last_activity": soon}}})


def until(true):
    give_up = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.3)


@pytest.mark.slow
def test_an_idle_server_is_ended_and_one_at_work_is_not(data, monkeypatch):
    make_class(data, "demo8", "八年级演示班", 8, {"demo8-01": "小江"})
    (data / "hub.yml").write_text("idle_minutes: 0.2\n", "utf-8")
    classroom = hub.start(data)
    try:
        at_work, idle = (Pupil(classroom.address, name) for name in ("demo7-01", "demo8-01"))
        at_work.ask("POST", "/server")
        until(lambda: at_work.server)
        at_work.is_at_work()
        idle.ask("POST", "/server")
        until(lambda: "Culling server demo8-01" in classroom.log.read_text("utf-8"))
        until(lambda: not idle.server)
        assert at_work.server["ready"]
        assert "Culling server demo7-01" not in classroom.log.read_text("utf-8")
    finally:
        classroom.stop()
