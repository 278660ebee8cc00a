"""A report on a migration, from what an inventory printed: as JSON, Markdown, HTML, and for the terminal."""
