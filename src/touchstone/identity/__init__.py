"""The organisation: units, people, the posts they hold, who stands in for whom, and who may do what."""
