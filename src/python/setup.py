"""Packs the module, which make has built, as a wheel; see `make wheel`."""

import os

from setuptools import Distribution, setup


class Built(Distribution):
    """With a compiled module, so that the wheel is for one kind of system."""

    def has_ext_modules(self):
        return True


setup(
    name="labelcap",
    version=os.environ["LABELCAP_VERSION"],
    description="Labelled packet captures for machine learning",
    license="Apache-2.0",
    license_files=["LICENSE"],
    packages=["labelcap"],
    package_data={"labelcap": ["*.so", "*.pyi", "py.typed", "libs/*"]},
    py_modules=["pcapML"],
    distclass=Built,
)
