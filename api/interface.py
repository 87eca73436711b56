"""The front door of `api`: only its routes, which the project includes by name."""
