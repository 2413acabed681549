"""Evidence that leaves the place: archives that it signs and that another machine verifies without Townsquare."""
