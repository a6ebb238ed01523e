"""One folder per capability. They never import each other."""
