"""labelcap.pyi, the module, and the signatures in its texts say the same."""

import ast
import inspect
import re

import pytest

from module_fixtures import labelcap  # noqa: F401 (fixtures)


@pytest.fixture
def stubs(repo):
    return ast.parse((repo / "src/python/labelcap.pyi").read_text()).body


def names_of(body):
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.AnnAssign):
            yield node.target.id


def public(names):
    return {name for name in names if not name.startswith("_")}


def parameters_of(arguments):
    positional = [a.arg for a in arguments.posonlyargs + arguments.args if a.arg != "self"]
    return positional, [a.arg for a in arguments.kwonlyargs]


def parameters_in_text(function):
    parameters = inspect.signature(function).parameters.values()
    keyword = [p.name for p in parameters if p.kind == p.KEYWORD_ONLY]
    return [p.name for p in parameters if p.name not in keyword and p.name != "self"], keyword


def test_names(labelcap, stubs):
    assert public(names_of(stubs)) == public(dir(labelcap))
    assert labelcap.__version__
    for node in stubs:
        if isinstance(node, ast.ClassDef) and not issubclass(getattr(labelcap, node.name),
                                                            BaseException):
            assert public(names_of(node.body)) == public(dir(getattr(labelcap, node.name)))


def test_parameters(labelcap, stubs):
    functions = [(getattr(labelcap, node.name), node) for node in stubs
                 if isinstance(node, ast.FunctionDef)]
    dataset = next(node for node in stubs if getattr(node, "name", "") == "Dataset")
    functions += [(getattr(labelcap.Dataset, node.name), node) for node in dataset.body
                  if isinstance(node, ast.FunctionDef) and node.name in ("arrays",)]
    assert len(functions) > 10
    for function, node in functions:
        assert parameters_in_text(function) == parameters_of(node.args), node.name


def test_arguments_that_texts_speak_of(labelcap):
    """Texts that functions share explain arguments that the function has."""
    for name in public(dir(labelcap)):
        function = getattr(labelcap, name)
        if not inspect.isbuiltin(function):
            continue
        arguments = set(sum(parameters_in_text(function), []))
        said = re.findall("(pcapml_times is|With nanoseconds|linktype, such|threads 0|memory is)",
                          function.__doc__)
        assert {re.search("[a-z_]{5,}", words)[0] for words in said} <= arguments, name


def test_every_argument_is_taken(labelcap):
    """An argument of a wrong type is named; one that is unknown would be, too."""
    functions = {name for name in public(dir(labelcap)) if inspect.isbuiltin(getattr(labelcap, name))}
    for name in functions - {"sampler"}:
        function = getattr(labelcap, name)
        positional, keyword = parameters_in_text(function)
        for argument in keyword:
            with pytest.raises((TypeError, ValueError, labelcap.Error)) as caught:
                function(*["missing"] * min(2, len(positional)), **{argument: Unusable()})
            assert f"'{argument}'" in str(caught.value) or isinstance(caught.value, Unusual), name


class Unusual(ValueError):
    pass


class Unusable:
    """Neither a text nor a number, and without truth."""

    def __bool__(self):
        raise Unusual("no truth")
