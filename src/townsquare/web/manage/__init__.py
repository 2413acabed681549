"""The pages of those who run the place, under /manage. Each names the permission that it takes."""
