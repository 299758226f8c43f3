"""The pipe of a call: pacing, sending, judging, sending again."""
