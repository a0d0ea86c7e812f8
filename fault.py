"""The one kind of exception that a person can mend: every room's own faults are a Fault."""

import errno

_REASONS = {
    errno.ENOSPC: "磁盘满了",
    errno.EDQUOT: "磁盘配额用完了",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "这个磁盘只能读",
    errno.ENOENT: "文件不在",
    errno.ENOTDIR: "路径里有一段不是文件夹",
    errno.EISDIR: "这是一个文件夹",
    errno.EEXIST: "已经有同名的文件",
    errno.EMFILE: "打开的文件太多",
    errno.EADDRINUSE: "端口有别的程序在用",
}


class Fault(Exception):
    """Says in Chinese what is wrong, where, and what to do next. The door prints it as one line, exit code 1."""


def reason(error: OSError) -> str:
    """Why the system refused, in Chinese; its own words where we have none."""
    return _REASONS.get(error.errno or 0) or error.strerror or str(error)
