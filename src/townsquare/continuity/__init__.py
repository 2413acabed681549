"""What people take with them when they go, and bring along when they come."""
