"""Files that prove something: looked into before they are taken, encrypted at rest, shown on record.

A file is addressed by the sha256 of its bytes and belongs to a subject of the vault, whose key seals
the file's own key and name; where the subject is erased, the file can never be read again.
"""
