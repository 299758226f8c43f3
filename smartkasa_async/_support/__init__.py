"""What any module may use: files, spreadsheets, secrets, text of others, extras."""
