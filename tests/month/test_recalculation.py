"""LibreOffice makes of the formulas what the workbook says that they come to."""

from __future__ import annotations

import re
import shutil
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.support.processes import finished
from tests.support.read_workbook import kopecks, read_workbook

if TYPE_CHECKING:
    from pathlib import Path

SOFFICE = shutil.which("soffice")
_ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>"""
_CACHED = re.compile(rb"(</f><v>)-?[\d.]+(</v>)")


@pytest.mark.skipif(SOFFICE is None, reason="no soffice on PATH; install Debian's libreoffice-calc")
def test_recalculated_totals_are_the_cached_ones(october: Path, tmp_path: Path) -> None:
    assert SOFFICE
    spoilt = _with_wrong_values(october, tmp_path / "spoilt.xlsx")
    profile = tmp_path / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_ALWAYS)
    command = [SOFFICE, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", "xlsx"]
    run = finished([*command, "--outdir", tmp_path / "out", spoilt])
    assert run.returncode == 0, run.stderr
    found, expected = read_workbook(tmp_path / "out" / "spoilt.xlsx"), read_workbook(october)
    compared = 0
    for title, sheet in expected.items():
        for place, formula in sheet.formulas.items():
            if not formula.startswith("HYPERLINK"):
                assert kopecks(found[title].cells[place]) == kopecks(sheet.cells[place]), (title, place, formula)
                compared += 1
            else:
                assert found[title].cells[place] == sheet.cells[place]
    assert compared > 60


def _with_wrong_values(path: Path, target: Path) -> Path:
    """Copy a workbook with cached values that cannot be right, so that only a recalculation brings the right ones."""
    with zipfile.ZipFile(path) as package, zipfile.ZipFile(target, "w") as copy:
        for name in package.namelist():
            copy.writestr(name, _CACHED.sub(rb"\g<1>987654.25\2", package.read(name)))
    assert b"987654.25" in zipfile.ZipFile(target).read("xl/worksheets/sheet1.xml")
    return target
