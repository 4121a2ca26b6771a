"""score: held to scikit-learn, and without it to plain Python."""

import csv
import json
import math
import random
from collections import Counter

import pytest

from surroundings import texts_of

MISSING = "(missing)"
# Above 2^53, where doubles would merge neighbours.
FIRST_ID = 2**63


def write(path, header, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows] if header else rows)
    return path


@pytest.fixture
def score(run, tmp_path):
    """score(truth, predictions, *options): the JSON; both are lists of rows."""

    def score_rows(truth, predictions, *options):
        columns = ["sample_id", "label", "probability"]
        done = run("score", "--json", *options, "--truth",
                   write(tmp_path / "answers.csv", ["sample_id", "metadata"], truth),
                   write(tmp_path / "predictions.csv", columns[: len(predictions[0])], predictions))
        assert done.stderr == ""
        return json.loads(done.stdout)

    return score_rows


def guesses(seed, labels=("web", "mail", "a,b", "größe", 'with "quotes"'), count=500):
    """Answers, and predictions of all of them with probabilities, in another order."""
    chance = random.Random(seed)
    truth = [(FIRST_ID + n, chance.choice(labels)) for n in range(count)]
    predictions = [(n, label if chance.random() < 0.7 else chance.choice([*labels, "other"]),
                    chance.choice([chance.random(), round(chance.random(), 1)]))
                   for n, label in truth]
    chance.shuffle(predictions)
    return truth, predictions


def columns_of(truth, predictions):
    """The labels of both, sample by sample; MISSING without a prediction."""
    predicted = {row[0]: row[1] for row in predictions}
    return [label for _, label in truth], [predicted.get(n, MISSING) for n, _ in truth]


def close(number):
    return pytest.approx(number, rel=1e-12, abs=1e-12)


def zero(number):
    return 0 if number is None else number


def check_with_sklearn(found, truth, predictions):
    metrics = pytest.importorskip("sklearn.metrics", reason="python3-sklearn is not installed")
    y_true, y_pred = columns_of(truth, predictions)
    labels = sorted(set(y_true + y_pred) - {MISSING}, key=str.encode)
    assert found["accuracy"] == close(metrics.accuracy_score(y_true, y_pred))
    assert found["mcc"] == close(metrics.matthews_corrcoef(y_true, y_pred))
    recalls = metrics.recall_score(y_true, y_pred, labels=sorted(set(y_true)), average=None)
    assert found["balanced_accuracy"] == close(recalls.mean())
    for average in ("macro", "weighted"):
        wanted = metrics.precision_recall_fscore_support(y_true, y_pred, labels=labels,
                                                         average=average, zero_division=0)
        assert [found[average][name] for name in ("precision", "recall", "f1")] == [
            close(value) for value in wanted[:3]]
    assert [label["label"] for label in found["labels"]] == labels
    wanted = metrics.precision_recall_fscore_support(y_true, y_pred, labels=labels, zero_division=0)
    for number, label in enumerate(found["labels"]):
        assert [zero(label[name]) for name in ("precision", "recall", "f1")] == [
            close(column[number]) for column in wanted[:3]]
        assert label["samples"] == wanted[3][number]
    matrix = metrics.confusion_matrix(y_true, y_pred, labels=labels)
    cells = {(cell["truth"], cell["predicted"]): cell["samples"] for cell in found["confusion"]}
    assert cells == {(a, b): matrix[i][j] for i, a in enumerate(labels)
                     for j, b in enumerate(labels) if matrix[i][j]}


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
@pytest.mark.parametrize("seed", range(5))
def test_figures_are_those_of_scikit_learn(score, seed):
    truth, predictions = guesses(seed)
    found = score(truth, predictions)
    check_with_sklearn(found, truth, predictions)
    metrics = pytest.importorskip("sklearn.metrics", reason="python3-sklearn is not installed")
    assert found["balanced_accuracy"] == close(
        metrics.balanced_accuracy_score(*columns_of(truth, predictions)))


