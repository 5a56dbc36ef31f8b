"""The standard itself: chapters, clauses and dated parameters, as people read and rules use them."""
