"""What a teacher runs: classes, assignments, grading, feedback."""

import courses  # noqa: F401  first: it makes what nbformat imports cheaper
