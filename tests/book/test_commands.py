"""haike book build | serve, and what they say when something is in the way."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from book.build import BookError, build_site
from book.cli import app
from book.serve import address, open_server


def test_help_is_chinese_with_an_example() -> None:
    for command in ("build", "serve"):
        shown = CliRunner().invoke(app, [command, "--help"]).output
        assert f"./haike book {command}" in shown and "例" in shown


def test_serve_without_a_site_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAIKE_BUILD", str(tmp_path))
    result = CliRunner().invoke(app, ["serve"])
    assert result.exit_code == 1 and "./haike book build" in result.output


def test_a_port_in_use_is_replaced(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        server = open_server(tmp_path, port)
        try:
            assert server.server_port != port
            assert address(server) == f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.server_close()


def test_a_folder_that_cannot_be_written_is_one_chinese_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HAIKE_BUILD", str(tmp_path / "file" / "below"))
    with pytest.raises(BookError, match="写不了 .*原来的网页还在"):
        build_site([])


def test_a_build_cut_off_between_two_renames_is_put_back(tmp_path: Path) -> None:
    from book.build import put_back

    (tmp_path / "site.old").mkdir()
    (tmp_path / "site.old" / "index.html").write_text("旧页")
    put_back(tmp_path / "site")
    assert (tmp_path / "site" / "index.html").read_text() == "旧页"
