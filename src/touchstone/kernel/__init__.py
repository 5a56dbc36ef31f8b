"""The pure floor of the house: time, text, refusals, canonical bytes, expressions, ports.

Nothing here knows Django, a database, a clock on the wall or chance: both are handed in.
"""
