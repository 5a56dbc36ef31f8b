"""Forms: what they show, what may be submitted, and how a page's answer becomes values. Pure.

``Form`` judges values by JSON Schema; ``fields`` say what is shown; ``parse`` reads what a browser
sends; ``form_problems`` says what is wrong with a form of a pack.
"""

from touchstone.kernel.forms.fields import Field, FileRule, Option, Section
from touchstone.kernel.forms.form import Form, feel_type, to_feel
from touchstone.kernel.forms.lint import form_problems
from touchstone.kernel.forms.posting import Parsed, parse

__all__ = [
    "Field",
    "FileRule",
    "Form",
    "Option",
    "Parsed",
    "Section",
    "feel_type",
    "form_problems",
    "parse",
    "to_feel",
]
