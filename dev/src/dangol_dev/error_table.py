"""Writes docs/errors.md from the error codes: `python -m dangol_dev.error_table`."""

from pathlib import Path

from dangol_service_kit.errors import Code
from dangol_service_kit.query_codes import QueryCode

_DOCUMENT = """# Errors

Every refusal carries a google.rpc.Status whose ErrorInfo has domain "dangol" and one of these
reasons. Reasons are stable: programs may rely on them, while texts may change. Bad input names each
field at fault (BadRequest), and where waiting helps, RetryInfo says how long. The gateway puts the
reason into `extensions.code`.

{table}
The gateway has some of its own, for queries that were not run:

{query_table}"""


def error_table() -> str:
    """The codes as a Markdown table, one line each, in the order of the enum."""
    lines = ["| Reason | gRPC status | Meaning |", "| --- | --- | --- |"]
    lines += [f"| {code.value} | {code.status.name} | {code.meaning} |" for code in Code]
    return "\n".join(lines) + "\n"


def document() -> str:
    """The page."""
    return _DOCUMENT.format(table=error_table(), query_table=query_table())


def query_table() -> str:
    """The gateway's own codes in the same way."""
    lines = ["| Reason | Meaning |", "| --- | --- |"]
    lines += [f"| {code.value} | {code.meaning} |" for code in QueryCode]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path("docs/errors.md").write_text(document())
