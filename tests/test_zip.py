"""The site as one zip."""

import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import zip_site

ROOT = Path(__file__).parent.parent


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "html"
    (folder / "_static").mkdir(parents=True)
    (folder / "index.html").write_text("<p>front</p>" * 50)
    (folder / "_static" / "script.js").write_text("1;\n")
    (folder / "_static" / "z.css").write_text("a{}\n")
    (folder / ".buildinfo").write_text("of the builder\n")
    return folder


def test_two_zips_of_the_same_site_are_the_same_file(site, tmp_path):
    zip_site.pack(site, tmp_path / "one.zip")
    for path in site.rglob("*"):  # another time, other rights
        os.utime(path, (1e9, 1e9))
        path.chmod(stat.S_IRWXU)
    again = tmp_path / "copy"
    for path in sorted(site.rglob("*"), reverse=True):  # and another order of the names on disk
        if path.is_file():
            target = again / path.relative_to(site)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    zip_site.pack(again, tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_zip_differs_where_the_site_does(site, tmp_path):
    zip_site.pack(site, tmp_path / "one.zip")
    (site / "_static" / "z.css").write_text("b{}\n")
    zip_site.pack(site, tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() != (tmp_path / "two.zip").read_bytes()


def test_zip_unpacks_into_one_folder_that_anybody_can_read(site, tmp_path):
    count = zip_site.pack(site, tmp_path / "site.zip")
    with zipfile.ZipFile(tmp_path / "site.zip") as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        rights = {entry.external_attr >> 16 for entry in archive.infolist()}
    inside = ["_static/script.js", "_static/z.css", "index.html"]
    assert names == [f"{zip_site.NAME}/{name}" for name in inside]
    assert count == 3
    assert rights == {0o100644}
    assert not list(tmp_path.glob("*.part"))


def test_without_a_site_the_command_says_what_to_do(tmp_path):
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "zip_site.py", tmp_path, tmp_path / "site.zip"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "`make book` builds the site" in done.stderr
    assert not (tmp_path / "site.zip").exists()
