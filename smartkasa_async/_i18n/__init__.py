"""Texts that people read, in English and Ukrainian, and what may be shown of texts of others and of secrets."""