@pytest.mark.parametrize("seed", range(5))
def test_samples_without_a_prediction_are_a_label_of_their_own_for_scikit_learn(score, seed):
    truth, predictions = guesses(seed)
    predictions = predictions[:350] + [(5, "unheard of", 0.5), (6, "web", 0.5)]
    found = score(truth, predictions, "--allow-missing")
    assert (found["samples"], found["missing"], found["unknown"]) == (500, 150, 2)
    assert texts_of(found["findings"]) == [
        "150 samples without a prediction, counted as wrong",
        "2 predictions of samples that are not in the truth, ignored"]
    check_with_sklearn(found, truth, predictions[:350])


@pytest.mark.parametrize("seed", range(4))
def test_calibration_is_that_of_scikit_learn(score, seed):
    """Also of votes of ten trees, such as 0.1 + 0.2, which is a little above 0.3."""
    calibration = pytest.importorskip("sklearn.calibration",
                                      reason="python3-sklearn is not installed")
    truth, predictions = guesses(seed)
    if seed == 3:
        predictions = [(n, label, sum([0.1] * (n % 10))) for n, label, _ in predictions]
    found = score(truth, predictions)["calibration"]
    labels = dict(truth)
    right, means = calibration.calibration_curve(
        [labels[n] == label for n, label, _ in predictions], [row[2] for row in predictions],
        n_bins=10)
    filled = [row for row in found if row["samples"]]
    assert [row["accuracy"] for row in filled] == [close(value) for value in right]
    assert [row["probability"] for row in filled] == [close(value) for value in means]


def test_figures_are_those_of_plain_python(score):
    truth, predictions = guesses(7)
    predictions = predictions[:400]
    found = score(truth, predictions, "--allow-missing")
    y_true, y_pred = columns_of(truth, predictions)
    pairs = Counter(zip(y_true, y_pred))
    trues, tests = Counter(y_true), Counter(y_pred)
    correct = sum(count for (a, b), count in pairs.items() if a == b)
    assert found["correct"] == correct and found["accuracy"] == correct / 500
    assert found["balanced_accuracy"] == close(
        sum(pairs[label, label] / count for label, count in trues.items()) / len(trues))
    spread = [500**2 - sum(count**2 for count in side.values()) for side in (trues, tests)]
    both = 500 * correct - sum(count * tests[label] for label, count in trues.items())
    assert found["mcc"] == close(both / math.sqrt(math.prod(spread)))
    for label in found["labels"]:
        name = label["label"]
        assert (label["samples"], label["predicted"], label["correct"], label["missing"]) == (
            trues[name], tests[name], pairs[name, name], pairs[name, MISSING])
        assert label["precision"] == pairs[name, name] / tests[name]
    for average, weights in (("macro", dict.fromkeys([*trues, "other"], 1)), ("weighted", trues)):
        for measure in ("precision", "recall", "f1"):
            wanted = sum(zero(label[measure]) * weights[label["label"]] for label in found["labels"]
                         if label["label"] in weights)
            assert found[average][measure] == close(wanted / sum(weights.values()))


def test_calibration_is_that_of_plain_python(score):
    predictions = [(n, "web", text) for n, text in enumerate(
        ["0", "0.1", ".1000001", "1e-1", "0.3", "0.7", "1", "1.0", "0.95"])]
    found = score([(n, "web" if n % 2 else "mail") for n in range(9)], predictions)["calibration"]
    assert [(row["samples"], row["accuracy"]) for row in found] == [
        (3, 2 / 3), (1, 0), (1, 0), (0, None), (0, None), (0, None), (1, 1), (0, None), (0, None),
        (3, 1 / 3)]
    assert found[9]["probability"] == close(2.95 / 3)
    assert [(row["above"], row["to"]) for row in found] == [(n / 10, (n + 1) / 10)
                                                            for n in range(10)]


def test_one_label_has_no_correlation(score):
    found = score([(1, "web"), (2, "web")], [(1, "web"), (2, "web")])
    assert found["mcc"] == 0 and found["accuracy"] == 1 and found["calibration"] == []


def test_labels_that_are_all_wrong(score):
    found = score([(1, "a"), (2, "b")], [(1, "b"), (2, "a")])
    assert found["mcc"] == -1 and found["macro"]["f1"] == 0


