"""A real hub: it takes another port when one is taken, comes back after kill -9, and leaves nothing running."""

import os
import signal
import socket
import time
import urllib.request

import psutil
import pytest
from typer.testing import CliRunner

from deploy import cli, hub, processes
from fault import Fault


def answer(address):
    with urllib.request.urlopen(f"{address}hub/login", timeout=10) as page:
        return page.read().decode()


def test_class_without_roster_is_told_in_chinese(data):
    (data / "classes" / "demo7" / "roster.csv").unlink()
    with pytest.raises(hub.HubFault, match="demo7.*没有名单"):
        hub.start(data)


def test_no_class_at_all_says_what_to_do(tmp_path):
    with pytest.raises(hub.HubFault, match="还没有班级.*haike class"):
        hub.start(tmp_path)


def test_port_taken_kill_and_restart(data):
    said = []
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        first = hub.start(data, port=taken, progress=said.append)
    try:
        assert first.port != taken
        assert any(f"端口 {taken}" in sentence and str(first.port) in sentence for sentence in said)
        assert "进入教室" in answer(first.address)
        with pytest.raises(hub.HubFault, match="已经开着"):
            hub.start(data)
        before = everybody(data, 4)  # hub, proxy, one formgrader, who ends idle servers
    finally:
        os.kill(first.process.pid, signal.SIGKILL)
        first.process.wait()
        first.lock.close()  # as the end of its process would do

    said.clear()
    second = hub.start(data, port=first.port, progress=said.append)
    try:
        assert any("没有关好" in sentence for sentence in said)
        assert not any(psutil.pid_exists(pid) and is_alive(pid) for pid in before)
        assert second.port == first.port
        assert "进入教室" in answer(second.address)
    finally:
        second.stop()
    assert processes.alive(data / "hub" / "processes") == []
    assert not second.running()


def everybody(data, number):
    """The formgrader starts beside the hub: it may come a moment after the sign-in page."""
    give_up = time.monotonic() + 30
    while time.monotonic() < give_up:
        found = {process.pid for process in processes.alive(data / "hub" / "processes")}
        if len(found) == number:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{len(found)} processes of {number}")


def is_alive(pid):
    return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_a_classroom_can_be_stopped_whatever_its_settings_say(own_data):
    own_data.mkdir()
    (own_data / "hub.yml").write_text("prot: 1\n", "utf-8")
    assert "没有开着" in CliRunner().invoke(cli.app, ["stop"]).output
    with pytest.raises(Fault, match="hub.yml:1  没有 prot 这个设置。是不是 port"):
        hub.start(own_data)
