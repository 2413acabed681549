"""Coming in: an account of one's own, signing in, and letting an app in."""
