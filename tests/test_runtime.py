"""The files of the Python in the page: held against a lock, and named where one is wrong."""

import hashlib
import io
import json
import zipfile

import pytest
import runtime
from runtime import RuntimeFileError

NUMPY = "numpy-9.9-none.whl"


def packed(**files):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


@pytest.fixture
def release(tmp_path):
    """A folder that holds a release of Pyodide, as far as the tool can tell."""
    folder = tmp_path / "release"
    folder.mkdir()
    for name in runtime.CORE:
        (folder / name).write_bytes(f"core {name}".encode())
    (folder / "pyodide.mjs").write_text('var X="9.8.7";')
    wheel = packed(**{"numpy-9.9.dist-info/LICENSE.txt": "the licence of NumPy"})
    (folder / NUMPY).write_bytes(wheel)
    numpy = {"file_name": NUMPY, "sha256": hashlib.sha256(wheel).hexdigest(), "version": "9.9"}
    index = {"info": {"python": "3.99"}, "packages": {"numpy": numpy, "scipy": {}}}
    (folder / runtime.PACKAGES).write_text(json.dumps(index))
    return folder


@pytest.fixture
def lock(release):
    return runtime.locked("9.8.7", f"{release.as_uri()}/")


# The lock


def test_lock_names_size_and_hash_of_every_file_of_one_release():
    lock = json.loads(runtime.LOCK.read_text("utf-8"))
    assert f"v{lock['release']}/" in lock["address"]
    assert set(lock["files"]) >= {runtime.PACKAGES, *runtime.CORE}
    assert sum(name.startswith("numpy-") for name in lock["files"]) == 1
    for entry in lock["files"].values():
        assert entry["size"] > 0
        assert len(bytes.fromhex(entry["sha256"])) == 32


def test_lock_of_a_release_is_made_of_its_files(lock, release):
    for name, entry in lock["files"].items():
        assert entry == runtime.measured((release / name).read_bytes())


def test_release_whose_numpy_is_another_one_gets_no_lock(release):
    (release / NUMPY).write_bytes(b"another")
    with pytest.raises(RuntimeFileError, match=f"{NUMPY} at .* is not the one that it names"):
        runtime.locked("9.8.7", f"{release.as_uri()}/")


# From the release, or from what was fetched before


def test_files_are_fetched_once(lock, release, tmp_path):
    first = runtime.pinned(lock, tmp_path / "cache")
    assert set(first) == set(lock["files"])
    for path in release.iterdir():
        path.unlink()
    assert runtime.pinned(lock, tmp_path / "cache") == first


def test_file_that_was_kept_and_is_damaged_is_fetched_again(lock, tmp_path):
    first = runtime.pinned(lock, tmp_path)
    (tmp_path / "pyodide-9.8.7" / NUMPY).write_bytes(b"half of it")
    assert runtime.pinned(lock, tmp_path) == first


def test_file_that_differs_is_named_with_what_was_expected_and_where_it_was(
    lock, release, tmp_path
):
    (release / "pyodide.asm.js").write_bytes(b"other")
    wanted = lock["files"]["pyodide.asm.js"]
    with pytest.raises(RuntimeFileError) as raised:
        runtime.pinned(lock, tmp_path)
    text = str(raised.value)
    assert text.startswith(f"pyodide.asm.js: expected {wanted['size']} bytes with SHA-256 ")
    assert wanted["sha256"] in text
    assert "found 5 bytes" in text
    assert text.endswith(f"in {release.as_uri()}/pyodide.asm.js")


def test_without_network_one_sentence_says_what_to_do(lock, release, tmp_path, monkeypatch):
    (release / "python_stdlib.zip").unlink()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "kept"))
    with pytest.raises(RuntimeFileError) as raised:
        runtime.pinned(lock)
    text = str(raised.value)
    assert text.startswith("python_stdlib.zip (")
    assert lock["files"]["python_stdlib.zip"]["sha256"] in text
    assert str(tmp_path / "kept") in text
    assert "make live PYODIDE=<folder>" in text
    assert "\n" not in text


# From a folder that somebody names


def test_folder_is_taken_as_it_is(release):
    version, files = runtime.chosen(release)
    assert version == "9.8.7"
    assert set(files) == {*runtime.CORE, NUMPY, runtime.PACKAGES}


@pytest.mark.parametrize("name", [*runtime.CORE, NUMPY, runtime.PACKAGES])
def test_file_that_the_folder_lacks_is_named(release, name):
    (release / name).unlink()
    with pytest.raises(RuntimeFileError, match=f"^{name}: expected .*, in {release}: No such file"):
        runtime.chosen(release)


def test_numpy_is_held_against_the_folder_s_own_lock(release):
    (release / NUMPY).write_bytes(b"another")
    with pytest.raises(RuntimeFileError, match=rf"^{NUMPY}: expected SHA-256 .*{release}, see its"):
        runtime.chosen(release)


def test_folder_whose_lock_has_no_numpy_is_refused(release):
    (release / runtime.PACKAGES).write_text('{"packages": {}}')
    with pytest.raises(RuntimeFileError, match="names no NumPy"):
        runtime.chosen(release)


# What the site gets


def test_gathered_files_are_those_of_the_manifest(release, tmp_path):
    told = runtime.gather(tmp_path / "out", release)
    assert (told["release"], told["python"], told["numpy"]) == ("9.8.7", "3.99", "9.9")
    assert set(told["differing"]) == {*runtime.CORE, NUMPY}, "none is the pinned release's"
    written = {
        path.relative_to(tmp_path / "out").as_posix(): runtime.measured(path.read_bytes())
        for path in (tmp_path / "out").rglob("*")
        if path.is_file() and path.name != runtime.MANIFEST
    }
    assert written == told["files"]
    index = json.loads((tmp_path / "out" / runtime.PACKAGES).read_text())
    assert list(index["packages"]) == ["numpy"], "what is not shipped is not offered"


def test_what_was_gathered_can_be_gathered_again(release, tmp_path):
    first = runtime.gather(tmp_path / "out", release)
    assert runtime.gather(tmp_path / "out", tmp_path / "out") == first


def test_licences_are_shipped_and_the_list_of_them_names_every_file(release, tmp_path):
    told = runtime.gather(tmp_path / "out", release)
    texts = {
        n: (tmp_path / "out" / n).read_text("utf-8") for n in told["files"] if "licences/" in n
    }
    assert texts["licences/NumPy-LICENSE.txt"] == "the licence of NumPy"
    assert "Mozilla Public License Version 2.0" in texts["licences/MPL-2.0.txt"]
    assert "PYTHON SOFTWARE FOUNDATION LICENSE" in texts["licences/Python.txt"]
    for name in runtime.CORE:
        assert name in texts["licences/README.txt"]


def test_wheel_of_lossbook_is_the_same_each_time_and_holds_what_a_page_can_run():
    name, content = runtime.wheel()
    assert runtime.wheel() == (name, content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        record = archive.read(next(n for n in names if n.endswith("/RECORD"))).decode()
    assert {"lossbook/__init__.py", "lossbook/datasets/handwritten_digits.csv.gz"} <= set(names)
    assert not [n for n in names if n.startswith("lossbook/site/")]
    assert [line.split(",")[0] for line in record.splitlines()] == names
    assert len(content) < 500_000
