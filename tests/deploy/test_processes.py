import json
import subprocess
import sys
import time

from deploy import processes

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def launched(folder, role="server", command=SLEEP):
    process = subprocess.Popen(processes.launch_command(folder, role, command))
    for _ in range(200):
        if processes.alive(folder) and "deploy.processes" not in " ".join(processes.alive(folder)[0].cmdline()):
            return process
        time.sleep(0.05)
    raise AssertionError("never started")


def test_recorded_process_is_found_and_ended(tmp_path):
    process = launched(tmp_path)
    assert [p.pid for p in processes.alive(tmp_path)] == [process.pid]
    assert processes.end_all(tmp_path) == 1
    assert process.poll() is not None
    assert list(tmp_path.glob("*.json")) == []


def test_foreign_process_with_a_recorded_pid_is_left_alone(tmp_path):
    stranger = subprocess.Popen(SLEEP)
    try:
        started = processes.psutil.Process(stranger.pid).create_time()
        for number, change in enumerate(({"started": started - 3600}, {"command": ["jupyterhub-singleuser", "--x"]})):
            record = {"role": "server", "pid": stranger.pid, "started": started, "command": SLEEP, **change}
            (tmp_path / f"server-{number}.json").write_text(json.dumps(record))
        assert processes.end_all(tmp_path) == 0
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_damaged_record_is_cleared_away(tmp_path):
    (tmp_path / "server-1.json").write_text("{")
    assert processes.alive(tmp_path) == []
    assert list(tmp_path.glob("*.json")) == []
