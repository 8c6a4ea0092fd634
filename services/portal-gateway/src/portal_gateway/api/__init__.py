"""The JSON API under /api/v1: typed by pydantic models, the source of validation and of OpenAPI."""
