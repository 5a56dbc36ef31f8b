"""Standard packs: read, lint, lock, plan and apply content; serve what is in force.

A pack is data: no code of a pack ever runs. What a kind of content means is its owner's business.
"""
