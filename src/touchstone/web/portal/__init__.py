"""The customer's own pages: apply, follow, answer, withdraw, complain, rate, his data.

Made for telephones and without need of JavaScript; they say only what customers are told.
"""

LARGE_TYPE = "type"
"""The cookie that keeps big type: for readers who want it, on whatever page."""
