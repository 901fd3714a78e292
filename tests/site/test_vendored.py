"""What others wrote and the site ships: unchanged, complete, with its licence."""

import subprocess

import pytest
import vendor_katex

from lossbook.site.mathematics import FOLDER, STYLES


def test_vendored_files_are_those_that_were_brought():
    assert (FOLDER / vendor_katex.SUMS).read_text() == vendor_katex.sums()


@pytest.mark.parametrize("change", ["changed", "added", "removed"])
def test_file_that_changed_is_noticed(tmp_path, monkeypatch, change):
    (tmp_path / "script.js").write_text("1")
    monkeypatch.setattr(vendor_katex, "TARGET", tmp_path)
    before = vendor_katex.sums()
    path = tmp_path / ("other.js" if change == "added" else "script.js")
    path.unlink() if change == "removed" else path.write_text("2")
    assert vendor_katex.sums() != before


def test_licence_is_shipped_with_them():
    for folder in (FOLDER, STYLES / "katex"):
        assert "MIT" in (folder / "LICENSE").read_text()


def test_package_with_another_hash_is_refused_and_nothing_changes(tmp_path, monkeypatch):
    def pack(command, cwd, **_):
        (tmp_path / cwd / f"katex-{vendor_katex.VERSION}.tgz").write_bytes(b"another package")

    monkeypatch.setattr(subprocess, "run", pack)
    monkeypatch.setattr(vendor_katex, "TARGET", tmp_path / "katex")
    with pytest.raises(SystemExit, match=r"expected sha512-.* got sha512-"):
        vendor_katex.main()
    assert not (tmp_path / "katex").exists()
