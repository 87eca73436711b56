"""Turning what editors made into documents."""
