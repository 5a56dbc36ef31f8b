"""Limits: how much a customer, product or person may take up, and what is taken up of it now.

The one part of ``decisions`` with tables; the others run in bare Python and never import it.
"""
