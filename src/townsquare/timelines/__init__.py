"""What people read: home, public, tag and list feeds, notifications, search."""
