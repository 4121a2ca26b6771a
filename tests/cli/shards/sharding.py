"""A run in shards, as a job array makes it: every shard is a process of its own."""

import resource


def part_of(output, number, count, kind="pcapng"):
    stem = output.name.split(".pcapng")[0]
    return output.parent / f"{stem}.{number}-of-{count}.{kind}"


def run_shards(run, count, output, *command, order=None, check=True, kind="pcapng"):
    """Runs all shards of `command`, and returns the paths of their parts."""
    for number in order if order is not None else range(count):
        run(*command, "-q", "--no-sync", "-o", output, "--shard", f"{number}/{count}", check=check)
    return [part_of(output, number, count, kind) for number in range(count)]


def limit_open_files(soft, hard=None):
    """What a process does before it starts."""
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard or soft))


def merge(run, output, parts, *options, **kwargs):
    return run("merge", "-q", "--no-sync", "-f", "-o", output, *options, *parts, **kwargs)
