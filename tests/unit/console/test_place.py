"""The data folder as the console sees it."""

from contextlib import suppress
from pathlib import Path

from services.console.place import Place


def _refused(folder: Path, *files: str) -> None:
    with suppress(ZeroDivisionError), Place(folder).held(print):
        for name in files:
            (folder / name).touch()
        raise ZeroDivisionError


def test_a_refused_start_leaves_no_folder_behind(tmp_path: Path) -> None:
    _refused(tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_what_was_there_or_came_stays(tmp_path: Path) -> None:
    _refused(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["lock"]
    _refused(tmp_path / "new", "leermix.log")
    assert (tmp_path / "new" / "leermix.log").exists()
