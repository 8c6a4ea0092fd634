"""Where the rules meet the database, Markdown and pictures."""
