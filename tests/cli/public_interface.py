"""What programs that were built with the library rely on, as text: prototypes, values of
enumerators and macros, sizes of structs and where their members lie.

python3 tests/cli/public_interface.py > tests/api/interface.txt   writes the list anew.
A released version leaves a copy of the list, interface-VERSION.txt.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
INCLUDE = REPO / "include"


def declarations(header):
    """The text of a header without comments, attributes and directives, and its directives."""
    text = re.sub(r"/\*.*?\*/", "", header.read_text(), flags=re.S)
    macros = re.findall(r"^#define (LCAP_\w+)[ \t]+([^\n]+)$", text, re.M)
    text = re.sub(r"^[ \t]*#(?:.*\\\n)*.*$", "", text, flags=re.M)
    return text, [(name, value) for name, value in macros if "__attribute__" not in value]


def squeeze(text):
    return re.sub(r"\s+", " ", text).strip()


def members(body):
    """The names of a struct's members, which may be arrays, pointers or several of one type."""
    body = re.sub(r"\{[^{}]*\}", "", body)
    for declaration in body.split(";"):
        names = declaration.split(",")
        for name in names if squeeze(declaration) else []:
            yield re.search(r"(\w+)\s*(?:\[[^\]]*\]\s*)*$", name)[1]


def inner_blocks(text):
    """Bodies of structs in which only unions without a tag may be nested."""
    return re.findall(r"\bstruct (lcap_\w+) \{((?:[^{}]|\{[^{}]*\})*)\}", text)


def enumerators(text):
    for body in re.findall(r"\benum (?:lcap_\w+ )?\{([^{}]*)\}", text):
        yield from re.findall(r"\b(LCAP_\w+)\b(?=\s*(?:=[^,]*)?(?:,|$))", body)


def header_lines(header):
    """Lines of C that print what has to be compiled, and lines that are text already."""
    text, macros = declarations(header)
    for name in enumerators(text):
        yield f'    printf("{name} %lld\\n", (long long){name});'
    for name, value in macros:
        if not value.startswith('"'):
            yield f'    printf("{name} %lld\\n", (long long){name});'
    for name, body in inner_blocks(text):
        yield f'    printf("struct {name}: %zu bytes\\n", sizeof(struct {name}));'
        for member in members(body):
            place = f"offsetof(struct {name}, {member})"
            size = f"sizeof(((struct {name} *)0)->{member})"
            yield f'    printf("    {member} at %zu, %zu bytes\\n", {place}, {size});'
    prototypes = re.findall(r"\btypedef [^;{}]*;|\bLCAP_API\b[^;]*;", text)
    for prototype in prototypes:
        prototype = re.sub(r"LCAP_(API|MUST_USE|PRINTF\([^)]*\)) ?", "", squeeze(prototype))
        yield f'    puts("{prototype.replace(" ;", ";")}");'


def describe():
    """The whole list; with the compiler's own layout, so of the platform that runs it."""
    program = ["#include <stddef.h>", "#include <stdio.h>"]
    headers = sorted((INCLUDE / "labelcap").glob("*.h"))
    program += [f"#include <labelcap/{header.name}>" for header in headers]
    program.append("int main(void)\n{")
    for header in headers:
        program.append(f'    puts("## labelcap/{header.name}");')
        program += header_lines(header)
    program.append("    return 0;\n}")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "describe.c"
        source.write_text("\n".join(program) + "\n")
        binary = source.with_suffix("")
        subprocess.run(["cc", "-std=c11", f"-I{INCLUDE}", source, "-o", binary], check=True)
        return subprocess.run([binary], check=True, capture_output=True, text=True).stdout


def sized_structs(text):
    """Of the list, the structs that begin with their size: that size, and where each member is."""
    structs = {}
    for name, size, body in re.findall(r"^struct (\w+): (\d+) bytes\n((?: .*\n)*)", text, re.M):
        places = re.findall(r"^ +(\w+) at (\d+), (\d+) bytes$", body, re.M)
        members = {member: (int(at), int(bytes)) for member, at, bytes in places}
        if members.get("size") == (0, 8):
            structs[name] = int(size), members
    return structs


def functions(text):
    """The functions of the list."""
    return set(re.findall(r"\b(lcap_\w+)\(", re.sub(r"^typedef.*$", "", text, flags=re.M)))


if __name__ == "__main__":
    sys.stdout.write(describe())
