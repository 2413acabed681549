"""What one does: write, answer, change, echo, follow, mute, report."""
