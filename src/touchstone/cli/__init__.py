"""The ``touchstone`` command: parses words, calls one function, prints one answer."""
