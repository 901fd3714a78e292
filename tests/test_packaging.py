"""What `pip install` gives: the archives, their metadata, and lossbook as installed from them."""

import email
import os
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

import lossbook

ROOT = Path(__file__).parent.parent
BUILT = ("build", "dist", "lossbook.egg-info")


def run(*command, **options):
    """Run a command that may ask no package index, and return what it printed."""
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    environment |= {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(
        list(map(str, command)),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        **options,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """The source distribution, and the wheel that is built from it."""
    source, folder = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    tracked = run("git", "ls-files", "-z", cwd=ROOT).split("\0")
    for name in filter(None, tracked):
        if (ROOT / name).is_file() and not name.startswith("chapters/"):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, cwd=source)
    (sdist,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    return sdist, wheel


@pytest.fixture(scope="module")
def in_wheel(archives):
    with zipfile.ZipFile(archives[1]) as wheel:
        return {name: wheel.read(name) for name in wheel.namelist() if not name.endswith("/")}


@pytest.fixture(scope="module")
def metadata(in_wheel):
    (name,) = (n for n in in_wheel if n.endswith(".dist-info/METADATA"))
    return email.message_from_bytes(in_wheel[name])


def package_files():
    tracked = run("git", "ls-files", "-z", "lossbook", cwd=ROOT).split("\0")
    return {name for name in tracked if name and (ROOT / name).is_file()}


def test_wheel_holds_the_package_whole_and_nothing_else(in_wheel):
    inside = {name for name in in_wheel if ".dist-info/" not in name}
    assert inside == package_files()
    for part in ("lossbook/py.typed", "lossbook/datasets/engel_food.csv"):
        assert part in inside
    for folder in ("explore/assets", "site/assets", "site/katex/static/katex/fonts"):
        assert any(name.startswith(f"lossbook/{folder}/") for name in inside), folder
    for name in inside:
        assert in_wheel[name] == (ROOT / name).read_bytes(), name


def test_source_distribution_holds_the_package_and_what_builds_it(archives):
    with tarfile.open(archives[0]) as sdist:
        names = {m.name.partition("/")[2] for m in sdist.getmembers() if m.isfile()}
    assert package_files() <= names
    assert {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff"} <= names
    strangers = {n.partition("/")[0] for n in names} - {"lossbook", "lossbook.egg-info"}
    assert not {"tests", "chapters", "tools", "benchmarks", ".github"} & strangers


def test_metadata_say_what_pyproject_says(metadata):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert metadata["Name"] == "lossbook"
    assert metadata["Version"] == lossbook.__version__
    assert metadata["Requires-Python"] == project["requires-python"]
    assert metadata["License-Expression"] == project["license"]
    assert metadata["Description-Content-Type"] == "text/markdown"
    always = [r for r in metadata.get_all("Requires-Dist") if "extra ==" not in r]
    assert always == project["dependencies"], "NumPy alone"
    assert set(metadata.get_all("Provides-Extra")) == set(project["optional-dependencies"])


def test_every_licence_of_the_package_is_in_the_wheel(in_wheel, metadata):
    (info,) = {name.partition("/")[0] for name in in_wheel if ".dist-info/" in name}
    for name in metadata.get_all("License-File"):
        assert in_wheel[f"{info}/licenses/{name}"] == (ROOT / name).read_bytes()
    licences = {n for n in package_files() if Path(n).name.startswith("LICENSE")}
    texts = {in_wheel[f"{info}/licenses/{n}"] for n in metadata.get_all("License-File")}
    assert {(ROOT / n).read_bytes() for n in licences} <= texts


def test_version_is_one(in_wheel):
    citation = (ROOT / "CITATION.cff").read_text()
    assert f"\nversion: {lossbook.__version__}\n" in citation
    assert f"\n## {lossbook.__version__}" in (ROOT / "CHANGELOG.md").read_text()


# Installed


@pytest.fixture(scope="module")
def installed(archives, tmp_path_factory):
    """The Python of a new environment with the wheel, which sees this one's other packages."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    scripts = "Scripts" if os.name == "nt" else "bin"
    python = folder / scripts / "python"
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    run(sys.executable, "-m", "pip", "install", "--no-deps", "--target", site, archives[1])
    import numpy

    # Behind the environment's own. A path is no .pth of its own: an editable lossbook stays out.
    (site / "others.pth").write_text(str(Path(numpy.__file__).parent.parent) + "\n")
    return python, site


def test_installed_package_imports_with_numpy_alone(installed, tmp_path):
    python, site = installed
    code = """if True:
        import sys, lossbook
        import lossbook.datasets
        print(lossbook.__file__)
        print(lossbook.huber([3.0, 5.0], [2.5, 9.0], delta=1.0).tolist())
        print(len(lossbook.datasets.load_engel_food().income))
        print(sorted({"matplotlib", "ipywidgets", "sphinx", "IPython"} & sys.modules.keys()))
        """
    lines = run(python, "-I", "-c", code, cwd=tmp_path).splitlines()
    assert Path(lines[0]).is_relative_to(site)
    assert lines[1] == "[0.125, 3.5]"
    assert lines[2:] == ["235", "[]"]


def test_every_doctest_passes_against_the_installed_wheel(installed, tmp_path):
    python, site = installed
    options = ("-p", "no:cacheprovider", "--doctest-modules", "--import-mode=importlib", "-q")
    flags = ("-o", "doctest_optionflags=ELLIPSIS NORMALIZE_WHITESPACE")
    printed = run(python, "-m", "pytest", *options, *flags, site / "lossbook", cwd=tmp_path)
    passed = int(printed.strip().splitlines()[-1].split()[0])
    written = sum(
        (ROOT / n).read_text("utf-8").count(">>>") > 0 for n in package_files() if n.endswith(".py")
    )
    assert passed >= written > 10, printed
