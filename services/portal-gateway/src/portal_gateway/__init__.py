"""The gateway: what people and programs talk to. It composes and formats; it decides no business rule."""
