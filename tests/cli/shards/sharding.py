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


def report_of(done, command, output, report):
    """The text and the JSON of a run, which are those of `label` in one process."""
    text = done.stderr.replace(f"labelcap {command}:", "").replace(str(output), "OUTPUT")
    return done.returncode, text, report.read_text()


def same_as_one_process(run, tmp_path, rules, inputs, counts, *options, name="out.pcapng", jobs=()):
    """`jobs`: the options of those that come before the shards label. The last but one proves where
    shards begin, so it takes them in order."""
    one, report = tmp_path / ("one-" + name), tmp_path / "report.json"
    command = ["label", "-L", rules, *options, *inputs]
    whole = run(*command, "--no-sync", "-f", "-o", one, "--stats-json", report, check=False)
    told = report_of(whole, "label", one, report)
    for count in counts:
        output = tmp_path / f"{count}-{name}"
        for number, job in enumerate(jobs):
            run_shards(run, count, output, *command, job,
                       order=range(count) if number == len(jobs) - 2 else reversed(range(count)))
        parts = run_shards(run, count, output, *command, order=reversed(range(count)), check=False)
        done = run("merge", "--no-sync", "-f", "-o", output, "--stats-json", report, *parts,
                   check=False)
        assert report_of(done, "merge", output, report) == told, count
        assert output.read_bytes() == one.read_bytes(), count
    return told