def test_measures_without_samples_are_not_defined(score):
    labels = score([(1, "a"), (2, "b")], [(1, "c"), (2, "b")])["labels"]
    assert [(row["precision"], row["recall"], row["f1"]) for row in labels] == [
        (None, 0, 0), (1, 1, 1), (0, None, 0)]


@pytest.mark.parametrize("header", ["", "sample_id,label\n", "sampleID,metadata\n", "SAMPLEID,Label\r\n",
                                    "\ufeffsample_id,label\n"])
def test_headers(run, tmp_path, header):
    (tmp_path / "answers.csv").write_text(header + "1,web\n2,mail\n", encoding="utf-8", newline="")
    done = run("score", "--json", "--truth", tmp_path / "answers.csv", "-",
               input=header + "2,mail\n1,web")
    assert json.loads(done.stdout)["correct"] == 2
    assert json.loads(done.stdout)["predictions_file"] == "standard input"


def test_neighbouring_ids_stay_apart(score):
    ids = [2**64 - 1, 2**64 - 2, 2**53, 2**53 + 1, 0]
    rows = [(number, f"label {place}") for place, number in enumerate(ids)]
    assert score(rows, rows[::-1])["correct"] == 5


def test_text_for_people(run, tmp_path):
    answers = write(tmp_path / "answers.csv", None, [(1, "web"), (2, "mail"), (3, "mail")])
    text = run("score", "--truth", answers, "-", input="1,web\n2,web\n3,mail\n").stdout
    assert "Accuracy                      66.7 %\n" in text
    assert "Matthews correlation          0.500\n" in text
    assert "Calibration" not in text


ANSWERS = "sample_id,label\n1,web\n\n2,mail\n"


