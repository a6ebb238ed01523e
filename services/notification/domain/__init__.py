"""The rules of telling people: who hears of what, in which words. Knows no AWS."""
