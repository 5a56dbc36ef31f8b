"""Components, design tokens and the wording of both languages; knows no page and no act."""
