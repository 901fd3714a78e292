"""What others wrote and the site ships: unchanged, complete, with its licence."""

import json
import subprocess

import pytest
import vendor_editor
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


def test_editor_is_the_one_that_was_made():
    sums = (vendor_editor.TARGET / vendor_editor.SUMS).read_text()
    assert sums == vendor_editor.sums()
    licences = (vendor_editor.TARGET / "editor.LICENSE.txt").read_text()
    for package in json.loads((vendor_editor.SOURCE / "package.json").read_text())["dependencies"]:
        assert f"\n{package} " in f"\n{licences}"


def test_packages_of_the_editor_are_held_against_hashes():
    lock = json.loads((vendor_editor.SOURCE / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert "node_modules/@codemirror/view" in packages
    for name, entry in packages.items():
        assert entry["integrity"].startswith("sha512-"), name
        assert "resolved" not in entry, name
