"""What one text and one evaluation may cost at most. Every limit of the language stands here.

A text may come from a stranger's model, and an evaluation runs inside a request. Each limit is far above
what rules written by people need, and together they keep the worst text below a few seconds and a few
hundred megabytes.
"""

MAX_LENGTH = 65_536
"""Characters of a text: a decision's logic longer than this cannot be reviewed by anybody."""

MAX_DEPTH = 60
"""Nesting of expressions: keeps reading, building and running within Python's own stack."""

MAX_NODES = 20_000
"""Parts of one text, counted with those that are read twice: keeps reading linear in practice."""

MAX_STEPS = 1_000_000
"""Parts evaluated again by iterations, calls and built-ins over long values: about two seconds."""

MAX_CALLS = 40
"""Functions calling functions: a recursion deeper than this would meet Python's own stack."""

MAX_RANGE = 100_000
"""Numbers or days that a range walks through: the list is made before the first turn."""

MAX_TEXT = 1_000_000
"""Characters of one string: doubling a string in a loop would otherwise fill the memory in thirty turns."""

MAX_WEIGHT = 1_000_000
"""Values inside one list or context, counted as often as they appear: a list holding one list twice,
and so on, is small in memory and endless to write out."""

MAX_NESTING = 100
"""Lists inside lists: what leaves FEEL is written out by code that calls itself."""

MAX_PATTERN = 2_000
"""Characters of a regular expression."""

MAX_REPEAT = 10_000
"""Parts of a regular expression with every count written out (``(a{9}){9}`` has 81): the library makes
them before it begins."""

PATTERN_SECONDS = 0.5
"""Time that all regular expressions of one evaluation may take: backtracking is exponential."""
