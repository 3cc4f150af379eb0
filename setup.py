"""Puts the demo study and the codebooks, which lie at the top of a checkout, into the built package."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SHIPPED = ("data/demo", "data/port", "codebooks")


class BuildWithMaterial(build_py):
    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            for name in SHIPPED:
                shutil.copytree(name, Path(self.build_lib) / "workbench/_shipped" / name, dirs_exist_ok=True)


setup(cmdclass={"build_py": BuildWithMaterial})
