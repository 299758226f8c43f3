"""Helpers for any module: files, locks, spreadsheets, clocks, networks, phone numbers, extras."""
