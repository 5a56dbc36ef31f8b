"""Forms in pages: a form with what was typed and what is wrong with it, ready for the templates."""
