"""The rules of asking and answering. Knows no AWS."""