@pytest.mark.parametrize(("answers", "predictions", "error"), [
    (ANSWERS, "1,web\n2,mail\n1,web\n",
     "P:3:1: expected each sampleID once, found 1 also in line 1"),
    ("1,web\n# again\n1,mail\n", "1,web\n", "A:3:1: expected each sampleID once, found 1 also in line 1"),
    (ANSWERS, "1,web\n3,web\n",
     "P:2:1: expected a sample of A, found sampleID 3 (--allow-missing ignores such lines)"),
    (ANSWERS, "1,web\n", "P: expected a prediction for every sample of A, found none for 1 of 2 "
     "samples, first for sampleID 2 of line 4 (--list scores one list only, --allow-missing counts them as wrong)"),
    (ANSWERS, "", "P: expected a prediction for every sample of A, found none for 2 of 2 "
     "samples, first for sampleID 1 of line 2 (--list scores one list only, --allow-missing counts them as wrong)"),
    ("", "1,web\n", "A: expected lines of sample_id,label, found none"),
    ("sample_id,label\n", "1,web\n", "A: expected lines of sample_id,label, found none"),
    (ANSWERS, "1,\n", "P:1:3: expected a label, found ''"),
    ("1,\n", "", "A:1:3: expected a label, found ''"),
    (ANSWERS, "1,web\nx2,mail\n", "P:2:1: expected a sampleID, found 'x2'"),
    (ANSWERS, "1.0,web\n", "P:1:1: expected a sampleID, found '1.0'"),
    (ANSWERS, "18446744073709551616,web\n", "P:1:1: expected a sampleID, found '18446744073709551616'"),
    (ANSWERS, "1,web\nsample_id,label\n", "P:2:1: expected a sampleID, found 'sample_id'"),
    (ANSWERS, ",sample_id,label\n0,1,web\n", "P:1:1: expected a sampleID, found ''"),
    (ANSWERS, "sample_id,class\n1,web\n",
     "P:1:11: expected the column 'label' or 'metadata', found 'class'"),
    (ANSWERS, "sample_id,label,score\n1,web,1\n",
     "P:1:17: expected the column 'probability', found 'score'"),
    (ANSWERS, "1;web\n", "P:1:1: expected 2 or 3 columns (sample_id,label,probability), found 1; "
     "columns are separated by commas, not by semicolons"),
    (ANSWERS, "1,web,1\n2,mail\n", "P:2:1: expected 3 columns (sample_id,label,probability), found 2"),
    (ANSWERS, "1,web\n2,mail,1\n", "P:2:1: expected 2 columns (sample_id,label), found 3"),
    ("1,web,1\n", "1,web\n", "A:1:1: expected 2 columns (sample_id,label), found 3"),
    *((ANSWERS, f"1,web,{text}\n", f"P:1:7: expected a probability from 0 to 1, found '{text}'")
      for text in ("1.01", "-0.1", "nan", "inf", "", "0x1", " 1", "0.5e", "1e999", "high")),
    (ANSWERS, '1,"web\n', "P:1:3: the quote opened here is never closed"),
])
def test_errors_name_the_line(run, tmp_path, answers, predictions, error):
    paths = tmp_path / "answers.csv", tmp_path / "predictions.csv"
    for path, text in zip(paths, (answers, predictions)):
        path.write_text(text, newline="")
    done = run("score", "--truth", *paths, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    told = done.stderr.replace(str(paths[0]), "A").replace(str(paths[1]), "P")
    assert told == f"labelcap score: {error}\n"


def test_missing_and_repeated_lines_stay_apart(run, tmp_path):
    """What --allow-missing ignores must not stand there twice either."""
    answers = write(tmp_path / "answers.csv", None, [(1, "web")])
    done = run("score", "--allow-missing", "--truth", answers, "-", check=False,
               input="1,web\n9,web\n9,web\n")
    assert "standard input:3:1: expected each sampleID once, found 9 also in line 2" in done.stderr


def test_no_prediction_at_all_is_all_wrong(run, tmp_path):
    answers = write(tmp_path / "answers.csv", None, [(1, "web"), (2, "mail")])
    found = json.loads(run("score", "--json", "--allow-missing", "--truth", answers, "/dev/null").stdout)
    assert (found["accuracy"], found["mcc"], found["missing"]) == (0, 0, 2)


def test_usage(run, tmp_path):
    answers = write(tmp_path / "answers.csv", None, [(1, "web")])
    for arguments, error in (
        ([answers], "--truth"),
        (["--truth", "-", "-"], "only one of --truth and PREDICTIONS can be standard input"),
        (["--truth", answers], "PREDICTIONS"),
    ):
        done = run("score", *arguments, check=False)
        assert done.returncode == 2 and error in done.stderr
    done = run("score", "--truth", tmp_path / "none.csv", answers, check=False)
    assert done.returncode == 1 and "none.csv: cannot open" in done.stderr


SAMPLES = ("sample_id,metadata,split,packets\n1,web,train,3\n2,mail,test,1\n3,web,test,2\n")


def test_the_truth_of_a_published_set(run, tmp_path):
    (tmp_path / "samples.csv").write_text(SAMPLES)
    (tmp_path / "p.csv").write_text("2,mail\n3,mail\n")
    done = run("score", "--json", "--truth", tmp_path / "samples.csv", "--list", "test", tmp_path / "p.csv")
    report = json.loads(done.stdout)
    assert (report["samples"], report["accuracy"]) == (2, 0.5)
    (tmp_path / "p.csv").write_text("1,web\n2,mail\n3,mail\n")
    done = run("score", "--json", "--truth", tmp_path / "samples.csv", tmp_path / "p.csv")
    assert json.loads(done.stdout)["samples"] == 3


@pytest.mark.parametrize("samples, options, words", [
    (SAMPLES, ["--list", "challenge"], "of the split challenge, found none"),
    ("sample_id,metadata,packets\n1,web,3\n", ["--list", "test"], "expected a column 'split'"),
    (SAMPLES + "4,web,test\n", [], ":5:1: expected as many columns as in the header, found 3"),
])
def test_no_truth_of_a_published_set(run, tmp_path, samples, options, words):
    (tmp_path / "samples.csv").write_text(samples)
    (tmp_path / "p.csv").write_text("1,web\n")
    done = run("score", "--truth", tmp_path / "samples.csv", *options, tmp_path / "p.csv", check=False)
    assert done.returncode == 1 and words in done.stderr
