"""What is taught: the lessons, and the model that reads, checks, runs and releases them."""
