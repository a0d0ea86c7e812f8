"""Makes the private environment of ./haike from requirements.lock. Standard library only: nothing else is there yet.

Called as `python3 environment.py ROOT ENV`. Two calls at the same time wait for each other; an interrupted one is
begun again. The copy of the lock in the environment is written last and says that it is whole.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

UV = "uv==0.13.9"
OLDEST = (3, 11)


class Stop(Exception):
    """Something the reader can mend; the message is for them."""


def main(root: Path, env: Path) -> None:
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:2]))
        raise Stop(f"海课要用 Python 3.11 或更新的版本，这里是 {found}。请安装新的 python3，再运行一次。")
    lock = root / "requirements.lock"
    try:
        env.parent.mkdir(parents=True, exist_ok=True)
        guard = open(env.parent / f"{env.name}.lock", "w")  # noqa: SIM115, PTH123  held until the process ends
    except OSError as error:
        raise Stop(f"{env.parent} 不能写：{error.strerror}。换一个能写的文件夹，或者设 HAIKE_ENV 指到别处。") from error
    fcntl.flock(guard, fcntl.LOCK_EX)
    if (env / "haike.lock").exists() and (env / "haike.lock").read_bytes() == lock.read_bytes():
        return  # somebody else has just made it
    print("第一次运行：正在准备环境，要下载约 300 MB，几分钟就好……", file=sys.stderr, flush=True)
    uv = find_uv(env)
    (env / "haike.lock").unlink(missing_ok=True)
    run([*uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(env)])
    python = env / "bin" / "python"
    run([*uv, "pip", "install", "--quiet", "--require-hashes", "--python", str(python), "-r", str(lock)])
    where = "import site; print(site.getsitepackages()[0])"
    site = subprocess.run([str(python), "-c", where], capture_output=True, text=True).stdout.strip()
    (Path(site) / "haike.pth").write_text(f"{root}\n", encoding="utf-8")
    shutil.copyfile(lock, env / "haike.lock.part")
    (env / "haike.lock.part").replace(env / "haike.lock")


def find_uv(env: Path) -> list[str]:
    """uv from the PATH, or fetched into a small environment of its own."""
    boot = env.parent / f"{env.name}.uv"
    own = boot / "bin" / "uv"
    if own.exists():
        return [str(own)]
    found = shutil.which("uv")
    if found:
        return [found]
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(boot)], capture_output=True, text=True)
    if made.returncode:
        shutil.rmtree(boot, ignore_errors=True)
        raise Stop("这台机器的 python3 缺少 venv。请先运行：sudo apt install python3-venv，再运行一次。")
    run([str(boot / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", UV])
    return [str(own)]


def run(command: list[str]) -> None:
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        sys.stderr.write(done.stderr)
        free = shutil.disk_usage(tempfile.gettempdir()).free // 2**20
        raise Stop(
            "环境没有装好，原因在上面几行。常见的两种：网络不通，或者磁盘满了"
            f"（现在还有 {free} MB，需要约 2000 MB）。解决后再运行一次，会接着装。"
        )


if __name__ == "__main__":
    os.umask(0o022)
    try:
        main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]))
    except Stop as stop:
        print(stop, file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("\n停下了。再运行一次会接着装。", file=sys.stderr)
        sys.exit(130)
