"""What any module may use: files, locks, spreadsheets, clocks, networks, phone numbers, extras."""
