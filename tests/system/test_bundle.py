"""Keys and bundles on the admin's machine; the signatures by an independent implementation."""

import zipfile
from pathlib import Path

import pytest
from groundswell import ed25519, release, reporter

from failure import Failure
from system import bundle
from system.micropython import ROOT
from tests.shared.slices import result_of


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    place = tmp_path / "tree"
    for path, content in {
        "firmware/__init__.py": "",
        "firmware/groundswell/reporter.py": "FIRMWARE = (1, 2, 3)\n",
        "firmware/models/small.tflite": "model",
        "firmware/virtual/board.py": "not for devices",
        "firmware/launch.py": "never updated",
        "firmware/notes.txt": "not for devices",
        "other/module.py": "not firmware",
    }.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(content)
    return place


def test_a_bundle_holds_what_belongs_on_a_device_and_comes_back(tree: Path) -> None:
    key = a_key(tree)
    made = bundle.build(tree, "esp32", (1, 0, 0), key)
    bundle.save(made, tree / "bundle.zip")

    assert made.head == release.Head("esp32", (1, 2, 3), (1, 0, 0))
    assert [entry.path for entry, _ in made.files] == [
        "firmware/__init__.py",
        "firmware/groundswell/reporter.py",
        "firmware/models/small.tflite",
    ]
    assert bundle.load(tree / "bundle.zip") == made


def test_a_node_believes_what_cryptography_signed_and_nothing_else(tree: Path) -> None:
    key = a_key(tree)
    made = bundle.build(tree, "esp32", (1, 0, 0), key)
    announced = release.decode_announcement(made.announcement)
    public, signed = bundle.public_key(key), release.signed_bytes(announced.manifest_sha256)

    assert result_of(ed25519.verification(public, announced.signature, signed)) is True
    for number in range(20):
        message = bytes([number]) * number
        assert result_of(ed25519.verification(public, key.sign(message), message)) is True
        assert result_of(ed25519.verification(public, key.sign(message), message + b"x")) is False


def test_a_key_is_for_its_owner_and_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    public = bundle.new_key(path, "secret")

    assert path.stat().st_mode & 0o777 == 0o600
    assert bundle.public_key(bundle.read_key(path, "secret")).hex() == public
    for wrong in (None, "other"):
        with pytest.raises(Failure, match="no key that can be read"):
            bundle.read_key(path, wrong)
    with pytest.raises(Failure, match="never written over"):
        bundle.new_key(path, None)


def test_spoilt_bundles_are_refused_before_anything_is_sent(tree: Path, tmp_path: Path) -> None:
    made = bundle.build(tree, "esp32", (1, 0, 0), a_key(tree))
    members = {entry.path: content for entry, content in made.files}
    members |= {"announcement": made.announcement, "manifest": made.manifest}
    last = made.files[-1][0].path
    for name, content in (
        (last, b"modem"),
        (last, None),
        ("manifest", made.manifest + b"x"),
        ("manifest", None),
        ("announcement", made.announcement[:-1]),
        ("announcement", None),
    ):
        spoilt = tmp_path / "spoilt.zip"
        with zipfile.ZipFile(spoilt, "w") as archive:
            for other, whole in (members | {name: content}).items():
                if whole is not None:
                    archive.writestr(other, whole)
        with pytest.raises(Failure, match="no bundle"):
            bundle.load(spoilt)
    (tmp_path / "text").write_text("no zip")
    for path in (tmp_path / "text", tmp_path / "none"):
        with pytest.raises(Failure, match="no bundle"):
            bundle.load(path)


def test_a_tree_without_firmware_or_version_is_one_clear_line(tmp_path: Path, tree: Path) -> None:
    key = a_key(tmp_path)
    with pytest.raises(Failure, match="no firmware/ with modules"):
        bundle.build(tmp_path, "esp32", (0, 0, 0), key)
    (tree / "firmware/groundswell/reporter.py").rename(tree / "firmware/groundswell/reporter.mpy")
    with pytest.raises(Failure, match="--version, please"):
        bundle.build(tree, "esp32", (0, 0, 0), key)
    assert bundle.build(tree, "esp32", (0, 0, 0), key, (9, 0, 0)).head.version == (9, 0, 0)


def test_our_own_firmware_fits_and_says_its_version(tmp_path: Path) -> None:
    made = bundle.build(ROOT, "esp32", (0, 0, 0), a_key(tmp_path))

    assert made.head.version == reporter.FIRMWARE
    assert {"firmware/update/updater.py", "firmware/groundswell/wire.py"} <= {
        entry.path for entry, _ in made.files
    }


def a_key(folder: Path) -> bundle.Ed25519PrivateKey:
    path = folder / "test-key.pem"
    if not path.exists():
        bundle.new_key(path, None)
    return bundle.read_key(path, None)
