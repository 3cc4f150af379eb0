"""spaCy behind a few functions: suggestions for a person to look at, never decisions.

Imported late and, by the app, only in a process of its own: loading spaCy costs more time and memory than
everything else together.
"""
