"""The front door of `cms`."""
