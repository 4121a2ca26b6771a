import pytest


@pytest.fixture
def partition(run, tmp_path):
    """partition(data set, *options, into="splits"): the directory of the lists."""

    def split(path, *options, into="splits", **kwargs):
        directory = tmp_path / into
        run("partition", "-q", "--no-sync", "-o", directory, *options, path, **kwargs)
        return directory

    return split
