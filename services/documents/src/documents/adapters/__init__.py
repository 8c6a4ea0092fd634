"""The documents service's way to the outside: tables, storage, the mail server, the render process."""
