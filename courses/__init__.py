"""What is taught: the lessons, and the model that reads, checks, runs and releases them."""

import sys

# jsonschema, which nbformat imports, builds a grammar of all web addresses (a second each start) where this package is
# installed, for a format that no notebook schema asks it to check. It does without it where it is not there.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
