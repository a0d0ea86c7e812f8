"""How code is run: forks of a warm parent, behind walls where the code is not ours. It knows no lesson or mark."""
