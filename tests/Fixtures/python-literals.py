"""Writes python-literals.jsonl: what ast.literal_eval makes of texts. Run as: python3 python-literals.py (3.11)."""

import ast
import json
import pathlib
import warnings

warnings.simplefilter("ignore")


def describe(value):
    """A value as a pair of its kind and what is in it."""
    if isinstance(value, str):
        return ["text", value]
    if isinstance(value, bool) or value is None:
        return ["name", repr(value)]
    if isinstance(value, int):
        return ["whole", str(value)]
    if isinstance(value, float):
        return ["float", repr(value)]
    if isinstance(value, (list, tuple)):
        return [type(value).__name__, [describe(item) for item in value]]
    if isinstance(value, dict):
        return ["dict", [[describe(key), describe(item)] for key, item in value.items()]]
    return ["other", type(value).__name__]


TEXTS = [
    # Names.
    "True", "False", "None", "true", "null", "nan", "inf", "None1", "True False", "(True)", "[None, True]", "x", "_",
    "...", "NotImplemented", "print", "None.x", "True and False", "not True", "Trué",
    # Whole numbers.
    "0", "00", "0_0", "0_7", "007", "7", "-7", "+7", "--7", "- 7", "-+7", "1_000", "1__000", "1_", "_1", "1_000_000",
    "123456789012345678901234567890", "-(7)", "-((7))", "-(-7)", "+(7)", "-(7,)", "-[7]", "-True", "-None", "~7",
    "-'7'", "0x1f", "0XFF", "0x_ff", "0x", "0xg", "0x1_", "0x1__2", "0b101", "0B1", "0b", "0b2", "0b_1", "0o17", "0O7",
    "0o8", "0o_7", "017", "0o", "7L", "7l", "1 2", "1 + 2", "1 - 2", "1*2", "2**3", "\uff17", "\u0667", "7\u0667",
    "9" * 4300, "9" * 4301, "1" + "0" * 40, "0x" + "f" * 40, "1if 1else 2", "(7)", "((7))", "( 7 )", "7,", "7, 8",
    "7 ,8,", ",", "7,,", "7;", ";", "7:", "7 # seven", "# seven\n7", "7 # seven\n", "7 #", "#", "",
    # Floats.
    "1.5", "1.", ".5", ".", "1..2", "1.5.2", "1e5", "1E5", "1e+5", "1e-5", "1e", "1e+", "1.e5", ".5e1", "01.5", "01e1",
    "1_0.0_1", "1_0.0_1e1_0", "1_.5", "1._5", "1.5_", "1e_5", "1e5_", "1e400", "-1e400", "1e-400", "0.1", "-0.0",
    "123456789.123456789", "-.5", "-1.5", "+1.5", "- 1.5", "-(1.5)", "1.5f", "1,5", "0.0", "-0",
    "1j", "1+2j", "1-2j", "-1+2j", "1.5j", "2j+1", "1 + 2j + 3j", "0x1j",
    # Texts.
    "'a'", '"a"', "''", '""', "'a", "a'", "'a\"", "'a\"b'", "\"a'b\"", "'a' 'b'", "'a''b'", "'a'\"b\"", "'a'\n'b'",
    "('a'\n'b')", "['a' 'b', 'c']", "'a' 1", "'a'b'", "'a\nb'", "'a\\\nb'", "'a\\\n", "'''a'''", "'''a\nb'''",
    '"""a"b""c"""', "'''a'b''c'''", "'''a", "'''a''", "''''a'''", "'''a''''", "''''''", "'''a\\'''", "'''a\\''''''",
    "'\\n\\t\\r\\a\\b\\f\\v\\\\\\'\\\"'", "'\\x41'", "'\\x4'", "'\\xg0'", "'\\x'", "'\\u0041'", "'\\u004'", "'\\u'",
    "'\\U0001F642'", "'\\U00110000'", "'\\UFFFFFFFF'", "'\\U0000'", "'\\101'", "'\\0'", "'\\7a'", "'\\777'", "'\\400'",
    "'\\8'", "'\\q'", "'\\ '", "'\\'", "'\\\\'", "'\\\\\\'", "r'\\n'", "R'\\n'", "r'\\'", "r'\\''", "r'\\\\'",
    "r'''a\\\nb'''", "r'\\\n'", "r'\\x4'", "u'a'", "U'a'", "u'\\u00e9'", "ur'a'", "ru'a'", "f'a'", "F'{1}'", "b'a'",
    "B'a'", "rb'a'", "bR'a'", "b'\u00e9'", "'a' b'b'", "b'a' b'b'", "u 'a'", "r'a' 'b\\n'", "'a'r'\\n'", "'\u00e9'",
    "'\U0001f642'", "'\u00a0'", "'\t'", "'\x0c'", "'\x0b'", "'\x7f'", "'\u2028'", "'a\rb'", "'''a\rb'''",
    "'''a\r\nb'''", "'a\\\r\nb'", "'\x00'", "'a'\x00", "\x00", "\u2018a\u2019", "`a`", "'a'.upper()", "'a' % 1",
    "'a' + 'b'", "'a' * 2", "x'a'", "_'a'", "'%s'", "'{}'", "'#'", "'a' # b", "'a' # 'b", "\"it's\"", "'it\\'s'",
    # Lists and tuples.
    "[]", "[ ]", "[1]", "[1,]", "[1, 2]", "[1,2,]", "[,]", "[1,,2]", "[1 2]", "[1", "1]", "[1)", "(1]", "[[]]",
    "[[1], [2, [3]]]", "[1\n,\n2\n]", "[\n\n1\n]", "[ # one\n1, # two\n2 # three\n]", "[1, #", "()", "( )", "(,)",
    "(1,)", "(1, )", "(1, # one\n)", "(1 # one\n)", "(1, 2)", "((1,))", "((), [])", "('a', 'b')", "'a', 'b'",
    "'a', ['b']", "[1], [2]", "(1), (2)", "['I\\'m', \"you're\"]", "[*[1]]", "[1 for x in y]", "[1:2]", "[1][0]",
    "[-1, +2, -3.5]", "[- 1]", "[-\n1]", "['a',\n 'b']", "[\"a\", 'b', '''c''']", "['3/4', 'Both A and B', '$63,020']",
    "['\u00a31', '\u221e', '\u4e2d']", "list()", "[None]", "[...]",
    # Dictionaries and sets.
    "{}", "{ }", "{1: 2}", "{1: 2,}", "{1:2, 3:4}", "{1}", "{1, 2}", "{1,}", "set()", "set([])", "{,}", "{:}", "{1:}",
    "{1 2}", "{1: 2 3: 4}", "{1: 2", "{'a': 1, 'a': 2}", "{1: 'a', True: 'b'}", "{1: 'a', 1.0: 'b'}", "{0: 1, -0.0: 2}",
    "{'a': {'b': [1]}}", "{[1]: 2}", "{(1,): 2}", "{([],): 2}", "{{}: 1}", "{(1, 'a'): 2, (1.0, 'a'): 3}",
    "{None: 1, False: 2, 0: 3}", "{'pred': 'yes', 'score': 4}", "{'pred': 'no', 'score': 4.8}",
    "{\"pred\": \"yes\", \"score\": 5}", "{'pred': yes, 'score': 4}", "{'pred': 'yes', 'score': 4}.",
    "```{'pred': 'yes', 'score': 4}```", "{'pred': 'yes', 'score': '4'}", "{'pred': 'yes'\n, 'score': 4\n}",
    "{pred: 'yes'}", "{'score': 4/5}", "{**{}}", "{'a': 1, **{}}", "{1: 2}, {3: 4}", "dict()", "{'a' 'b': 1}",
    "{'a': 'b' 'c'}", "{'a': }", "{'a'; 1}", "{'score': 04}", "{'score': 4,'pred':'yes',}",
    # White space.
    " 1", "\t1", "  1  ", "1\n", "1\n\n", "\n1", "\n\n1", " \n1", "\n 1", "\n\t1", "1\n ", "1\n 2", "1\n2", "1\n  # two",
    "1\n  # two\n", "1\n\t\n", "\x0c1", "1\x0c", "\x0b1", "1\x0b", "\u00a01", "1\u00a0", "[1,\u00a02]", "\u20031",
    "\u20281", "\ufeff1", "1\ufeff", "\u200b1", "[1,\t2]", "[1,\x0c2]", "[1,\x0b2]", "1\r", "1\r\n", "\r\n1", "[1,\r2]",
    "[1,\r\n2]", "\\\n1", "1\\\n", "[1, \\\n2]", "[1, \\ \n2]", "1 \\\n, 2", "'a' \\\n'b'", "1\\", "\\", "-\\\n1", "-\n1",
    "(-\n1)", "1\x1c", "\x1f1", "1\n#", "\n", " ", "\n# a\n# b\n1", "  # a\n1", " # a\n 1", "1,\n", "1,\n2", "\x0c 1",
    " \x0c1", "1 ", "1\t\n", "\n\x0c1", "1\n\x0c", "1\n\\\n", "1 \\\n ", "\n\n# a\n 1",
    # Nesting.
    *("[" * depth + "]" * depth for depth in (50, 90, 150, 199, 200, 201)),
    *("(" * depth + "1" + ")" * depth for depth in (50, 90, 199, 200, 201)),
    *("{1:" * depth + "1" + "}" * depth for depth in (50, 90, 199, 200, 201)),
    "-" + "(" * 50 + "1" + ")" * 50, "[" * 1000,
]

with open(pathlib.Path(__file__).with_suffix(".jsonl"), "w", encoding="ascii") as table:
    for text in dict.fromkeys(TEXTS):
        try:
            value = describe(ast.literal_eval(text))
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            value = None
        table.write(json.dumps({"text": text, "value": value}) + "\n")
