"""Taking a file of SQL apart into its statements, where PostgreSQL is not to run them as one."""

import re

TOKEN = re.compile(
    r"""
    (?P<comment> --[^\n]* | /\* )
  | (?P<text> \b[eE]'(?:[^'\\]|''|\\.)*' | '(?:[^']|'')*' | "(?:[^"]|"")*" )
  | (?P<dollar> (?<![\w$]) \$(?:[^\W\d]\w*)?\$ )
  | (?P<end> ; )
    """,
    re.VERBOSE | re.DOTALL,
)


def split(sql: str) -> list[str]:
    """The statements without their semicolons; what is only space and comments is left out."""
    statements: list[str] = []
    start = at = 0
    empty = True
    while (token := TOKEN.search(sql, at)) is not None:
        empty = empty and not sql[at : token.start()].strip()
        at = token.end()
        if token["comment"] == "/*":
            at = _after_comment(sql, at)
        elif token["dollar"]:
            closing = sql.find(token["dollar"], at)
            at = len(sql) if closing < 0 else closing + len(token["dollar"])
            empty = False
        elif token["text"]:
            empty = False
        elif token["end"]:
            if not empty:
                statements.append(sql[start : token.start()].strip())
            start, empty = at, True
    if not empty or sql[at:].strip():
        statements.append(sql[start:].strip())
    return statements


def _after_comment(sql: str, at: int) -> int:
    """Where a block comment ends whose opening is behind: PostgreSQL's nest."""
    depth = 1
    for mark in re.finditer(r"/\*|\*/", sql[at:]):
        depth += 1 if mark[0] == "/*" else -1
        if depth == 0:
            return at + mark.end()
    return len(sql)
